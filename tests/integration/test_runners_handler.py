"""The deployed handler in a process here: the same answers as on Lambda, and only its own time."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulated import FUNCTIONS
from handlers import variables
from resnet_bench.errors import HttpError, SandboxError
from resnet_bench.inference.model import Model
from resnet_bench.results.records import ClientTimes
from resnet_bench.runners.base import Photo
from resnet_bench.runners.handler_process import HandlerRunner
from resnet_bench.runners.local import LocalRunner
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits import choose
from resnet_bench.units import MIB
from servers import PHOTO

HANDLER = "resnet_bench.handler.handler"
ALLOWANCE = Allowance(3008)


@pytest.fixture(scope="module")
def runner(model: Model) -> Iterator[HandlerRunner]:
    made = HandlerRunner("onnx", HANDLER, variables(model, "onnx"), choose()[0], ALLOWANCE)
    yield made
    made.close()


def test_it_answers_as_the_local_side_does_and_its_work_is_a_requests(runner: HandlerRunner, model: Model) -> None:
    measured = [runner.classify(PHOTO) for _ in range(2)]
    local = LocalRunner("onnx", model, 1, choose()[0])
    assert measured[0].answer.predictions == local.classify(PHOTO).answer.predictions
    local.close()
    assert [each.answer.identity.cold_start for each in measured] == [True, False]
    for each in measured:
        stages, client = each.answer.stages, each.client
        assert isinstance(client, ClientTimes)
        assert stages.json_parse_s is not None
        assert stages.base64_decode_s is not None
        assert client.total_s > client.prepare_s + stages.total_s, "encoding the answer is the handler's work too"
        assert client.sent_bytes > len(base64.b64encode(Path(PHOTO.path).read_bytes()))
        assert each.answer.memory.limit_bytes == 3008 * MIB


def test_a_raw_body_needs_no_json(model: Model) -> None:
    raw = HandlerRunner("onnx", HANDLER, variables(model, "onnx"), choose()[0], ALLOWANCE, raw=True)
    measured = raw.classify(PHOTO)
    raw.close()
    assert measured.answer.stages.json_parse_s is None


def test_what_lies_between_client_and_handler_is_in_neithers_time(runner: HandlerRunner) -> None:
    before_s = time.perf_counter()
    client = runner.classify(PHOTO).client
    whole_s = time.perf_counter() - before_s
    assert isinstance(client, ClientTimes)
    assert client.total_s < whole_s


def test_a_forced_cold_start_is_another_process(runner: HandlerRunner) -> None:
    before = runner.classify(PHOTO).answer.identity
    runner.force_cold()
    after = runner.classify(PHOTO).answer.identity
    assert (before.cold_start, after.cold_start) == (False, True)
    assert before.environment_id != after.environment_id


def test_its_refusal_is_that_of_the_deployed_one(runner: HandlerRunner, tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    with pytest.raises(HttpError) as caught:
        runner.classify(Photo("text.jpg", str(tmp_path / "text.jpg")))
    assert (caught.value.status, caught.value.code) == (400, "unsupported_format")


def test_a_handler_that_cannot_be_loaded_says_why(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(FUNCTIONS))
    broken = HandlerRunner("onnx", "init_fails.handler", variables(model, "onnx"), choose()[0], ALLOWANCE)
    with pytest.raises(SandboxError, match=r"the onnx handler process ended: exit status 1 \("):
        broken.classify(PHOTO)
    broken.close()
