"""AWS's own emulator and ours run the same handler: they must give the same answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulated import FUNCTIONS
from handlers import IMAGES, bad_requests, emulate_handler, event, variables
from resnet_bench import wire
from resnet_bench.aws.access.clients import client
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.inference.model import Model
from rie import Rie, find_rie, running_rie

BAD = bad_requests()
PHOTOS = sorted(path for path in IMAGES.iterdir() if path.suffix in {".jpg", ".png"})[:3]


@pytest.fixture(scope="module")
def rie(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rie]:
    binary = find_rie()
    if binary is None:
        pytest.skip("no aws-lambda-rie: make .rie/aws-lambda-rie, or set RESNET_BENCH_RIE")
    settings = variables(model, "onnx") | {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008"}
    folder = tmp_path_factory.mktemp("rie")
    with running_rie(
        binary, "resnet_bench.handler.handler", folder=folder, variables=settings, task_root=FUNCTIONS
    ) as running:
        yield running


@pytest.fixture(scope="module")
def ours(model: Model) -> Iterator[EmulatedLambda]:
    with emulate_handler(model, "onnx") as emulated:
        yield emulated


def invoke(emulated: EmulatedLambda, request: Any) -> Any:
    functions = client("lambda", endpoint_url=emulated.aws_url)
    done = functions.invoke(FunctionName="resnet-bench", Payload=json.dumps(request))
    return json.loads(done["Payload"].read())


@pytest.mark.parametrize("photo", PHOTOS, ids=lambda path: path.name)
@pytest.mark.parametrize("raw", [False, True], ids=["JSON", "raw"])
def test_both_emulators_give_the_same_predictions(rie: Rie, ours: EmulatedLambda, photo: Path, raw: bool) -> None:
    data = photo.read_bytes()
    request = event(data, content_type="image/any") if raw else event(wire.encode_request(data).decode())
    theirs, mine = rie.invoke(request), invoke(ours, request)
    assert theirs["statusCode"] == mine["statusCode"] == 200
    assert theirs["headers"] == mine["headers"]
    here, there = (wire.decode_answer(reply["body"].encode()) for reply in (mine, theirs))
    assert here.predictions == there.predictions
    assert (here.original_size, here.processed_size) == (there.original_size, there.processed_size)
    assert here.runtime == there.runtime


@pytest.mark.parametrize("name", BAD)
def test_both_emulators_give_the_same_error(rie: Rie, ours: EmulatedLambda, name: str) -> None:
    request, status, _ = BAD[name]
    reply = invoke(ours, request)
    assert reply == rie.invoke(request)
    assert reply["statusCode"] == status


def test_a_function_error_has_the_same_payload_under_both(tmp_path: Path) -> None:
    binary = find_rie()
    if binary is None:
        pytest.skip("no aws-lambda-rie: make .rie/aws-lambda-rie, or set RESNET_BENCH_RIE")
    from emulated import emulate

    order = {"do": "fail", "message": "what a pity"}
    with (
        emulate() as emulated,
        running_rie(binary, "probe.handler", folder=tmp_path, variables={}, task_root=FUNCTIONS) as theirs,
    ):
        here, there = invoke(emulated, order), theirs.invoke(order)
    assert here.pop("requestId", None) != there.pop("requestId", "")
    assert here == there
