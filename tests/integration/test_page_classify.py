"""The page's server over real sockets: both sides, one after the other, whoever asks, and what comes late."""

from __future__ import annotations

import gc
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from page_world import CAT, ENGINE, World, fault, page_world, submit, views
from resnet_bench import wire
from resnet_bench.errors import AwsError
from resnet_bench.results.records import TraceTimes
from resnet_bench.web import bench, parts
from resnet_bench.web.bench import QUEUE_LENGTH
from resnet_bench.web.uploads import Upload
from sandboxes import wait_until


def test_both_sides_classify_the_same_bytes_and_the_answer_tells_all_of_both(world: World) -> None:
    answer = world.classify(CAT)
    found = answer.json()
    assert answer.status_code == 200
    assert world.local.read == world.remote.read == [CAT.read_bytes()]
    assert found["agree"] is True
    assert found["image"]["name"] == "chelsea.png"
    assert found["local"]["outcome"]["runtime"]["engine"] == found["remote"]["outcome"]["runtime"]["engine"] == ENGINE
    assert found["remote"]["client"]["total_s"] == 0.21


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"content-type": "application/json"}, wire.encode_request(CAT.read_bytes())),
        ({}, wire.encode_request(CAT.read_bytes())),
        ({"content-type": "IMAGE/PNG"}, CAT.read_bytes()),
    ],
)
def test_an_image_comes_in_every_way_that_the_handler_takes(
    steady: World, headers: dict[str, str], body: bytes
) -> None:
    with steady.client() as client:
        assert client.post("/classify", content=body, headers=headers).status_code == 200
    assert steady.local.read[-1] == CAT.read_bytes()


def test_traces_come_later_and_it_is_told_how_often_they_were_asked_for(world: World) -> None:
    world.xray.ready = 3
    number = submit(world)
    last = views(world, number)[-1]
    assert (last["state"], last["status"]) == ("done", "done")
    assert "Asked 3 of 10 times: complete." in last["parts"]["xray"]
    with world.client() as client:
        found = client.get(f"/classifications/{number}").json()
    assert found["asks_count"] == 3
    assert msgspec.convert(found["remote"]["trace"], TraceTimes).initialization_s is not None


def test_what_never_arrives_is_given_up_after_ten_times_and_stays_pending(world: World) -> None:
    world.xray.ready = 99
    last = views(world, submit(world))[-1]
    assert last["state"] == "done"
    assert world.xray.asked == 10
    assert "Asked 10 of 10 times" in last["parts"]["xray"]
    assert "knows no such trace" in last["parts"]["xray"]


def test_nothing_is_drawn_while_something_is_measured(world: World) -> None:
    world.remote.gate.clear()
    number = submit(world)
    with world.client() as client, client.stream("GET", f"/classifications/{number}/events") as stream:
        lines = (line.removeprefix("data: ") for line in stream.iter_lines() if line.startswith("data: "))
        for line in lines:
            view = json.loads(line)
            if view["state"] == "remote":
                world.remote.gate.set()
            assert bool(view["parts"]) == (view["state"] in {"tracing", "done"})


def test_who_begins_to_look_while_it_is_drawn_is_told_of_no_end_without_its_parts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, gate = threading.Event(), threading.Event()

    def slowly(*given: Any) -> dict[str, str]:
        drawing.set()
        assert gate.wait(30)
        return parts.parts_of(*given)

    monkeypatch.setattr(bench, "parts_of", slowly)
    number = submit(world)
    assert drawing.wait(30)
    with world.client() as client:
        assert client.get(f"/classifications/{number}").json()["state"] in {"local", "remote"}
    gate.set()
    assert views(world, number)[-1]["parts"]


def test_images_are_not_kept_while_traces_are_waited_for(tmp_path: Path) -> None:
    with page_world(tmp_path, ask_every_s=1000) as world:
        world.xray.ready = 99
        assert world.classify(CAT, name="held.png").json()["state"] == "tracing"

        def held() -> bool:
            # Not isinstance, which asks each object for its class: some of torch's warn when they are asked anything.
            return any(type(each) is Upload and each.image.name == "held.png" for each in gc.get_objects())

        wait_until(lambda: not held(), "nothing holds the image")


def test_sides_and_classifications_never_work_at_the_same_time(world: World) -> None:
    inside = threading.Semaphore(1)

    def alone() -> None:
        assert inside.acquire(blocking=False), "two sides at once"
        inside.release()

    world.local.during = world.remote.during = alone
    with ThreadPoolExecutor(QUEUE_LENGTH) as pool:
        answers = list(pool.map(lambda _: world.classify(CAT), range(QUEUE_LENGTH)))
    assert [answer.status_code for answer in answers] == [200] * QUEUE_LENGTH
    assert sorted(answer.json()["id"] for answer in answers) == list(range(1, QUEUE_LENGTH + 1))


def test_what_waits_is_told_how_many_are_before_it(world: World) -> None:
    world.local.gate.clear()
    world.remote.gate.clear()
    first, second, third = (submit(world) for _ in range(3))
    with world.client() as client:
        wait_until(lambda: client.get(f"/classifications/{first}").json()["state"] in {"local", "remote"}, "begun")
        assert client.get(f"/classifications/{second}").json()["status"] == "waiting: 1 classification before this one"
        assert client.get(f"/classifications/{third}").json()["status"] == "waiting: 2 classifications before this one"
    world.local.gate.set()
    world.remote.gate.set()
    assert views(world, third)[-1]["state"] == "done"


def test_when_too_many_wait_further_ones_are_refused_and_later_let_in(world: World) -> None:
    world.local.gate.clear()
    world.remote.gate.clear()
    numbers = [submit(world)]
    with world.client() as client:
        wait_until(lambda: client.get("/classifications/1").json()["state"] != "queued", "the first is under way")
    numbers += [submit(world) for _ in range(QUEUE_LENGTH)]
    refused = world.classify(CAT)
    assert fault(refused) == (429, "busy")
    assert int(refused.headers["retry-after"]) > 0
    world.local.gate.set()
    world.remote.gate.set()
    assert views(world, numbers[-1])[-1]["state"] == "done"
    assert world.classify(CAT).status_code == 200


def test_the_first_call_is_a_cold_one_and_the_next_is_warm(world: World) -> None:
    first, second = world.classify(CAT).json(), world.classify(CAT).json()
    assert (first["remote"]["phase"], second["remote"]["phase"]) == ("cold", "warm")


def test_a_forced_cold_start_starts_both_sides_anew(world: World) -> None:
    world.classify(CAT)
    forced = world.classify(CAT, cold="1").json()
    assert forced["forced_cold"] is True
    assert forced["remote"]["phase"] == forced["local"]["phase"] == "cold"
    assert world.local.calls.count("cold") == world.remote.calls.count("cold") == 1


def test_where_none_can_be_forced_asking_for_one_is_refused(tmp_path: Path) -> None:
    with page_world(tmp_path, forces_cold=False) as world:
        assert fault(world.classify(CAT, cold="1"))[0] == 400
        assert world.classify(CAT, cold="0").status_code == 200


def test_a_cold_start_that_cannot_be_forced_is_a_failure_in_words_and_the_next_call_is_served(world: World) -> None:
    world.remote.force_cold = refuse_cold
    told = world.classify(CAT, cold="1").json()
    assert (told["remote"]["outcome"]["error"], told["hints"]["remote"]) == ("AwsError", "try again later")
    assert told["local"]["outcome"]["kind"] == "answer", "the other side had its turn"
    assert world.classify(CAT).status_code == 200


def refuse_cold() -> None:
    raise AwsError("Lambda is being updated by somebody else", "try again later")


def test_closing_waits_for_what_is_measured_and_ends_every_stream(tmp_path: Path) -> None:
    with page_world(tmp_path) as world:
        world.remote.gate.clear()
        number = submit(world)
        waiting = submit(world)
        with ThreadPoolExecutor() as pool, world.client() as client:
            wait_until(lambda: world.remote.calls != [], "the remote side is under way")
            stream = pool.submit(lambda: client.get(f"/classifications/{waiting}/events").text)
            closing = pool.submit(world.server.close)
            assert "queued" in stream.result(10)
            assert not closing.done()
            world.remote.gate.set()
            closing.result(10)
        assert number == 1
        assert len(world.remote.calls) == 1, "what waited was not begun"
