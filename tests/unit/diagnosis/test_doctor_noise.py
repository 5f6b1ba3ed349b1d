"""The spread of the same work, and which differences it lets one tell apart."""

from __future__ import annotations

import itertools
import math
import random

import pytest

from examined import only
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.diagnosis.noise import (
    Repeated,
    Taken,
    examine_noise,
    judge_discernible,
    judge_spread,
    judge_taken,
    longest_gap,
    repeat,
)
from resnet_bench.results.diagnosis import Finding


def noisy(sigma: float, count: int = 4000) -> Repeated:
    drawn = random.Random(1)
    return Repeated(tuple(math.exp(drawn.gauss(0, sigma)) for _ in range(count)))


@pytest.mark.parametrize(("found", "verdict"), [(noisy(0.01), "ok"), (noisy(0.2), "doubt")])
def test_a_wide_spread_is_a_doubt(found: Repeated, verdict: str) -> None:
    judged = judge_spread("computing", found)
    assert judged.verdict == verdict
    assert judged.measured[0].value == pytest.approx(0.01 if verdict == "ok" else 0.2, rel=0.1)


def test_rare_and_long_outliers_are_a_doubt_even_where_the_rest_is_quiet() -> None:
    assert judge_spread("computing", Repeated((1.0,) * 95 + (3.0,) * 5)).verdict == "doubt"


def test_what_pairs_can_tell_apart_follows_the_formula_and_the_root_of_their_number() -> None:
    found = noisy(0.05)
    # The difference of two logarithms has sqrt(2) of the deviation; 2.802 are 1.960 and 0.842 standard errors.
    expected = math.expm1(2.802 * math.sqrt(math.pi / 2) * math.sqrt(2) * 0.05 / math.sqrt(60))
    assert found.discernible(60) == pytest.approx(expected, rel=0.05)
    assert math.log1p(found.discernible(10)) / math.log1p(found.discernible(1000)) == pytest.approx(10)


def test_a_steady_drift_cancels_in_neighbours() -> None:
    drifting = Repeated(tuple(1 + count / 1000 for count in range(1000)))
    assert drifting.spread > 0.1
    assert drifting.discernible(60) < 0.001


def test_in_simulated_runs_that_difference_is_certain_in_four_of_five() -> None:
    drawn, sigma, pairs = random.Random(3), 0.05, 60
    apart = 1 + noisy(sigma).discernible(pairs)
    certain = 0
    for _ in range(200):
        before = [math.exp(drawn.gauss(0, sigma)) for _ in range(pairs)]
        after = [apart * math.exp(drawn.gauss(0, sigma)) for _ in range(pairs)]
        ratio = paired_ratio(after, before)
        assert ratio is not None
        assert ratio.interval is not None
        certain += 1 not in ratio.interval
    assert 0.7 < certain / 200 < 0.9


@pytest.mark.parametrize(("sigma", "verdict"), [(0.02, "ok"), (0.3, "doubt")])
def test_a_machine_that_tells_little_apart_is_in_doubt_about_ratios(sigma: float, verdict: str) -> None:
    judged = judge_discernible(noisy(sigma))
    assert (judged.verdict, judged.topics) == (verdict, ("ratios",))
    assert [one.name for one in judged.measured] == ["60 pairs", "10 pairs", "300 pairs"]


def taken(before: tuple[float | None, float | None], after: tuple[float | None, float | None]) -> list[Finding]:
    return list(judge_taken(Taken(0.0, *before), Taken(10.0, *after), gap_s=0.001))


def test_what_others_took_is_a_share_of_the_time() -> None:
    quiet = taken((1.0, 1.0), (1.1, 1.0))
    assert [one.verdict for one in quiet] == ["ok", "ok", "ok"]
    busy = taken((1.0, 1.0), (3.0, 1.5))
    assert only(busy, code="noise-waited").measured[0].value == pytest.approx(0.2)
    assert [one.verdict for one in busy[:2]] == ["doubt", "doubt"]


def test_a_kernel_that_keeps_no_account_leaves_it_unmeasured() -> None:
    assert [one.verdict for one in taken((None, None), (None, None))[:2]] == ["not measured", "not measured"]


def test_a_long_gap_is_a_doubt() -> None:
    now = Taken(1.0, None, None)
    assert only(judge_taken(Taken(0.0, None, None), now, 0.5), code="noise-gap").verdict == "doubt"


def test_the_longest_gap_is_between_two_readings() -> None:
    readings = iter([0.0, 0.0, 0.1, 0.45, 0.5, 1.2])
    assert longest_gap(1.0, lambda: next(readings)) == pytest.approx(0.7)


def test_work_is_repeated_for_as_long_as_asked_and_twice_at_least() -> None:
    clock = (0.5 * count for count in itertools.count()).__next__
    assert repeat(lambda: None, 3.0, clock).times_s == (0.5, 0.5, 0.5)
    slow = (100.0 * count for count in itertools.count()).__next__
    assert len(repeat(lambda: None, 1.0, slow).times_s) == 2


def test_a_real_examination_makes_every_finding() -> None:
    found = list(examine_noise(0.02, lambda _text, _fraction: None))
    assert [one.code for one in found] == [
        "noise-spread",
        "noise-spread",
        "noise-discernible",
        "noise-waited",
        "noise-stolen",
        "noise-gap",
    ]
