"""The page of ``serve`` in Chromium: from the photograph to both answers, X-Ray, and the session that is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from browsers import DRAWN, Opener
from page_world import CAT, ROCKET, World, page_world
from resnet_bench.errors import ConnectError
from resnet_bench.web.access import Access
from resnet_bench.web.bench import QUEUE_LENGTH
from visitors import Visitor

pytestmark = pytest.mark.browser


def test_two_samples_are_classified_and_everything_that_is_known_of_them_is_shown(
    visiting: Opener, world: World
) -> None:
    visitor = Visitor(visiting(world.url))
    visitor.take("chelsea.png")
    assert visitor.text("#preview-facts") == "451 x 300 pixels, 241 kB"
    visitor.classify()
    visitor.until_done()
    assert visitor.text("#asked-name") == "chelsea.png"
    assert visitor.texts(".side h3") == ["This machine", "Lambda"]
    assert [side.locator("rect").count() for side in visitor.page.locator(".side").all()] == [5, 5]
    assert "Both sides agree" in visitor.text(".agreement")
    assert visitor.text("#part-xray .count") == "Asked 1 of 10 times: complete."
    assert "Max Memory Used" in visitor.text("#part-call table")
    assert visitor.text("#elapsed") == "", "a time that is not measured is not left standing"
    visitor.take("rocket.jpg")
    visitor.classify()
    visitor.until_done(2)
    assert visitor.text("#asked-name") == "rocket.jpg"
    assert [line[:2] for line in visitor.history()] == [["2", "rocket.jpg"], ["1", "chelsea.png"]]
    visitor.opened.until(DRAWN)
    assert visitor.page.locator("#call-timeline .barlayer path").count()
    assert visitor.page.locator("#session-course-1 .scatterlayer path.point").count() == 4
    assert visitor.opened.complaints == []


@pytest.mark.parametrize("way", ["choose", "drop", "paste"])
def test_a_photograph_of_ones_own_goes_the_same_way(visitor: Visitor, world: World, way: str) -> None:
    if way == "choose":
        visitor.choose(ROCKET)
    else:
        visitor.hand(way, ROCKET)
    visitor.until("#preview-name", "rocket.jpg")
    visitor.classify()
    visitor.until_done()
    assert world.local.read == world.remote.read == [ROCKET.read_bytes()]


def test_where_to_drop_is_seen_while_something_is_dragged(visitor: Visitor) -> None:
    visitor.hand("dragover", ROCKET)
    assert visitor.text(".target") == "Drop the photograph here"
    visitor.hand("drop", ROCKET)
    assert visitor.text(".target") == ""


def test_what_is_dropped_on_the_saved_results_is_still_to_be_classified(visitor: Visitor) -> None:
    visitor.page.click("#tab-saved")
    visitor.hand("drop", CAT)
    visitor.until("#preview-name", "chelsea.png")


def test_while_the_lambda_takes_its_time_the_page_says_so_and_stays_usable(visitor: Visitor, world: World) -> None:
    world.remote.gate.clear()
    visitor.take("chelsea.png")
    visitor.classify(cold=True)
    visitor.until("#status", "classifying on Lambda, which starts anew")
    visitor.until("#elapsed", " s")
    assert visitor.text("#measuring").startswith("Nothing is drawn while the two sides are measured")
    assert visitor.page.locator("#classify").is_enabled()
    visitor.take("rocket.jpg")
    assert visitor.text("#asked-name") == "chelsea.png", "what is asked about stays what it was"
    world.remote.gate.set()
    visitor.until_done()
    assert visitor.text(".cold-start").startswith("Cold start: as asked, both sides were started anew.")
    assert "start included" in visitor.text(".side.remote .time")
    assert world.local.calls == world.remote.calls == ["cold", "chelsea.png"]


def test_an_x_ray_that_comes_late_is_counted_until_it_is_there(visiting: Opener, tmp_path: Path) -> None:
    with page_world(tmp_path, ask_every_s=0.3) as world:
        world.xray.ready = 3
        visitor = Visitor(visiting(world.url, library=False))
        visitor.take("chelsea.png")
        visitor.classify()
        visitor.until("#part-xray .count", "of 10 times; next in 5 s.")
        assert "not available" in visitor.text("#part-call table")
        visitor.until("#part-xray .count", "Asked 3 of 10 times: complete.")
        assert "not available" not in visitor.text("#part-call table")
        assert visitor.opened.complaints == []


def test_whoever_stands_in_a_part_that_is_renewed_stands_there_still(visiting: Opener, tmp_path: Path) -> None:
    with page_world(tmp_path, ask_every_s=0.5) as world:
        world.xray.ready = 2
        visitor = Visitor(visiting(world.url, library=False))
        visitor.take("chelsea.png")
        visitor.classify()
        visitor.until("#part-xray .count", "next in 5 s.")
        visitor.page.focus("#part-call .frame")
        visitor.until_done()
        assert visitor.opened.js("document.activeElement.matches('#part-call .frame')")


def test_a_lambda_that_is_gone_is_told_in_words_beside_the_other_sides_answer(visitor: Visitor, world: World) -> None:
    world.remote.fails = ConnectError("the connection was refused", "is the function still there?")
    visitor.take("chelsea.png")
    visitor.classify()
    visitor.until_done()
    assert "no answer from Lambda" in visitor.text(".agreement")
    assert visitor.text(".side.remote .failure") == "No answer: the connection was refused"
    assert visitor.text(".side.remote .hint") == "is the function still there?"
    assert visitor.page.locator(".side.local tbody tr").count() == 5
    assert "no answer" in visitor.history()[0]
    assert visitor.opened.complaints == []


def test_a_server_that_ends_is_missed_where_the_answer_was_to_come(visiting: Opener, tmp_path: Path) -> None:
    with page_world(tmp_path, ask_every_s=60.0) as world:
        world.xray.ready = 2
        visitor = Visitor(visiting(world.url, library=False))
        visitor.take("chelsea.png")
        visitor.classify()
        visitor.until("#part-xray .count", "next in")
        world.server.close()
        visitor.until("#answer-problem", "The server does not answer.")
        assert "Both sides agree" in visitor.text(".agreement"), "what has come stays"
        visitor.page.click("#classify")
        visitor.until("#chooser-problem", "Is resnet-bench serve still running?")


def test_a_server_that_was_started_anew_is_told_from_one_that_is_gone(visitor: Visitor) -> None:
    visitor.page.route("**/events", lambda route: route.fulfill(status=404))
    visitor.take("chelsea.png")
    visitor.classify()
    visitor.until("#answer-problem", "it was started anew")
    assert visitor.text("#measuring") == visitor.text("#elapsed") == ""


def test_whoever_has_lost_the_token_is_told_where_to_find_it(visiting: Opener, tmp_path: Path) -> None:
    with page_world(tmp_path, access=Access("127.0.0.1", "a token of the test")) as world:
        visitor = Visitor(visiting(world.server.url, library=False))
        visitor.take("chelsea.png")
        visitor.page.context.clear_cookies()
        visitor.page.click("#classify")
        visitor.until("#chooser-problem", "Open the address that resnet-bench serve printed")


def test_two_tabs_wait_for_each_other_and_see_each_others_answers(visiting: Opener, world: World) -> None:
    one, other = (Visitor(visiting(world.url, library=False)) for _ in range(2))
    world.local.gate.clear()
    world.remote.gate.clear()
    one.take("chelsea.png")
    one.classify()
    one.until("#status", "classifying on")
    other.take("rocket.jpg")
    other.classify()
    other.until("#status", "waiting: 1 classification before this one")
    world.local.gate.set()
    world.remote.gate.set()
    one.until("#status", "done")
    other.until_done(2)
    assert (one.text("#asked-name"), other.text("#asked-name")) == ("chelsea.png", "rocket.jpg")
    one.opened.js("document.dispatchEvent(new Event('visibilitychange'))")
    one.until_done(2)
    assert one.history() == other.history()


def test_too_many_at_once_are_refused_with_how_long_to_wait(visitor: Visitor, world: World) -> None:
    world.local.gate.clear()
    world.remote.gate.clear()
    with world.client() as client:
        for _ in range(QUEUE_LENGTH + 1):
            headers = {"content-type": "image/png", "prefer": "respond-async"}
            assert client.post("/classify", content=CAT.read_bytes(), headers=headers).status_code == 202
        visitor.take("chelsea.png")
        visitor.page.click("#classify")
        visitor.until("#chooser-problem", "Try again in 5 s.")
    assert visitor.text("#empty"), "nothing is asked about"


def test_where_a_cold_start_cannot_be_forced_the_reason_stands_in_its_place(visiting: Opener, tmp_path: Path) -> None:
    with page_world(tmp_path, forces_cold=False) as world:
        visitor = Visitor(visiting(world.url, library=False))
        assert "cold start cannot be forced here" in visitor.text("#chooser")
        visitor.take("chelsea.png")
        visitor.page.click("#classify")
        visitor.until_done()
