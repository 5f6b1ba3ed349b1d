"""Fragments of the report in a page that is open: their figures come, go, hide and are shown, in Chromium."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from browsers import Opened, Opener
from resnet_bench.report import Page
from resnet_bench.report.figure import Figure
from resnet_bench.report.html import fragment, scripts
from resnet_bench.report.page import Section

pytestmark = pytest.mark.browser

Opens = Callable[[], Opened]
BACKGROUND = "getComputedStyle(document.querySelector('#there .main-svg')).backgroundColor"
DARK = "rgb(15, 19, 24)"
PLOTLY = "(() => { const s = document.createElement('script'); s.src = 'plotly.js'; document.head.append(s); })()"
# Ids of the figures in the order in which they are drawn, from now on.
WATCH = """(() => {
  const react = Plotly.react;
  window.drawings = [];
  Plotly.react = (place, ...rest) => { drawings.push(place.closest('figure').id); return react(place, ...rest); };
})()"""


def bars(name: str) -> Figure:
    return Figure(name, f"{name}: one.", ({"type": "bar", "x": ["a"], "y": [1], "meta": {"color": "local"}},), {})


def made(key: str, *names: str) -> str:
    return fragment(Page("test", (key,), (Section("Plots", figures=tuple(map(bars, names))),)), key)


def put(page: Opened, place: str, markup: str) -> None:
    page.js(f"document.getElementById('{place}').innerHTML = {json.dumps(markup)}")
    page.js("document.dispatchEvent(new Event('resnet-bench:figures'))")


@pytest.fixture
def open_page(opening: Opener, tmp_path: Path) -> Opens:
    """With two places, of which the second is hidden, and without Plotly.js."""
    style = resources.files("resnet_bench.report.html").joinpath("page.css").read_text(encoding="utf-8")
    body = "<h1>open</h1><h2>two places</h2><div id='here'></div><div id='there' hidden></div>"
    head = f"<meta charset='utf-8'><title>open</title><style>{style}</style><script defer src='figures.js'></script>"
    (tmp_path / "page.html").write_text(f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>")
    (tmp_path / "figures.js").write_text(scripts.own(), encoding="utf-8")
    (tmp_path / "plotly.js").write_text(scripts.library(), encoding="utf-8")
    return lambda: opening(tmp_path / "page.html")


def with_plotly(page: Opened) -> Opened:
    page.js(PLOTLY)
    page.until("!!window.Plotly")
    page.js(WATCH)
    return page


def drawings(page: Opened) -> Any:
    return page.js("drawings.splice(0)")


def test_figures_that_come_are_drawn_and_those_that_go_are_forgotten(open_page: Opens) -> None:
    page = with_plotly(open_page())
    put(page, "here", made("a", "one", "two"))
    assert drawings(page) == ["a-figure-1", "a-figure-2"]
    page.js("window.old = document.querySelector('#a-figure-1 .plot')")
    assert page.js("!!old._fullLayout")
    page.js("document.getElementById('a-figure-1').remove()")
    page.js(f"document.getElementById('here').insertAdjacentHTML('beforeend', {json.dumps(made('b', 'three'))})")
    page.js("document.dispatchEvent(new Event('resnet-bench:figures'))")
    assert drawings(page) == ["b-figure-1"], "what stands there already is left alone"
    assert not page.js("!!old._fullLayout")
    page.page.emulate_media(color_scheme="dark")
    page.until("drawings.length === 2")
    assert drawings(page) == ["a-figure-2", "b-figure-1"]
    assert page.complaints == []


def test_a_hidden_figure_is_drawn_once_it_is_shown_as_wide_as_its_place(open_page: Opens) -> None:
    page = with_plotly(open_page())
    put(page, "there", made("a", "one"))
    assert drawings(page) == []
    page.js("document.getElementById('there').hidden = false")
    page.until("drawings.length === 1")
    width = page.js("document.querySelector('.plot').clientWidth")
    assert width > 300
    assert page.js("document.querySelector('.main-svg').getBoundingClientRect().width") == width
    page.js("document.getElementById('there').hidden = true")
    page.page.emulate_media(color_scheme="dark")
    page.page.set_viewport_size({"width": 400, "height": 900})
    page.js("document.getElementById('there').hidden = false")
    page.until(f"{BACKGROUND} === '{DARK}'")
    page.until("document.querySelector('.main-svg').getBoundingClientRect().width < 400")
    assert page.complaints == []


def test_figures_wait_in_words_for_a_library_that_comes_late(open_page: Opens) -> None:
    page = open_page()
    put(page, "here", made("a", "one"))
    put(page, "here", made("b", "one"))
    assert page.page.locator(".description").bounding_box()["height"] > 15
    page.page.emulate_media(color_scheme="dark")
    with_plotly(page)
    put(page, "there", "")
    assert drawings(page) == ["b-figure-1"]
    assert page.complaints == []
