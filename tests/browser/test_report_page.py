"""The HTML report in Chromium: it draws, answers the mouse, follows the theme, prints, and lets nothing else run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from browsers import Opened, Opener
from factories import make_failed, make_run, make_samples
from metric_series import make_series
from resnet_bench.report import Page, page_of, write_page_html
from resnet_bench.report.figure import Figure
from resnet_bench.report.page import Section

pytestmark = pytest.mark.browser

BACKGROUND = "getComputedStyle(document.querySelector('.main-svg')).backgroundColor"
DOT = "path.point"
HIDDEN = "document.querySelector('#figure-5 .legend .traces').style.opacity === '0.5'"
HOSTILE = "</script><img src=x onerror=alert(1)><b>&amp;"
LIGHT, DARK = "rgb(255, 255, 255)", "rgb(15, 19, 24)"


@pytest.fixture(scope="module")
def opened(opening: Opener, report: Path) -> Opened:
    """Read-only: the tests that change their page open one of their own."""
    return opening(report)


def fill(page: Opened, selector: str) -> list[str]:
    return [str(each) for each in page.js(f"[...document.querySelectorAll('{selector}')].map((e) => e.style.fill)")]


def drawn(tmp_path: Path, *figures: Figure) -> Path:
    page = Page("test", ("a page",), (Section("Figures", figures=figures),))
    write_page_html((page,), tmp_path / "figures.html")
    return tmp_path / "figures.html"


def test_it_opens_offline_without_a_complaint_and_asks_for_nothing(opened: Opened, report: Path) -> None:
    assert opened.complaints == []
    assert opened.requests == [report.as_uri()]


def test_every_figure_is_drawn_and_its_words_are_left_to_who_cannot_see_it(opened: Opened) -> None:
    count = opened.js("document.querySelectorAll('figure').length")
    assert count == 15
    assert opened.js("[...document.querySelectorAll('figure')].every((f) => f.querySelector('svg.main-svg'))")
    assert opened.js("[...document.querySelectorAll('.description')].every((d) => d.clientHeight <= 1)")


def test_every_call_is_a_dot(opened: Opened) -> None:
    assert opened.js(f"document.querySelector('#figure-1').querySelectorAll('.boxlayer {DOT}').length") == 24


def test_a_dot_tells_its_image_its_pair_and_its_time_where_one_points(opened: Opened) -> None:
    opened.page.locator(f"#figure-5 .scatterlayer {DOT}").first.hover(force=True)
    opened.page.wait_for_selector("#figure-5 .hoverlayer .hovertext")
    words = opened.page.locator("#figure-5 .hoverlayer").text_content()
    assert re.search(r"cat\.jpg, (pair|start|warm-up) \d+at 08:00:00", words)


def test_light_and_dark_differ_and_a_change_is_followed(opening: Opener, report: Path) -> None:
    page = opening(report, scheme="light")
    seen = [(page.js(BACKGROUND), fill(page, f".scatterlayer {DOT}")[0])]
    page.page.locator("#figure-5 .legendtoggle").first.click()
    page.until(HIDDEN)
    page.page.emulate_media(color_scheme="dark")
    page.until(f"{BACKGROUND} === '{DARK}'")
    seen.append((page.js(BACKGROUND), fill(page, f".scatterlayer {DOT}")[0]))
    (light, one), (dark, other) = seen
    assert (light, dark) == (LIGHT, DARK)
    assert one != other
    assert page.js(HIDDEN), "what the reader has switched off stays off"
    assert page.complaints == []


def test_it_prints_light_and_within_the_paper_also_from_a_dark_screen(opening: Opener, report: Path) -> None:
    page = opening(report, scheme="dark")
    widest = "Math.max(...[...document.querySelectorAll('.main-svg')].map((e) => e.getBoundingClientRect().width))"
    page.js(f"addEventListener('beforeprint', () => {{ window.seen = [{BACKGROUND}, {widest}]; }})")
    before = page.js(widest)
    assert page.page.pdf(format="A4").startswith(b"%PDF")
    background, width = page.js("window.seen")
    assert background == LIGHT
    assert width <= 720
    page.until(f"{BACKGROUND} === '{DARK}'")
    page.until(f"{widest} === {before}")


def test_a_narrow_screen_scrolls_in_one_direction_only(opening: Opener, report: Path) -> None:
    page = opening(report, width=390)
    assert page.js("document.documentElement.scrollWidth") == 390
    assert page.js("[...document.querySelectorAll('.plot')].every((p) => p.getBoundingClientRect().right <= 390)")


def test_without_scripts_the_words_and_tables_are_there(opening: Opener, report: Path) -> None:
    page = opening(report, scripts=False)
    assert page.page.locator("noscript p").is_visible()
    assert page.page.locator("#figure-1 .description").bounding_box()["height"] > 15
    assert page.page.locator("table").first.is_visible()


def test_no_other_script_runs(opening: Opener, report: Path) -> None:
    page = opening(report)
    page.js("const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)")
    assert page.js("window.ran") is None
    assert any("Content Security Policy" in each for each in page.complaints)


def test_hostile_names_stay_names(opening: Opener, tmp_path: Path) -> None:
    samples = tuple(replace(one, image=HOSTILE, engine=HOSTILE) for one in make_samples(runs=8, engines=("torch",)))
    metrics = (make_series(title=HOSTILE, label=HOSTILE), make_series(title=HOSTILE, label="p90"))
    path = tmp_path / "report.html"
    write_page_html((page_of(make_run(samples=samples), metrics=metrics, verbose=True, drawn=True),), path)
    page = opening(path)
    assert page.complaints == []
    assert page.js("document.images.length") == 0
    assert HOSTILE in page.js("[...document.querySelectorAll('.legendtext')].map((e) => e.textContent)")
    page.page.locator(f".scatterlayer {DOT}").last.hover(force=True)
    page.page.wait_for_selector(".hoverlayer .hovertext")
    assert page.complaints == []


def test_a_run_of_failures_alone_is_drawn(opening: Opener, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_page_html((page_of(make_run(samples=(make_failed("local"), make_failed())), drawn=True),), path)
    page = opening(path)
    assert page.js("document.querySelectorAll('figure').length") == 1
    assert page.complaints == []


def test_named_colours_reach_every_kind_of_trace(opening: Opener, tmp_path: Path) -> None:
    bars = {"type": "bar", "x": ["a", "b"], "y": [1, 2], "text": ["a", "b"], "meta": {"color": ["part1", "bad"]}}
    steps = {
        "type": "waterfall",
        "x": ["a", "b", "c"],
        "y": [3, -1, 2],
        "measure": ["relative", "relative", "total"],
        "meta": {"color": "local", "decreasing": "other", "totals": "remote"},
    }
    page = opening(drawn(tmp_path, Figure("bars", "two.", (bars,), {}), Figure("steps", "three.", (steps,), {})))
    names = page.js(
        "Object.fromEntries(['part1', 'bad', 'local', 'other'].map((n) => {"
        " const e = document.createElement('i'); e.style.color = `var(--${n})`; document.body.append(e);"
        " return [n, getComputedStyle(e).color]; }))"
    )
    assert fill(page, "#figure-1 .bars path") == [names["part1"], names["bad"]]
    black, white = "rgb(0, 0, 0)", "rgb(255, 255, 255)"
    assert fill(page, "#figure-1 .bartext") == [black, white], "words on a light bar and on a dark one"
    assert fill(page, "#figure-2 .bars path")[:2] == [names["local"], names["other"]]
    assert page.complaints == []


def test_a_figure_that_cannot_be_drawn_leaves_its_words_and_the_others(opening: Opener, tmp_path: Path) -> None:
    nothing: Any = None
    broken = Figure("broken", "what it says.", (nothing,), {})
    sound = Figure("sound", "two.", ({"type": "bar", "x": ["a"], "y": [1], "meta": {"color": "local"}},), {})
    path = drawn(tmp_path, broken, sound)
    page = opening(path, wait="document.querySelectorAll('figure.drawn').length === 1")
    assert page.page.locator("#figure-1 .description").bounding_box()["height"] > 15
    assert page.complaints


def test_no_button_of_a_plot_sends_it_anywhere(opening: Opener, report: Path) -> None:
    page = opening(report)
    titles = page.js("[...document.querySelectorAll('.modebar-btn')].map((one) => one.dataset.title || '')")
    assert any("Download" in title for title in titles)
    assert not [title for title in titles if "hare" in title or "cloud" in title.lower()]
