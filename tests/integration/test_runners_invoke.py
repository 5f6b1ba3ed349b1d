"""The same handler through its HTTP API and by Invoke: the same answers and refusals, and what each door can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from emulated import emulate
from handlers import emulate_handler
from resnet_bench import wire
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.function.invoke import Invoker
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.errors import (
    ForeignAnswer,
    HttpError,
    ImageError,
    OutOfMemory,
    RemoteError,
    ResnetBenchError,
    SandboxError,
)
from resnet_bench.inference.model import Model
from resnet_bench.results.records import ClientTimes, ReportLine
from resnet_bench.runners.base import Photo
from resnet_bench.runners.deployed import DeployedRunner
from resnet_bench.runners.invoke import InvokeRunner
from resnet_bench.runners.remote import RemoteRunner
from servers import PHOTO, Deployed


@pytest.fixture(scope="module")
def deployed(model: Model) -> Iterator[EmulatedLambda]:
    with emulate_handler(model, "onnx") as emulated:
        yield emulated


def by_invoke(emulated: EmulatedLambda, engine: str = "onnx", *, raw: bool = False) -> InvokeRunner:
    invoke = Invoker(client("lambda", endpoint_url=emulated.aws_url), emulated.function.name)
    return InvokeRunner(Deployed(emulated.url), engine, invoke, raw=raw)


def by_http(emulated: EmulatedLambda, engine: str = "onnx", *, raw: bool = False) -> RemoteRunner:
    return RemoteRunner(Deployed(emulated.url), engine, raw=raw)


@pytest.fixture(params=[by_http, by_invoke])
def door(request: pytest.FixtureRequest) -> Callable[..., DeployedRunner]:
    made: Callable[..., DeployedRunner] = request.param
    return made


# --- what comes back ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [False, True])
def test_both_doors_give_the_same_predictions_from_the_same_work(deployed: EmulatedLambda, raw: bool) -> None:
    answers = []
    for make in (by_http, by_invoke):
        runner = make(deployed, raw=raw)
        answers.append(runner.classify(PHOTO).answer)
        runner.close()
    through_api, direct = answers
    assert direct.predictions == through_api.predictions
    assert direct.original_size == through_api.original_size
    assert (direct.stages.json_parse_s is None) == (through_api.stages.json_parse_s is None) == raw


def test_an_invocation_brings_its_report_and_is_always_traced(deployed: EmulatedLambda) -> None:
    runner = by_invoke(deployed)
    measured = [runner.classify(PHOTO) for _ in range(3)]
    assert all(each.answer.identity.sampled for each in measured)
    for each in measured:
        assert isinstance(each.report, ReportLine)
        assert each.report.request_id == each.answer.identity.request_id
        assert each.report.trace_id == each.answer.identity.trace_id
        assert each.report.duration_s >= each.answer.stages.total_s


def test_of_the_clients_times_only_the_preparation_and_the_total_can_be_had(deployed: EmulatedLambda) -> None:
    measured = by_invoke(deployed).classify(PHOTO)
    times = measured.client
    assert isinstance(times, ClientTimes)
    assert (times.connect_s, times.tls_s, times.send_s, times.wait_s, times.receive_s) == (None,) * 5
    assert 0 < times.prepare_s < times.total_s
    assert times.total_s >= measured.answer.stages.total_s
    assert times.sent_bytes > len(wire.encode_request(Path(PHOTO.path).read_bytes()))
    assert times.received_bytes > len(wire.encode_answer(measured.answer))
    assert times.http_status == 200


# --- what is refused ----------------------------------------------------------------------------------------------


def failure(runner: DeployedRunner, photo: Photo = PHOTO) -> ResnetBenchError:
    with pytest.raises(ResnetBenchError) as caught:
        runner.classify(photo)
    runner.close()
    assert caught.value.message.isprintable()
    assert caught.value.hint
    return caught.value


def test_the_handlers_refusal_is_the_same_through_both_doors(
    deployed: EmulatedLambda, door: Callable[..., DeployedRunner], tmp_path: Path
) -> None:
    text = tmp_path / "text.jpg"
    text.write_text("hello")
    error = failure(door(deployed), Photo("text.jpg", str(text)))
    assert isinstance(error, HttpError)
    assert (error.status, error.code, error.transient) == (400, "unsupported_format", False)


def test_an_image_over_the_limit_is_refused_before_anything_is_sent(
    deployed: EmulatedLambda, door: Callable[..., DeployedRunner], tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + b"\0" * wire.IMAGE_LIMIT_BYTES)
    assert isinstance(failure(door(deployed), Photo("large.jpg", str(large))), ImageError)


@pytest.mark.parametrize("raw", [False, True])
def test_an_image_just_under_the_limit_fits_into_an_event(
    deployed: EmulatedLambda, door: Callable[..., DeployedRunner], raw: bool, tmp_path: Path
) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + b"\0" * (wire.IMAGE_LIMIT_BYTES - 3))
    error = failure(door(deployed, raw=raw), Photo("large.jpg", str(large)))
    assert isinstance(error, HttpError)
    assert (error.status, error.code) == (413, "too_complex"), "it reached the handler, which looked at it"


def test_another_engine_than_the_one_asked_for_is_named(
    deployed: EmulatedLambda, door: Callable[..., DeployedRunner]
) -> None:
    error = failure(door(deployed, "torch"))
    assert isinstance(error, ForeignAnswer)
    assert "runs the onnx engine, not torch" in error.message


def test_a_function_that_fails_is_a_500_with_its_error_by_name() -> None:
    with emulate("probe.handler") as probe:  # which does not know what to do with an image
        error = failure(by_invoke(probe))
    assert isinstance(error, HttpError)
    assert (error.status, error.transient) == (500, True)
    assert error.message == "the function failed: KeyError: 'do'"


def test_another_function_than_this_programs_gives_a_foreign_answer() -> None:
    with emulate("null.handler") as null:
        assert isinstance(failure(by_invoke(null)), ForeignAnswer)


def test_the_endpoint_may_explain_a_failure_by_what_it_knows() -> None:
    class Knowing(Deployed):
        def explain(self, error: RemoteError) -> ResnetBenchError:
            assert isinstance(error, HttpError)
            return OutOfMemory("the function was killed", "give it more")

    with emulate("probe.handler") as probe:
        invoke = Invoker(client("lambda", endpoint_url=probe.aws_url), probe.function.name)
        assert isinstance(failure(InvokeRunner(Knowing(probe.url), "onnx", invoke)), OutOfMemory)


# --- in this process ----------------------------------------------------------------------------------------------


def test_an_invocation_past_the_gateway_needs_neither_http_nor_an_aws_client(deployed: EmulatedLambda) -> None:
    gateway = by_http(deployed)
    through_api = gateway.classify(PHOTO).answer
    gateway.close()
    runner = InvokeRunner(Deployed(deployed.url), "onnx", deployed.invoke)
    measured = runner.classify(PHOTO)
    assert measured.answer.predictions == through_api.predictions
    assert measured.answer.identity.environment_id == through_api.identity.environment_id
    assert measured.report is None, "to be asked for later"
    assert isinstance(measured.client, ClientTimes)
    assert measured.client.total_s > measured.answer.stages.total_s


def test_past_the_gateway_too_a_function_that_fails_and_one_that_is_busy_are_told() -> None:
    with emulate("probe.handler") as probe:
        error = failure(InvokeRunner(Deployed(probe.url), "onnx", probe.invoke))
        assert error.message == "the function failed: KeyError: 'do'"
    with emulate("null.handler") as null:
        null._service._closed = True  # it makes no more environments
        with pytest.raises(HttpError) as caught:
            null.invoke(b"{}")
        assert caught.value.status == 429


def test_what_this_machine_cannot_run_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object, **_settings: object) -> None:
        raise SandboxError("no more processes")

    monkeypatch.setattr("resnet_bench.sandbox.process.Sandbox.start", refused)
    with emulate("null.handler") as null, pytest.raises(HttpError, match="no more processes") as caught:
        null.invoke(b"{}")
    assert caught.value.status == 500
