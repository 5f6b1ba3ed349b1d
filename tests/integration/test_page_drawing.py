"""A saved result is drawn by a process of its own: whole, stoppable, gone when nobody wants it any more."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from factories import make_run
from page_world import CAT, fault, page_world
from resnet_bench.errors import ResultError, SandboxError
from resnet_bench.progress import SILENT
from resnet_bench.report.gathered import gather
from resnet_bench.report.html import fragment
from resnet_bench.results.files import written
from resnet_bench.sandbox.session import is_running, process_state
from resnet_bench.web.drawing import Drawing
from sandboxes import wait_until


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "results" / "run.json"
    path.parent.mkdir()
    path.write_bytes(written(make_run(runs=12)))
    return path


def test_it_draws_what_the_report_draws(result: Path) -> None:
    drawing = Drawing(result, None)
    try:
        (page,) = gather([(result.name, make_run(runs=12))], SILENT)
        assert drawing.read() == fragment(page, "result")
    finally:
        drawing.close()


def test_what_cannot_be_read_is_said_as_by_any_command(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"half":')
    drawing = Drawing(broken, None)
    with pytest.raises(ResultError, match=r"broken\.json"):
        drawing.read()
    drawing.close()


def test_it_stands_still_when_told_and_can_be_ended_while_somebody_reads(result: Path) -> None:
    drawing = Drawing(result, None)
    drawing.freeze()
    pid = drawing._process.pid
    assert process_state(pid) == "T"
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(drawing.read)
        drawing.close()
        with pytest.raises(SandboxError, match=r"run\.json was not drawn"):
            reading.result(10)
    assert not is_running(pid)
    drawing.close()


def test_nobody_waits_for_a_report_and_it_stands_still_while_something_is_measured(result: Path) -> None:
    states: list[str | None] = []
    with page_world(result.parent) as world, ThreadPoolExecutor() as pool, world.client() as client:

        def look() -> None:
            turns = world.turns
            states.extend(process_state(each._process.pid) for each in turns.background)

        world.local.during = world.remote.during = look
        report = pool.submit(lambda: client.get("/results/run.json"))
        turns = world.turns
        wait_until(lambda: bool(turns.background), "the report is being drawn")
        assert world.classify(CAT).status_code == 200
        assert states == ["T", "T"]
        assert report.result(30).status_code == 200
        assert not turns.background
        again = client.get("/results/run.json")
        assert again.text == report.result().text


def test_the_end_of_the_server_ends_the_drawing(result: Path) -> None:
    with page_world(result.parent) as world, ThreadPoolExecutor() as pool, world.client() as client:
        report = pool.submit(lambda: client.get("/results/run.json"))
        turns = world.turns
        wait_until(lambda: bool(turns.background), "the report is being drawn")
        (drawing,) = turns.background
        world.server.close()
        assert not is_running(drawing._process.pid)
        ended = report.exception(10) or report.result()
    assert isinstance(ended, httpx.HTTPError) or ended.status_code == 500, "nobody waits for ever, and no half is sent"


def test_who_goes_away_leaves_nothing_that_the_next_has_to_wait_for(result: Path) -> None:
    (result.parent / "broken.json").write_text("[]")
    with page_world(result.parent) as world, world.client() as client:
        turns = world.turns
        with socket.create_connection(("127.0.0.1", world.server.port), 5) as connection:
            connection.sendall(b"GET /results/run.json HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
            wait_until(lambda: bool(turns.background), "the report is being drawn")
            (drawing,) = turns.background
            drawing.freeze()  # so that it does not end by itself
        pid = drawing._process.pid
        wait_until(lambda: not (turns.background or is_running(pid)), "it is given up")
        assert client.get("/results/broken.json").status_code == 422


def test_a_result_that_is_none_is_refused_in_words(result: Path) -> None:
    (result.parent / "broken.json").write_text("[]")
    with page_world(result.parent) as world, world.client() as client:
        assert fault(client.get("/results/broken.json")) == (422, "ResultError")


def test_values_that_no_measurement_gives_are_the_files_fault(tmp_path: Path) -> None:
    run = make_run(runs=3)
    strange = tmp_path / "strange.json"
    strange.write_bytes(written(run).replace(run.samples[0].started_at.encode(), b"yesterday"))
    drawing = Drawing(strange, None)
    with pytest.raises(ResultError, match=r"strange\.json is not a valid result"):
        drawing.read()
    drawing.close()
