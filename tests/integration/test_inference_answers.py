"""Whole answers, as the handler and the local worker give them."""

from __future__ import annotations

import io
import time

import msgspec
import pytest
from PIL import Image

from resnet_bench.errors import ImageError
from resnet_bench.inference.answer import Answerer
from resnet_bench.inference.coldstart import Start
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer, Decode, Identity, RuntimeFacts

LIMIT_BYTES = 1 << 40


@pytest.fixture(scope="module")
def answerer(model: Model) -> Answerer:
    start = Start(0.5, time.perf_counter())
    return Answerer("onnx", model, 1, start=start, baseline_rss_bytes=1_000_000, limit_bytes=LIMIT_BYTES)


@pytest.fixture(scope="module")
def photograph() -> bytes:
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").resize((300, 200)).save(buffer, "JPEG")
    return buffer.getvalue()


def identity(call: int) -> Identity:
    return Identity(environment_id="e", invocation_count=call, cold_start=call == 1)


def test_the_first_answer_tells_the_cold_start_and_later_ones_do_not(answerer: Answerer, photograph: bytes) -> None:
    first, second = (
        answerer.answer(photograph, identity(call), started_s=time.perf_counter(), base64_decode_s=0.25)
        for call in (1, 2)
    )
    assert first.cold is not None
    assert (first.cold.interpreter_s, first.cold.first_inference_s) == (0.5, first.stages.inference_s)
    assert second.cold is None
    assert first.predictions == second.predictions
    assert first.stages.base64_decode_s == 0.25


def test_an_answer_is_complete_and_survives_the_wire(answerer: Answerer, photograph: bytes) -> None:
    answer = answerer.answer(photograph, identity(2), started_s=time.perf_counter(), top=3)
    assert (answer.original_size, answer.processed_size) == ((300, 200), (224, 224))
    assert len(answer.predictions) == 3
    memory = answer.memory
    assert 1_000_000 == memory.baseline_rss_bytes < memory.rss_bytes <= memory.peak_rss_bytes
    assert memory.utilisation == memory.peak_rss_bytes / LIMIT_BYTES
    stages = answer.stages
    parts = (stages.decode_s, stages.preprocess_s, stages.inference_s, stages.postprocess_s)
    assert min(parts) > 0
    assert stages.total_s >= sum(parts)
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer


@pytest.mark.parametrize(
    ("engine", "decode", "subjects"),
    [
        ("onnx", "exact", []),
        ("onnx", "fast", ["fast decode"]),
        ("onnx-int8", "exact", ["onnx-int8"]),
        ("onnx-int8", "fast", ["onnx-int8", "fast decode"]),
    ],
)
def test_an_answer_carries_how_it_agrees_with_exact_ones(
    engine: str, decode: Decode, subjects: list[str], int8_model: Model, photograph: bytes
) -> None:
    start = Start(None, time.perf_counter())
    made = Answerer(engine, int8_model, 1, start=start, baseline_rss_bytes=1, limit_bytes=None, decode=decode)
    runtime = made.answer(photograph, identity(1), started_s=time.perf_counter()).runtime
    assert (runtime.engine, runtime.decode) == (engine, decode)
    assert [one.subject for one in runtime.agreements] == subjects
    assert msgspec.json.decode(msgspec.json.encode(runtime), type=RuntimeFacts) == runtime


def test_what_is_not_an_image_is_refused_and_the_next_image_still_answered(
    answerer: Answerer, photograph: bytes
) -> None:
    with pytest.raises(ImageError):
        answerer.answer(b"text", identity(2), started_s=time.perf_counter())
    assert answerer.answer(photograph, identity(3), started_s=time.perf_counter()).predictions
