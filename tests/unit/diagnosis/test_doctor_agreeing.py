"""Engines' answers beside the reference's: alike, apart, none; and asked for real, in processes of their own."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from examined import only
from inexact import make_agreement
from resnet_bench.diagnosis.agreeing import Engines, compared, installed
from resnet_bench.diagnosis.answering import Answered, sample
from resnet_bench.errors import EngineError
from resnet_bench.inference.available import Available
from resnet_bench.inference.engines import registered
from resnet_bench.inference.model import Model
from resnet_bench.results.diagnosis import Finding

LOGITS = np.sin(np.arange(1000.0))


def one(name: str, **changes: Any) -> Available:
    given = {"version": "1.0", "obstacle": None, "flags": (), "prepared": True, "agreement": None, **changes}
    return Available(registered(name), **given)


def answered(shift: float = 0.0, at: int = 7) -> Answered:
    logits = LOGITS.copy()
    logits[at] += shift
    told = msgspec.json.encode(Answered(tuple(logits.tolist()), (0.04, 0.05)))  # as by a process of its own
    return msgspec.json.decode(told, type=Answered)


def beside_torch(name: str, answer: Answered, **changes: Any) -> Finding:
    answers = {"torch": answered(), name: answer}
    return only(compared([one("torch"), one(name, **changes)], answers), what=f"{name}: answer")


@pytest.mark.parametrize(
    ("name", "answer", "verdict"),
    [
        ("onnx", answered(9e-5), "ok"),
        ("onnx", answered(2e-4), "fault"),
        ("onnx", answered(float("nan")), "fault"),
        ("onnx", Answered(error="it does not load"), "fault"),
        ("openvino", Answered(error="it does not load"), "doubt"),
        ("onnx-int8", answered(5.0), "ok"),
        ("onnx-int8", answered(float("nan")), "fault"),
    ],
)
def test_exact_engines_must_answer_alike_and_others_must_answer(name: str, answer: Answered, verdict: str) -> None:
    found = beside_torch(name, answer)
    assert found.verdict == verdict
    assert bool(found.todo) == (verdict != "ok")
    assert msgspec.json.decode(msgspec.json.encode(found), type=Finding) == found, "no NaN is in a figure"


def test_a_reference_that_is_no_number_is_a_fault() -> None:
    found = list(compared([one("torch"), one("onnx")], {"torch": answered(float("nan")), "onnx": answered()}))
    assert [each.verdict for each in found] == ["fault", "fault"]


def test_what_is_known_of_an_inexact_one_is_told() -> None:
    assert (
        "as fp32 on 2 of 2 held-out images" in beside_torch("onnx-int8", answered(1.0), agreement=make_agreement()).told
    )


def test_without_torch_the_others_are_compared_with_onnx() -> None:
    answers = {"torch": Answered(error="not installed"), "onnx": answered(), "openvino": answered(1.0)}
    found = list(compared([one(name) for name in answers], answers))
    assert [each.verdict for each in found] == ["fault", "ok", "fault"]
    assert "from onnx's" in found[2].told


def test_only_what_the_default_command_runs_must_be_installed() -> None:
    missing = EngineError("it needs a library", "pip install library")
    assert installed(one("onnx", obstacle=missing, version=None)).verdict == "fault"
    assert installed(one("openvino", obstacle=missing, version=None)).verdict == "not measured"
    assert installed(one("onnx")).verdict == "ok"


def test_without_prepared_weights_nothing_is_asked_and_nothing_prepared() -> None:
    engines = Engines(None, calls=1)
    found = list(engines.examine(lambda _text, _fraction: None))
    assert only(found, code="engines-answers").verdict == "not measured"
    assert engines.call_s is None


def test_the_usual_engines_answer_alike_for_real(model: Model) -> None:
    engines = Engines(model, calls=2, only=("onnx", "torch"))
    found = [each for each in engines.examine(lambda _text, _fraction: None) if each.code == "engines-answers"]
    assert [(each.what, each.verdict) for each in found] == [("torch: answer", "ok"), ("onnx: answer", "ok")]
    assert engines.call_s is not None
    assert engines.call_s > 0


def test_the_sample_is_the_same_everywhere() -> None:
    assert sample() == sample()
    assert sample().startswith(b"\x89PNG")
