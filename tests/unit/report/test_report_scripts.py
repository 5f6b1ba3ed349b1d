"""What may run in a report: exactly the scripts that are in it; and how texts get past Plotly.js's own markup."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_run
from html_page import Node, parsed
from resnet_bench.report import metrics_page, page_of
from resnet_bench.report.figure import Figure
from resnet_bench.report.html import html
from resnet_bench.report.html.markup import raw
from resnet_bench.report.html.plots import data
from resnet_bench.report.html.scripts import library, own
from resnet_bench.report.page import Page


def report(page: Page) -> tuple[str, Node]:
    text = html((page,))
    return text, parsed(text)


def policy(root: Node) -> dict[str, list[str]]:
    (meta,) = (one for one in root.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy")
    rules = (rule.split() for rule in str(meta.attributes["content"]).split(";"))
    return {name: values for name, *values in rules}


def figure(**trace: Any) -> Figure:
    return Figure("a title", "in words", (trace,), {})


def test_the_policy_allows_exactly_the_scripts_that_are_in_the_file() -> None:
    text, root = report(page_of(make_run(runs=8), drawn=True))
    running = [one.source() for one in root.all("script") if "type" not in one.attributes]
    hashes = [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in running]
    assert running == [library(), own()]
    rules = policy(root)
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == [f"'sha256-{each}'" for each in hashes]
    assert "connect-src" not in rules
    # The hash is of the text as a browser reads it, which turns CR LF into LF.
    assert "\r" not in text


def test_the_policy_stands_before_everything_that_it_is_for() -> None:
    text, _ = report(page_of(make_run(runs=8), drawn=True))
    assert text.index("Content-Security-Policy") < min(text.index("<style"), text.index("<script"))
    assert text.encode().index(b'charset="utf-8"') < 1024


def test_a_page_without_figures_runs_nothing_and_carries_no_library() -> None:
    text, root = report(metrics_page(()))
    assert not root.all("script")
    assert not root.all("noscript")
    assert "script-src" not in policy(root)
    assert len(text) < 20_000


def test_who_runs_no_scripts_is_told_that_the_figures_are_there_all_the_same() -> None:
    _, root = report(page_of(make_run(runs=8), drawn=True))
    (words,) = root.all("noscript")
    assert "tables hold the figures" in words.text()


def test_each_figure_has_its_data_beside_it() -> None:
    page = page_of(make_run(runs=8), verbose=True, drawn=True)
    _, root = report(page)
    expected = [one for section in page.sections for one in section.figures]
    drawn = root.all("figure")
    assert len(drawn) == len(expected) > 0
    for node, one in zip(drawn, expected, strict=True):
        held = json.loads(node.all("script")[0].source())
        assert [trace["type"] for trace in held["traces"]] == [trace["type"] for trace in one.traces]
        assert [trace.get("x") for trace in held["traces"]] == [trace.get("x") for trace in one.traces]


@given(st.text(), st.text(max_size=5))
def test_any_text_is_data_that_cannot_leave_its_element(words: str, name: str) -> None:
    held = data(figure(name=words, text=[words], customdata=[[name, words]]))
    assert not re.search("[<>&\u2028\u2029]", held)
    (trace,) = json.loads(held)["traces"]
    assert trace["name"] == trace["text"][0] == trace["customdata"][0][1]


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
        ("&lt;", "&amp;lt;"),
        ("two\nlines", "two<br>lines"),
        ("\x1b[31m", "\N{REPLACEMENT CHARACTER}[31m"),
    ],
)
def test_a_text_is_not_plotlys_markup_but_a_template_is(words: str, written: str) -> None:
    (trace,) = json.loads(data(figure(name=words, hovertemplate="%{x}<br>")))["traces"]
    assert trace == {"name": written, "hovertemplate": "%{x}<br>"}


@pytest.mark.parametrize("text", ["a</script>b", "a</SCRIPT >", "</style>", "<!--"])
def test_a_script_that_would_end_before_its_end_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="would end it"):
        raw("script", text)
