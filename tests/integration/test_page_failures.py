"""The page's server when a side is gone or an image is damaged: it says so in words, and serves the next."""

from __future__ import annotations

from page_world import ASYNC, CAT, PNG, World, fault, submit, views
from resnet_bench.errors import ConnectError, SetupError


def test_a_lambda_that_is_gone_leaves_the_local_answer_and_says_what_to_try(world: World) -> None:
    world.classify(CAT)
    world.remote.fails = ConnectError("cannot connect to 127.0.0.1:9: Connection refused", "check that it runs")
    answer = world.classify(CAT)
    found = answer.json()
    assert answer.status_code == 200
    assert found["local"]["outcome"]["kind"] == "answer"
    assert found["remote"]["outcome"] == {
        "kind": "failed",
        "error": "ConnectError",
        "message": "cannot connect to 127.0.0.1:9: Connection refused",
        "status": None,
    }
    assert found["hints"] == {"remote": "check that it runs"}
    assert found["agree"] is None
    last = views(world, found["id"])[-1]
    assert "Connection refused" in last["parts"]["outcome"]
    world.remote.fails = None
    assert world.classify(CAT).json()["agree"] is True


def test_a_local_side_that_fails_leaves_the_remote_answer(world: World) -> None:
    world.local.fails = SetupError("the local onnx process ended: killed", "run it again")
    found = world.classify(CAT).json()
    assert found["local"]["outcome"]["kind"] == "failed"
    assert found["remote"]["outcome"]["kind"] == "answer"


def test_a_defect_is_told_and_the_next_one_is_served(world: World) -> None:
    world.local.fails = ZeroDivisionError("a defect")
    number = submit(world)
    last = views(world, number)[-1]
    assert last["state"] == "done"
    assert "ZeroDivisionError" in last["problem"]["message"]
    world.local.fails = None
    assert world.classify(CAT).status_code == 200


def test_a_damaged_image_reaches_no_side(world: World) -> None:
    damaged = CAT.read_bytes()[: CAT.stat().st_size // 2]
    with world.client() as client:
        assert fault(client.post("/classify", content=damaged, headers=PNG)) == (400, "corrupt_image")
        queued = client.post("/classify", content=damaged, headers={**PNG, **ASYNC})
    last = views(world, queued.json()["id"])[-1]
    assert last["problem"]["code"] == "corrupt_image"
    assert last["status"] == "not classified"
    assert world.local.calls == world.remote.calls == []
