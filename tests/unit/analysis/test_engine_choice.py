"""The engine is said to matter more than the side only where both intervals support it, on either side."""

from __future__ import annotations

import pytest

from factories import make_run, make_samples
from inexact import INT8_FAST, inexact_run
from resnet_bench.analysis.engine_choice import by_time, engine_choice
from resnet_bench.report.engine_verdict import engine_sentence, engines_told
from resnet_bench.report.verdicts import speed
from resnet_bench.units import number

FIVE_TIMES = inexact_run(INT8_FAST)


def test_an_engine_of_a_fifth_of_the_time_matters_more_than_a_side_of_twice_the_time() -> None:
    found = engine_choice(FIVE_TIMES)
    assert found is not None
    assert (found.engine.slow, found.engine.fast) == ("torch", "onnx-int8")
    assert found.engine.factor == pytest.approx(5, rel=0.1)
    assert (found.side.slow, found.side.fast) == ("remote", "local")
    assert found.side.factor == pytest.approx(2, rel=0.1)
    assert found.engine.interval.low > found.side.interval.high


@pytest.mark.parametrize(
    "medians",
    [
        {"torch": (0.4, 2), "onnx-int8": (0.08, 0.4)},
        {"torch": (0.4, 0.8), "onnx-int8": (0.08, 0.8)},
        {"torch": (0.4, 0.8), "onnx-int8": (0.04, 0.4)},
        {"torch": (0.4, 0.4)},
    ],
    ids=["as much", "on one side alone", "with one engine alone", "one engine"],
)
def test_it_is_not_claimed_where_it_is_not_so_everywhere(medians: dict[str, tuple[float, float]]) -> None:
    assert engine_choice(inexact_run(medians)) is None
    assert engine_sentence(inexact_run(medians)) == ""


def test_it_is_not_claimed_of_too_few_pairs_for_an_interval() -> None:
    assert engine_choice(inexact_run(INT8_FAST, runs=5)) is None


def test_a_faster_lambda_is_the_same_choice_the_other_way_round() -> None:
    found = engine_choice(inexact_run({"torch": (0.8, 0.4), "onnx-int8": (0.16, 0.08)}))
    assert found is not None
    assert (found.side.slow, found.side.fast) == ("local", "remote")


def test_the_verdict_says_it_in_one_sentence_and_what_is_not_exact() -> None:
    said = speed(FIVE_TIMES)
    sentence = said[said.index("The engine matters more than the side: ") :]
    found = engine_choice(FIVE_TIMES)
    assert found is not None
    assert f"torch takes {number(found.engine.factor)} times as long as onnx-int8 (95 % interval " in sentence
    assert f"Lambda takes {number(found.side.factor)} times as long as this machine (95 % interval " in sentence
    assert f"{number(found.side.interval.low)} to {number(found.side.interval.high)}" in sentence
    assert sentence.endswith("; onnx-int8 is not exact.")
    assert "The engine matters" not in speed(make_run(samples=make_samples(runs=12)))


def test_of_many_engines_the_verdict_speaks_of_the_fastest_on_each_side() -> None:
    run = inexact_run({"torch": (0.4, 0.8), "onnx": (0.2, 0.3), "openvino": (0.1, 0.6), "onnx-int8": (0.3, 0.5)})
    assert by_time(run, "local") == ("openvino", "onnx", "onnx-int8", "torch")
    assert engines_told(run) == ("onnx", "openvino")
    said = speed(run)
    assert "with onnx " in said
    assert "with openvino " in said
    assert "with torch this machine" not in said
    assert "2 more engines are in the tables" in said
    assert engines_told(FIVE_TIMES) == ("torch", "onnx-int8")
