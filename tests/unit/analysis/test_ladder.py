"""The ladder from the local total to Lambda's: its steps add up, and their intervals hold what they claim to."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import make_attempt, make_run
from ladders import DEPLOYED_S, EMULATED_S, UPLOAD_S, explained
from resnet_bench.analysis import ladder as rungs
from resnet_bench.analysis.estimates import Estimate, Pairing, together
from resnet_bench.analysis.ladder import ladder, ladders
from resnet_bench.benchmark import resampling
from resnet_bench.errors import ResultError
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run

TIMES = st.floats(min_value=1e-6, max_value=1e3)
ROWS = st.lists(st.tuples(TIMES, TIMES, TIMES, TIMES), min_size=1, max_size=60)


@pytest.fixture
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for how often; 10,000 are for the last digit."""
    monkeypatch.setattr(resampling, "RESAMPLES", 500)


def changed(run: Run, which: Callable[[Sample], bool], **changes: object) -> Run:
    samples = tuple(replace(sample, **changes) if which(sample) else sample for sample in run.samples)
    return replace(run, samples=samples)


# --- what the steps are -------------------------------------------------------------------------------------------


def test_each_step_of_the_emulated_ladder_is_what_its_rung_adds() -> None:
    made = ladder(explained(noise=0.0), "onnx")
    assert made is not None
    assert made.emulated
    assert {step.name: pytest.approx(step.effect.value) for step in made.steps} == EMULATED_S
    assert made.whole.value == pytest.approx(sum(EMULATED_S.values()))
    assert made.remainder.value == pytest.approx(0, abs=1e-12)
    assert made.n == 40
    levels = [step.level.value for step in made.steps if step.level is not None]
    assert levels == pytest.approx([0.060, 0.160, 0.164, 0.166, 0.167])
    assert made.local.value == pytest.approx(0.040)
    assert made.remote.value == pytest.approx(0.167)


def test_of_a_lambda_elsewhere_the_handlers_clock_and_the_probe_tell_the_steps_and_the_upload_remains() -> None:
    made = ladder(explained(noise=0.0, deployed=True), "onnx")
    assert made is not None
    assert not made.emulated
    assert {step.name: pytest.approx(step.effect.value) for step in made.steps} == DEPLOYED_S
    assert made.remainder.value == pytest.approx(UPLOAD_S)
    assert made.inference is not None
    assert [step.name for step in made.steps if step.level is None] == [rungs.HARDWARE, rungs.NETWORK]


def test_images_count_alike_however_often_each_came() -> None:
    made = ladder(explained(images={"small.jpg": 0.01, "large.jpg": 0.09}, noise=0.0, runs=15), "onnx")
    assert made is not None
    assert made.local.value == pytest.approx(0.05)
    assert made.step(rungs.SHARE).effect.value == pytest.approx(0.100)  # type: ignore[union-attr]


@pytest.mark.parametrize("which", [rungs.THREADS, rungs.RUNTIME, ""])
def test_a_pair_counts_only_if_it_went_through_every_rung(which: str) -> None:
    run = explained(runs=10)

    def lost(sample: Sample) -> bool:
        return sample.pair == 3 and sample.variant == which and sample.phase == "warm"

    made = ladder(changed(run, lost, outcome=Failed(error="HttpError", message="lost", status=503)), "onnx")
    assert made is not None
    assert made.n == 9


@pytest.mark.parametrize(
    "change",
    [
        {"attempts": (make_attempt(),)},
        {"outcome": Failed(error="HttpError", message="Forbidden", status=403)},
    ],
)
def test_a_probe_that_was_repeated_or_did_not_reach_the_handler_does_not_count(change: dict[str, object]) -> None:
    run = explained(runs=10, deployed=True)
    made = ladder(changed(run, lambda one: one.variant == rungs.PROBE and one.pair < 4, **change), "onnx")
    assert made is not None
    assert made.n == 6


def test_each_engine_has_its_own_ladder_and_one_without_a_whole_pair_has_none() -> None:
    run = explained(engines=("onnx", "torch"), runs=8)
    assert [made.engine for made in ladders(run)] == ["onnx", "torch"]
    samples = tuple(one for one in run.samples if (one.engine, one.variant) != ("torch", rungs.RUNTIME))
    assert [made.engine for made in ladders(replace(run, samples=samples))] == ["onnx"]


@pytest.mark.parametrize("run", [make_run(), explained(runs=0)])
def test_where_there_is_no_ladder_it_is_said_what_to_run_first(run: Run) -> None:
    with pytest.raises(ResultError) as caught:
        ladders(run)
    assert "resnet-bench explain" in caught.value.hint


# --- how sure it is -----------------------------------------------------------------------------------------------


@given(ROWS, st.integers(1, 3))
def test_steps_and_remainder_add_up_to_the_whole_in_every_resample(rows: list[tuple[float, ...]], images: int) -> None:
    pairing = Pairing([f"image-{index % images}" for index in range(len(rows))])
    columns = list(zip(*rows, strict=True))
    steps = [pairing.difference(above, below) for below, above in pairwise(columns)]
    whole = pairing.difference(columns[-1], columns[0])
    remainder = whole - together(steps)
    back = together([*steps, remainder])
    assert back.value == pytest.approx(whole.value, abs=1e-9)
    if whole.resampled is None:
        assert len(rows) < 6
        assert remainder.interval is None
    else:
        assert back.resampled is not None
        assert np.allclose(back.resampled, whole.resampled, atol=1e-9)


def test_intervals_hold_the_true_steps_and_remainder_about_as_often_as_claimed(fewer_resamples: None) -> None:
    held: dict[str, list[bool]] = {}
    images = {"small.jpg": 0.02, "middle.jpg": 0.05, "large.jpg": 0.2}
    for seed in range(100):
        made = ladder(explained(images=images, runs=60, noise=0.1, seed=seed, cold=0), "onnx")
        assert made is not None
        truth = {**EMULATED_S, "whole": sum(EMULATED_S.values()), "remainder": 0.0}
        found = {step.name: step.effect for step in made.steps}
        for name, effect in {**found, "whole": made.whole, "remainder": made.remainder}.items():
            assert effect.interval is not None
            held.setdefault(name, []).append(truth[name] in effect.interval)
    rates = {name: np.mean(each) for name, each in held.items()}
    assert all(rate >= 0.88 for rate in rates.values()), rates
    assert 0.93 <= np.mean([*rates.values()]) <= 0.98, rates


def test_a_rung_without_an_effect_has_an_interval_that_holds_0(fewer_resamples: None) -> None:
    held = []
    for seed in range(40):
        made = ladder(explained(steps={rungs.RUNTIME: 0.0}, noise=0.05, seed=seed, cold=0), "onnx")
        step = made.step(rungs.RUNTIME) if made else None
        assert step is not None
        assert step.effect.interval is not None
        held.append(0 in step.effect.interval)
    assert np.mean(held) >= 0.85


def test_a_share_has_an_interval_of_its_own_and_there_is_none_of_what_may_be_nothing() -> None:
    made = ladder(explained(noise=0.01), "onnx")
    assert made is not None
    share = made.step(rungs.SHARE).effect.share_of(made.whole)  # type: ignore[union-attr]
    assert share is not None
    assert 100 / 127 in share.interval
    nothing = ladder(explained(steps=dict.fromkeys(EMULATED_S, 0.0), noise=0.05), "onnx")
    assert nothing is not None
    assert nothing.steps[0].effect.share_of(nothing.whole) is None
    assert Estimate(1.0, 3).share_of(Estimate(2.0, 3)) is None


def test_a_whole_that_a_few_calls_could_turn_round_has_no_shares() -> None:
    """Its normal interval excludes 0; its resamples, of which some hold more of the few than of the others, do not."""
    pairing = Pairing(["cat.jpg"] * 24)
    disturbed = [-0.3] * 9 + [0.1 + 0.0001 * place for place in range(15)]
    whole = pairing.estimate(disturbed)
    assert not whole.certain
    assert pairing.estimate([0.01] * 24).share_of(whole) is None
    assert pairing.estimate([0.1 + 0.0001 * place for place in range(24)]).certain
    assert not Estimate(1.0, 3).certain


@pytest.mark.parametrize("values", [[], [1.0]])
def test_an_estimate_needs_one_value_for_each_pair(values: list[float]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        Pairing(["a"] * (2 * len(values))).estimate(values)
