"""The Lambda handler with real engines on the emulated Lambda, over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from emulated import PATIENCE_S, report_of
from handlers import IMAGES, PHOTO, bad_requests, emulate_handler
from resnet_bench import wire
from resnet_bench.aws.access.clients import client
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer
from resnet_bench.units import MIB

IMAGE = PHOTO.read_bytes()
BAD = bad_requests()


@pytest.fixture(scope="module", params=["onnx", "torch"])
def deployed(request: pytest.FixtureRequest, model: Model) -> Iterator[EmulatedLambda]:
    with emulate_handler(model, request.param, "handler_modules.handler") as emulated:
        yield emulated


@pytest.fixture(scope="module")
def onnx(model: Model) -> Iterator[EmulatedLambda]:
    with emulate_handler(model, "onnx", "handler_modules.handler") as emulated:
        yield emulated


@pytest.fixture(scope="module")
def quick(int8_model: Model) -> Iterator[EmulatedLambda]:
    """In int8 and with the fast decoding."""
    with emulate_handler(int8_model, "onnx-int8", decode="fast") as emulated:
        yield emulated


def post(emulated: EmulatedLambda, body: bytes, content_type: str) -> httpx.Response:
    headers = {"content-type": content_type, "origin": "https://page.example"}
    return httpx.post(emulated.url + "/classify", content=body, headers=headers, timeout=PATIENCE_S)


def classify(emulated: EmulatedLambda, *, raw: bool = False) -> Answer:
    if raw:
        response = post(emulated, IMAGE, "image/png")
    else:
        response = post(emulated, wire.encode_request(IMAGE), "application/json")
    assert response.status_code == 200, (response.text, emulated.log_lines()[-20:])
    assert response.headers["content-type"] == "application/json"
    assert response.headers["access-control-allow-origin"] == "*"
    return wire.decode_answer(response.content)


def invoke(emulated: EmulatedLambda, event: Any) -> Any:
    functions = client("lambda", endpoint_url=emulated.aws_url)
    done = functions.invoke(FunctionName="resnet-bench", Payload=json.dumps(event))
    assert "FunctionError" not in done
    return json.loads(done["Payload"].read())


def test_json_and_raw_bodies_give_the_same_predictions(deployed: EmulatedLambda) -> None:
    as_json, raw = classify(deployed), classify(deployed, raw=True)
    assert as_json.predictions == raw.predictions
    assert as_json.stages.json_parse_s is not None
    assert raw.stages.json_parse_s is None


def test_every_promised_field_is_there_and_plausible(deployed: EmulatedLambda) -> None:
    deployed.force_cold()
    cold, warm = classify(deployed), classify(deployed)
    engine = deployed.function.variables["RESNET_BENCH_ENGINE"]
    for answer in (cold, warm):
        assert len(answer.predictions) == 5
        chances = [each.probability for each in answer.predictions]
        assert chances == sorted(chances, reverse=True)
        assert 0 < sum(chances) <= 1 + 1e-6
        assert all(0 <= each.index < 1000 for each in answer.predictions)
        assert all(each.wordnet_id.startswith("n") and each.name for each in answer.predictions)
        assert answer.original_size == (451, 300)
        assert answer.processed_size == (224, 224)
        stages = answer.stages
        assert stages.json_parse_s is not None
        assert stages.base64_decode_s is not None
        parts = [stages.json_parse_s, stages.base64_decode_s, stages.decode_s, stages.preprocess_s]
        parts += [stages.inference_s, stages.postprocess_s]
        assert all(part > 0 for part in parts)
        assert stages.read_s is None
        assert sum(parts) <= stages.total_s
        memory = answer.memory
        assert 0 < memory.baseline_rss_bytes < memory.rss_bytes <= memory.peak_rss_bytes < 3008 * MIB
        assert memory.limit_bytes == 3008 * MIB
        assert memory.utilisation == pytest.approx(memory.peak_rss_bytes / memory.limit_bytes)
        runtime = answer.runtime
        assert (runtime.engine, runtime.threads_count, runtime.trained) == (engine, 1, False)
        assert (runtime.precision, runtime.decode, runtime.agreements) == ("float32", "exact", ())
        assert runtime.vcpus_count in {1, 2}
        assert runtime.cpu_model
        assert runtime.versions
    first, second = (each.identity for each in (cold, warm))
    assert (first.cold_start, first.invocation_count) == (True, 1)
    assert (second.cold_start, second.invocation_count) == (False, 2)
    assert first.environment_id == second.environment_id
    assert first.request_id
    assert first.request_id != second.request_id
    assert warm.cold is None
    assert cold.cold is not None
    assert cold.cold.first_inference_s == cold.stages.inference_s
    report = report_of(deployed, first.request_id)
    assert report.init_s is not None
    assert cold.cold.interpreter_s is not None
    assert cold.cold.interpreter_s + cold.cold.imports_s + cold.cold.engine_s < report.init_s
    assert cold.stages.total_s < report.duration_s
    assert cold.memory.baseline_rss_bytes < report.max_memory_used_bytes


def test_the_trace_id_is_read_anew_for_each_call(deployed: EmulatedLambda) -> None:
    first, second = classify(deployed).identity, classify(deployed).identity
    assert first.trace_id
    assert second.trace_id
    assert first.trace_id != second.trace_id
    assert first.sampled in {True, False}


def test_the_metrics_line_in_the_log_is_valid_emf(deployed: EmulatedLambda) -> None:
    answer = classify(deployed)
    report_of(deployed, answer.identity.request_id or "")  # by then all that was printed has been read
    lines = [line for line in deployed.log_lines() if line.startswith('{"_aws"')]
    metrics = next(found for found in map(json.loads, lines) if found["RequestId"] == answer.identity.request_id)
    assert isinstance(metrics["_aws"]["Timestamp"], int)
    (directive,) = metrics["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"]
    for dimensions in directive["Dimensions"]:
        assert all(isinstance(metrics[name], str) for name in dimensions)
    assert len(directive["Metrics"]) >= 5
    for metric in directive["Metrics"]:
        assert isinstance(metrics[metric["Name"]], (int, float))
        assert metric["Unit"] in {"Milliseconds", "Megabytes", "Percent", "Count"}
    assert metrics["Inference"] == pytest.approx(answer.stages.inference_s * 1e3)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_answered_with_a_json_error(onnx: EmulatedLambda, name: str) -> None:
    event, status, code = BAD[name]
    reply = invoke(onnx, event)
    assert (reply["statusCode"], json.loads(reply["body"])["error"]["code"]) == (status, code)
    assert json.loads(reply["body"])["error"]["message"]
    assert reply["headers"]["access-control-allow-origin"] == "*"
    assert reply["headers"]["content-type"] == "application/json"


def test_errors_pass_through_the_gateway_with_cors_headers(onnx: EmulatedLambda) -> None:
    response = post(onnx, b"hello", "image/jpeg")
    assert response.status_code == 400
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.json()["error"]["code"] == "unsupported_format"
    refused = httpx.get(onnx.url + "/classify", timeout=PATIENCE_S)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_the_handler_imports_its_engine_and_nothing_of_the_export_or_the_command_line(deployed: EmulatedLambda) -> None:
    classify(deployed)
    imported = set(httpx.get(deployed.url + "/modules", timeout=PATIENCE_S).json()["modules"])
    engines = imported & {"torch", "torchvision", "onnx", "onnxruntime", "openvino"}
    assert engines == {"onnx": {"onnxruntime"}, "torch": {"torch"}}[deployed.function.variables["RESNET_BENCH_ENGINE"]]
    assert not imported & {"typer", "rich", "httpx", "boto3", "botocore", "pandas", "uvicorn"}


def test_int8_and_the_fast_decoding_say_what_they_are_and_how_they_agree(
    quick: EmulatedLambda, int8_model: Model
) -> None:
    runtime = classify(quick).runtime
    assert (runtime.engine, runtime.precision, runtime.decode) == ("onnx-int8", "int8", "fast")
    assert [one.subject for one in runtime.agreements] == ["onnx-int8", "fast decode"]
    assert runtime.agreements == int8_model.agreements("onnx-int8", "fast")


def test_the_fast_decoding_tells_the_size_of_the_whole_photograph(quick: EmulatedLambda) -> None:
    response = post(quick, (IMAGES / "spaniels.jpg").read_bytes(), "image/jpeg")
    answer = wire.decode_answer(response.content)
    assert (answer.original_size, answer.processed_size) == ((2056, 3088), (224, 224))


def test_an_image_at_the_announced_limit_fits_into_the_event(onnx: EmulatedLambda) -> None:
    """``IMAGE_LIMIT_BYTES`` is what clients check before they send: one that fits must reach the handler."""
    padded = IMAGE + bytes(wire.IMAGE_LIMIT_BYTES - len(IMAGE))
    assert post(onnx, padded, "image/png").status_code == 200
    assert post(onnx, wire.encode_request(padded), "application/json").status_code == 200
    assert len(base64.b64encode(padded)) < wire.EVENT_LIMIT_BYTES
