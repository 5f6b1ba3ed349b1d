"""A page as a part of an open document: what the file tells, under ids and headings of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest

from factories import make_run
from html_page import Node, parsed
from reports import SESSIONS, by_hand, session
from resnet_bench.report import Page, page_of
from resnet_bench.report.html import fragment, html
from resnet_bench.results.run import Run

# Every test reads the same markup, which takes a while to make.
WHOLE = page_of(make_run(runs=8), verbose=True, drawn=True)


def within(*markups: str) -> Node:
    return parsed(f"<!doctype html>\n<main>{''.join(markups)}</main>")


def ids(root: Node) -> list[str]:
    return [str(one.attributes["id"]) for one in root.everything() if "id" in one.attributes]


def words(root: Node, name: str) -> list[str]:
    return [one.text() for one in root.all(name)]


def test_it_tells_what_the_file_tells() -> None:
    part, file = within(fragment(WHOLE, "a")), parsed(html((WHOLE,)))
    for name in ("caption", "td", "figcaption", "li"):
        assert words(part, name) == words(file, name)
    assert {*WHOLE.headline, WHOLE.verdict} <= {one.text() for one in part.everything()}


def test_it_has_nothing_of_a_documents_own() -> None:
    root = within(fragment(WHOLE, "a"))
    assert not [one for name in ("html", "head", "body", "title", "style", "noscript") for one in root.all(name)]
    assert {one.attributes.get("type") for one in root.all("script")} == {"application/json"}
    assert not [one for one in root.everything() if {"style", "onclick", "src"} & one.attributes.keys()]


def test_two_in_one_document_share_no_id_and_each_link_leads_into_its_own() -> None:
    root = within(fragment(WHOLE, "a"), fragment(WHOLE, "b"))
    found = ids(root)
    assert len(found) == len(set(found))
    for article, key in zip(root.all("article"), ("a", "b"), strict=True):
        links = {str(one.attributes["href"]).removeprefix("#") for one in article.all("a")}
        assert len(links) == len(WHOLE.sections)
        assert links <= {one for one in ids(article) if one.startswith(f"{key}-")}
        assert article.attributes["aria-labelledby"] == key


@pytest.mark.parametrize("level", [2, 3])
def test_headings_begin_where_the_document_around_it_wants_them(level: int) -> None:
    root = within(fragment(WHOLE, "a", level))
    levels = [int(one.name[1]) for one in root.everything() if re.fullmatch("h[1-6]", one.name)]
    assert levels[0] == level
    assert min(levels[1:]) > level
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("made", SESSIONS.values(), ids=SESSIONS)
def test_a_session_of_little_becomes_one(made: Callable[[], Run]) -> None:
    page = page_of(made(), verbose=True, drawn=True)
    assert words(within(fragment(page, "a")), "caption") == words(parsed(html((page,))), "caption")


def test_a_page_of_one_section_has_no_list_of_its_sections_and_one_without_verdict_none() -> None:
    root = within(fragment(Page("test", ("a page", "and what it is"), WHOLE.sections[:1]), "a"))
    assert not root.all("nav")
    assert "Verdict" not in root.text()


def test_hostile_names_stay_names() -> None:
    hostile = "</script><img src=x onerror=alert(1)>"
    run = session(by_hand("local", image=hostile, engine=hostile), by_hand("remote", image=hostile, engine=hostile))
    root = within(fragment(page_of(run, verbose=True, drawn=True), "a"))
    assert not root.all("img")
    assert hostile in root.text()
