"""Answers that are close to exact ones are doubted as such, by how often they are the same."""

from __future__ import annotations

from msgspec.structs import replace

from doubts import codes, message
from factories import make_level
from inexact import inexact_run

INT8 = {"onnx": (0.4, 0.8), "onnx-int8": (0.08, 0.16)}


def test_a_reduced_precision_is_doubted_by_its_top_1_on_images_it_was_not_calibrated_on():
    said = message(inexact_run(INT8), "reduced-precision")
    assert said == "onnx-int8 does not answer as the network in fp32 does: the same top 1 on 2 of 2 images"
    unknown = message(inexact_run(INT8, agreed=False), "reduced-precision")
    assert unknown.endswith("how often it finds the same is not known")


def test_fast_decoding_is_doubted_too():
    said = message(inexact_run({"onnx": (0.4, 0.8)}, decode="fast"), "fast-decode")
    assert said == "images were decoded the fast way, not bit for bit: the same top 1 on 2 of 2 images"


def test_a_load_test_is_doubted_as_any_run():
    run = inexact_run(INT8, decode="fast")
    samples = tuple(replace(sample, phase="load", variant="1 at once") for sample in run.samples)
    found = codes(replace(run, samples=samples, levels=(make_level(),)))
    assert {"reduced-precision", "fast-decode"} <= found


def test_exact_answers_are_not():
    assert not codes(inexact_run({"onnx": (0.4, 0.8)})) & {"reduced-precision", "fast-decode"}
    assert "fast-decode" not in codes(inexact_run(INT8))
