"""The page is for everyone: by keyboard alone, by ear, on a phone, in the dark; and it asks no other host."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from browsers import DRAWN, Opener
from page_world import World
from visitors import Visitor, keep_result

pytestmark = pytest.mark.browser

PHONE = 360
FOCUSED = "document.activeElement.id || document.activeElement.dataset.sample || document.activeElement.className"
OUTLINED = "getComputedStyle(document.activeElement).outlineStyle !== 'none'"
INK, PAPER = "getComputedStyle(document.body).color", "getComputedStyle(document.body).backgroundColor"


@pytest.fixture
def answered(world: World) -> World:
    """Something to look at in both tabs."""
    world.classify()
    keep_result(world.folder)
    return world


@pytest.mark.parametrize(("scheme", "rules"), [("light", {}), ("dark", {"runOnly": ["color-contrast"]})])
def test_axe_finds_nothing_in_either_tab(
    visiting: Opener, answered: World, scheme: str, rules: dict[str, list[str]]
) -> None:
    # axe is put into the page by a script of its own, which the page's policy would not let in.
    visitor = Visitor(visiting(answered.url, scheme=scheme, bypass_csp=True))
    visitor.take("chelsea.png")
    visitor.classify(cold=True)
    visitor.until_done(2)
    visitor.hand("drop", Path(__file__))
    visitor.until("#chooser-problem", "neither a JPEG nor a PNG")
    visitor.opened.until(DRAWN)
    seen = [Axe().run(visitor.page, options=rules)]
    visitor.page.click("#tab-saved")
    visitor.page.click("button.result")
    visitor.until("#results-status", "Showing")
    seen.append(Axe().run(visitor.page, options=rules))
    assert [found.violations_count for found in seen] == [0, 0], "".join(found.generate_report() for found in seen)
    assert all(found.response["passes"] for found in seen), "something was looked at"


def test_a_phone_scrolls_in_one_direction_only(visiting: Opener, answered: World) -> None:
    visitor = Visitor(visiting(answered.url, width=PHONE, has_touch=True))
    for step in (
        lambda: visitor.take("chelsea.png"),
        lambda: (visitor.classify(), visitor.until_done(2), visitor.opened.until(DRAWN)),
        lambda: (visitor.page.click("#tab-saved"), visitor.page.click("button.result")),
        lambda: visitor.until("#results-status", "Showing"),
    ):
        step()
        assert visitor.opened.js("document.documentElement.scrollWidth") == PHONE


def test_the_dark_has_colours_of_its_own(visiting: Opener, world: World) -> None:
    light, dark = (visiting(world.url, scheme=scheme, library=False) for scheme in ("light", "dark"))
    assert (light.js(INK), light.js(PAPER)) != (dark.js(INK), dark.js(PAPER))
    assert dark.js(PAPER) == "rgb(15, 19, 24)"


def test_everything_is_done_with_a_keyboard_alone(visitor: Visitor) -> None:
    press = visitor.page.keyboard.press
    press("Tab")
    assert visitor.opened.js(FOCUSED) == "skip"
    seen = []
    while "classify" not in seen:
        press("Tab")
        seen.append(visitor.opened.js(FOCUSED))
        outlined = visitor.opened.js(OUTLINED) or visitor.opened.js(
            "getComputedStyle(document.activeElement.labels?.[0] ?? document.body).outlineStyle !== 'none'"
        )
        assert outlined, f"one sees where one is: {seen[-1]}"
    assert seen == ["tab-classify", "file", "chelsea.png", "rocket.jpg", "cold", "classify"]
    for _ in range(3):
        press("Shift+Tab")
    press("Space")  # the first sample
    visitor.until("#preview-name", "chelsea.png")
    for _ in range(2):
        press("Tab")
    press("Space")
    press("Tab")
    press("Enter")
    visitor.until_done()
    assert visitor.text(".cold-start").startswith("Cold start: as asked")
    assert visitor.opened.js(FOCUSED) == "classify", "the focus is never taken away"


def test_the_tabs_answer_the_arrow_keys(visitor: Visitor) -> None:
    visitor.page.focus("#tab-classify")
    for key, tab in (("ArrowRight", "saved"), ("ArrowRight", "classify"), ("ArrowLeft", "saved"), ("Home", "classify")):
        visitor.page.keyboard.press(key)
        assert visitor.opened.js(FOCUSED) == f"tab-{tab}"
        assert visitor.page.locator(f"#panel-{tab}").is_visible()
        assert visitor.page.locator("[role=tabpanel]:visible").count() == 1
        assert visitor.page.locator("[role=tab][aria-selected=true]").get_attribute("id") == f"tab-{tab}"


def test_what_happens_is_announced_and_the_passing_seconds_are_not(visitor: Visitor) -> None:
    assert visitor.page.locator("#status").get_attribute("role") == "status"
    assert visitor.page.locator("#elapsed").evaluate("(e) => e.closest('[role=status], [aria-live]') === null")
    assert visitor.page.get_by_label("Force a cold start").count() == 1
    assert visitor.page.get_by_label("Choose a file").count() == 1


def test_without_scripts_the_page_says_what_it_needs(visiting: Opener, world: World) -> None:
    opened = visiting(world.url, scripts=False)
    assert "JavaScript" in opened.page.locator("noscript").inner_text()


def test_no_other_host_is_asked_for_anything(visiting: Opener, answered: World) -> None:
    visitor = Visitor(visiting(answered.url, library=False))
    visitor.take("chelsea.png")
    visitor.classify()
    visitor.until_done(2)
    visitor.page.click("#tab-saved")
    visitor.page.click("button.result")
    visitor.until("#results-status", "Showing")
    asked = {urlsplit(url)[:2] for url in visitor.opened.requests if not url.startswith(("blob:", "data:"))}
    assert asked == {urlsplit(answered.url)[:2]}
    assert visitor.opened.complaints == []
