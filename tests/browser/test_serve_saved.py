"""The session is saved, found again among the results, and opened with the figures of a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from browsers import DRAWN, Opener
from factories import make_run, make_samples
from page_world import World
from resnet_bench.results.files import ResultWriter
from resnet_bench.results.records import Failed
from resnet_bench.results.versions import read_run
from visitors import Visitor, keep_result

pytestmark = pytest.mark.browser
_IDS_USED_TWICE = """[...document.querySelectorAll('[id]')].map((one) => one.id)
    .filter((id, place, all) => all.indexOf(id) !== place)"""


def test_a_session_is_saved_and_opened_like_any_other_result(visiting: Opener, world: World) -> None:
    keep_result(world.folder)
    visitor = Visitor(visiting(world.url))
    assert visitor.text("#session-actions") == "", "there is nothing to save yet"
    visitor.take("chelsea.png")
    visitor.classify()
    visitor.until_done()
    visitor.page.click("#save")
    visitor.until("#saved", "-serve.json")
    visitor.page.click("#tab-saved")
    visitor.until("#results")
    assert sorted(visitor.texts("button.result strong")) == ["remote", "serve"]
    for command in ("remote", "serve"):
        visitor.page.locator("button.result", has_text=command).first.click()
        visitor.until("#results-status", f"{command}.json")
        visitor.until("#report h3", f"resnet-bench {command}")
        visitor.opened.until(f"{DRAWN} && document.querySelectorAll('#report figure').length > 0")
        assert visitor.opened.js("location.hash") == ""
        assert visitor.opened.js(_IDS_USED_TWICE) == []
    assert visitor.opened.complaints == []
    visitor.page.click("#close")
    assert visitor.text("#opened") == ""
    assert visitor.opened.js("document.activeElement.textContent.includes('serve')"), "back where one came from"


def test_of_two_results_opened_at_once_the_last_one_stays(visitor: Visitor, world: World) -> None:
    keep_result(world.folder)
    keep_result(world.folder)
    visitor.page.click("#tab-saved")
    visitor.until("button.result")
    visitor.opened.js("document.querySelectorAll('button.result').forEach((each) => each.click())")
    last = visitor.texts("button.result .file")[-1]
    visitor.until("#results-status", f"Showing {last}")
    assert visitor.text("#opened-title") == last
    assert visitor.page.locator("#report article").is_visible()


def test_the_session_is_downloaded_as_a_result_file(visitor: Visitor, world: World) -> None:
    world.classify()
    visitor.opened.js("document.dispatchEvent(new Event('visibilitychange'))")
    visitor.until_history(1)
    with visitor.page.expect_download() as download:
        visitor.page.click("text=Download as a result file")
    run = read_run(json.loads(Path(download.value.path()).read_bytes()), "session.json")
    assert run.settings.command == "serve"
    assert len(run.samples) == 2


def test_what_another_program_saves_meanwhile_is_there_when_the_tab_is_shown_again(
    visitor: Visitor, world: World
) -> None:
    visitor.page.click("#tab-saved")
    visitor.until("#results", "No results are saved here yet")
    name = keep_result(world.folder)
    visitor.page.click("#tab-classify")
    visitor.page.click("#tab-saved")
    visitor.until("#results", name)


def test_a_result_that_cannot_be_read_says_so_and_one_that_has_gone_too(visitor: Visitor, world: World) -> None:
    name = keep_result(world.folder)
    (world.folder / "torn.json").write_text(json.dumps({"version": 1}))
    visitor.page.click("#tab-saved")
    visitor.until(".unreadable", "torn.json")
    (world.folder / name).unlink()
    visitor.page.click("button.result")
    visitor.until("#results-problem", "no such result")
    assert visitor.text("#opened") == ""


def test_hostile_names_and_words_in_saved_results_stay_names_and_words(visitor: Visitor, world: World) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    samples = tuple(replace(one, image=hostile, engine=hostile) for one in make_samples(runs=2, engines=("onnx",)))
    samples = (
        replace(samples[0], outcome=Failed(error="HttpError", message=f"</script><script>alert(2)</script>{hostile}")),
        *samples[1:],
    )
    world.folder.mkdir()
    path = world.folder / f"{hostile}.json"
    with ResultWriter(make_run(samples=samples), path) as writer:
        for sample in samples:
            writer.add(sample)
    (world.folder / "<svg onload=alert(3)>.json").write_text('{"version": "<script>alert(4)<\\/script>"}')
    visitor.page.click("#tab-saved")
    visitor.until(".unreadable", "<svg onload=alert(3)>.json")
    visitor.page.click("button.result")
    visitor.until("#opened", hostile)
    assert visitor.opened.complaints == []
    assert visitor.page.locator("img[src=x], svg[onload]").count() == 0
    assert not [each for each in visitor.opened.requests if not each.startswith((world.url, "blob:", "data:"))]
