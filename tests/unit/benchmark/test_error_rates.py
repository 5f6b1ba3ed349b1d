"""How often calls fail: shares with their exact intervals, reasons, and the longest time without an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from doubts import codes, message
from factories import make_attempt, make_failed, make_run, make_sample, make_samples
from resnet_bench.benchmark.error_rates import error_rates, parts_of
from resnet_bench.benchmark.proportions import share_interval
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run, Seam

BEGUN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
LOST = Failed(error="ConnectError", message="cannot connect")


# Of Clopper and Pearson's limits as R's binom.test gives them, which inverts the beta distribution.
@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(3, 60, 0.01043, 0.13925), (0, 60, 0.0, 0.05963), (60, 60, 0.94037, 1.0), (1, 2, 0.01258, 0.98742)],
)
def test_an_interval_of_a_share_is_the_exact_one(count: int, n: int, low: float, high: float) -> None:
    interval = share_interval(count, n)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-5)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_the_share_and_mirrors_that_of_the_rest(drawn: tuple[int, int]) -> None:
    count, n = drawn
    interval, mirrored = share_interval(count, n), share_interval(n - count, n)
    assert count / n in interval
    assert (interval.low, interval.high) == pytest.approx((1 - mirrored.high, 1 - mirrored.low), abs=1e-9)


def test_a_long_run_has_an_interval_too() -> None:
    interval = share_interval(50_000, 100_000)
    assert 0.49 < interval.low < 0.5 < interval.high < 0.51


def at(minutes: float, outcome: Failed | None = None, **changes: object) -> Sample:
    made = make_failed(engine="onnx", **changes) if outcome else make_sample("remote", engine="onnx", **changes)
    made = replace(made, started_at=(BEGUN + timedelta(minutes=minutes)).isoformat())
    return replace(made, outcome=outcome) if outcome else made


def run_of(*samples: Sample, **changes: object) -> Run:
    return make_run(samples=samples, **changes)


def test_calls_are_counted_with_their_reasons_and_the_longest_time_without_an_answer() -> None:
    busy = Failed(error="HttpError", message="busy", status=503)
    run = run_of(at(0), at(1, busy), at(2), at(3, LOST), at(4, LOST), at(5), at(6, attempts=(make_attempt(),)))
    (rate,) = error_rates(run)
    assert (rate.failed, rate.calls, rate.repeated) == (3, 7, 1)
    assert rate.reasons == (("ConnectError", 2), ("HTTP 503", 1))
    assert rate.outage_s == 120.0
    assert rate.share in rate.interval


def test_an_outage_that_no_answer_ends_lasts_until_the_last_failure() -> None:
    (rate,) = error_rates(run_of(at(0), at(1, LOST), at(4, LOST)))
    assert rate.outage_s == 180.0


def test_an_outage_does_not_reach_over_the_time_in_which_the_run_was_interrupted() -> None:
    seam = Seam(resumed_at="later", after_count=3, load_1m=None)
    (rate,) = error_rates(run_of(at(0), at(1, LOST), at(2, LOST), at(600), seams=(seam,)))
    assert rate.outage_s == 60.0


def test_a_clock_that_was_set_back_makes_no_negative_outage() -> None:
    (rate,) = error_rates(run_of(at(0), at(5, LOST), at(1)))
    assert rate.outage_s == 0.0


def test_places_without_a_failure_have_a_rate_with_an_interval_too() -> None:
    rates = error_rates(make_run(runs=60))
    assert [(rate.engine, rate.side) for rate in rates] == [
        ("torch", "local"),
        ("torch", "remote"),
        ("onnx", "local"),
        ("onnx", "remote"),
    ]
    assert all(rate.failed == 0 < rate.interval.high and rate.outage_s is None for rate in rates)


# --- parts --------------------------------------------------------------------------------------------------------


def interrupted(factor: float, *, runs: int = 40) -> Run:
    """Resumed half-way; what follows takes ``factor`` times as long."""
    before = make_samples(runs=runs, engines=("onnx",), seed=1)
    after = make_samples(runs=runs, warmup=0, cold=0, engines=("onnx",), local_s=0.04 * factor, seed=2)
    moved = tuple(replace(sample, pair=sample.pair + runs) for sample in after)
    seam = Seam(resumed_at="2026-11-29T12:00:00+00:00", after_count=len(before), load_1m=0.1, aside=before[-1:])
    return make_run(samples=(*before, *moved), seams=(seam,))


def test_the_samples_between_the_seams_are_all_of_them() -> None:
    run = interrupted(1.0)
    parts = parts_of(run)
    assert len(parts) == 2
    assert parts[0] + parts[1] == run.samples
    assert parts_of(make_run()) == (make_run().samples,)


def test_a_resumed_run_says_so_and_that_its_parts_are_alike_is_not_worth_a_word() -> None:
    run = interrupted(1.0)
    told = message(run, "resumed")
    assert "at 2026-11-29T12:00:00+00:00 after 90 of 170 calls" in told
    assert "1 of torn pairs set aside" in told
    assert "parts-differ" not in codes(run)
    assert "resumed" not in codes(make_run())


@pytest.mark.parametrize("factor", [0.8, 1.3])
def test_a_side_that_is_slower_or_faster_behind_the_seam_is_doubted(factor: float) -> None:
    told = message(interrupted(factor), "parts-differ")
    assert told.startswith("onnx local: ")
    assert float(told.split(" took ")[1].split()[0]) == pytest.approx(factor, abs=0.05)
