"""A memory sweep read, and which size is taken."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import MIB, make_attempt
from resnet_bench.analysis.choice import choose
from resnet_bench.analysis.sweep import Size, at_size, doubts, per_million, sizes
from resnet_bench.prices.table import packaged
from resnet_bench.results import records as r
from resnet_bench.results.run import Run
from sweeps import make_sizes

KILLED = r.Failed(error="OutOfMemory", message="killed at its memory limit of 128 MB")
LATE = r.Failed(error="RemoteTimeout", message="the function timed out after 30 s")


def near(middle_s: float, n: int = 12) -> list[float]:
    """Scattered by 2 % about the middle, the same way at each size."""
    return [middle_s * (1 + 0.02 * ((number * 7) % 11 - 5) / 5) for number in range(n)]


def read(run: Run) -> dict[int, Size]:
    return {size.memory_mb: size for size in sizes(run, packaged(None))}


def test_a_size_has_its_own_times_memory_and_cost() -> None:
    one = read(make_sizes({512: [0.4] * 12, 1024: [0.2] * 12}))[1024]
    assert one.warm is not None
    assert (one.warm.n, one.warm.p50) == (12, pytest.approx(0.206))
    assert (len(one.cold_s), one.used_bytes, one.utilisation) == (2, 300 * MIB, pytest.approx(300 / 1024))
    assert one.billed_s == pytest.approx(0.2)
    assert one.gb_s == pytest.approx(0.2)
    assert one.usd == pytest.approx(0.2 * 0.0000166667 + 0.0000002)
    assert per_million(one.usd or 0) == pytest.approx(Decimal("3.5333"), abs=Decimal("0.001"))
    assert one.usable
    assert one.billed_observer == "billed time in Lambda's REPORT lines"


def test_half_the_time_at_twice_the_memory_costs_the_same_gb_seconds() -> None:
    found = read(make_sizes({512: [0.4] * 12, 1024: [0.2] * 12}))
    assert found[512].gb_s == pytest.approx(found[1024].gb_s)


def test_each_size_is_a_run_of_a_function_of_that_size() -> None:
    one = at_size(make_sizes({512: [0.4] * 3, 1769: [0.2] * 4}), "1769 MB")
    assert one.deployment is not None
    assert (one.deployment.memory_bytes, one.deployment.cpu_share) == (1769 * MIB, 1.0)
    assert len(one.samples) == 6
    assert not any(sample.variant for sample in one.samples)


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        (KILLED, "out of memory"),
        (r.Failed(error="HttpError", message="Runtime exited with error: signal: killed", status=500), "out of memory"),
        (LATE, "timed out"),
        (
            r.Failed(error="AwsError", message="3008 at most (InvalidParameterValueException)"),
            "refused by AWS",
        ),
        (
            r.Failed(error="AwsError", message="an internal error (ServiceException)"),
            "failed: AwsError",
        ),
        (r.Failed(error="HttpError", message="it answered 502", status=502), "failed: HTTP 502"),
    ],
)
def test_a_size_that_never_answers_says_why(failed: r.Failed, told: str) -> None:
    dead = read(make_sizes({128: [], 512: [0.4] * 6}, failed={128: failed}))[128]
    assert dead.trouble == told
    assert (dead.warm, dead.usd, dead.used_bytes, dead.cold_s, dead.usable) == (None, None, None, (), False)


def test_a_size_that_dies_on_the_way_keeps_its_figures_and_is_not_taken() -> None:
    found = read(make_sizes({128: [0.1] * 6, 512: [0.4] * 6}, failed={128: KILLED}))
    assert found[128].warm is not None
    assert found[128].trouble == "out of memory"
    chosen = choose(tuple(found.values()), "speed")
    assert chosen is not None
    assert chosen.best.memory_mb == 512


@pytest.mark.parametrize("calls", [[0.1] * 6, [0.1]])
def test_one_lost_call_takes_no_size_away_and_is_counted(calls: list[float]) -> None:
    lost = r.Failed(error="HttpError", message="it answered 502", status=502)
    one = read(make_sizes({512: calls}, failed={512: lost}))[512]
    assert (one.trouble, one.failed_count, one.cause, one.usable) == ("", 1, "it answered 502", True)


def test_two_failures_in_a_row_are_where_a_sweep_gives_a_size_up() -> None:
    lost = r.Failed(error="HttpError", message="it answered 502", status=502)
    run = make_sizes({512: [0.1] * 6}, failed={512: lost})
    one = read(replace(run, samples=(*run.samples, run.samples[-1])))[512]
    assert (one.trouble, one.failed_count) == ("failed: HTTP 502", 2)


def test_without_report_lines_the_handler_tells_memory_and_time_and_is_named() -> None:
    run = make_sizes({1024: [0.2] * 12})
    late = r.Skipped("not there yet", pending=True)
    one = read(replace(run, samples=tuple(replace(each, report=late, trace=late) for each in run.samples)))[1024]
    assert one.used_bytes == 480 * MIB
    assert one.used_observer == "the handler's own peak RSS, without the runtime around it"
    assert one.billed_observer == "the handler's own total, rounded up to 1 ms"


def test_bills_go_by_the_mean_and_the_choice_by_the_median() -> None:
    one = read(make_sizes({1024: [*[0.2] * 11, 1.4]}))[1024]
    assert one.usd == pytest.approx(0.2 * 0.0000166667 + 0.0000002)
    assert one.mean_usd == pytest.approx(0.3 * 0.0000166667 + 0.0000002)


def test_a_size_whose_warm_calls_were_not_reached_was_interrupted() -> None:
    run = make_sizes({512: [0.4] * 6, 1024: [0.2]}, finished=False)
    cut = replace(run, samples=tuple(each for each in run.samples if each.variant == "512 MB" or each.phase == "cold"))
    assert read(cut)[1024].trouble == "interrupted"


def test_each_strategy_takes_its_own_size() -> None:
    """Less than half the time at twice the memory is cheaper; a third more memory for a tenth of the time is not."""
    found = tuple(read(make_sizes({512: near(0.5), 1024: near(0.24), 3008: near(0.2)})).values())
    taken = {strategy: choose(found, strategy) for strategy in ("cost", "speed", "balanced")}  # type: ignore[arg-type]
    assert {name: choice and choice.best.memory_mb for name, choice in taken.items()} == {
        "cost": 1024,
        "speed": 3008,
        "balanced": 1024,
    }


def test_what_cannot_be_told_from_the_best_is_as_good() -> None:
    noisy = [0.2 * factor for factor in (0.9, 1.1, 1.0, 0.95, 1.05, 1.02, 0.98, 1.08, 0.92, 1.01, 0.99, 1.0)]
    found = tuple(read(make_sizes({1024: noisy, 1769: noisy[::-1], 3008: [0.1] * 12})).values())
    chosen = choose(found[:2], "speed")
    assert chosen is not None
    assert [rival.size.memory_mb for rival in chosen.as_good] == [1769 if chosen.best.memory_mb == 1024 else 1024]
    clear = choose(found, "speed")
    assert clear is not None
    assert clear.as_good == ()


def test_of_too_few_pairs_nothing_is_called_as_good() -> None:
    chosen = choose(tuple(read(make_sizes({512: [0.4] * 3, 1024: [0.39] * 3})).values()), "speed")
    assert chosen is not None
    assert chosen.rivals[0].ratio.interval is None
    assert chosen.as_good == ()


def test_where_nothing_works_nothing_is_taken() -> None:
    assert choose(sizes(make_sizes({128: []}, failed={128: KILLED}), packaged(None)), "cost") is None


def test_memory_is_full_from_nine_tenths_on() -> None:
    found = read(make_sizes({512: [0.4] * 6, 1024: [0.2] * 6}, used_mb=480))
    assert (found[512].full, found[1024].full) == (True, False)


def test_a_doubt_of_every_size_is_said_once_and_that_of_one_under_its_name() -> None:
    run = make_sizes({512: near(0.4), 4096: near(0.2)})
    odd = replace(run.samples[-1], attempts=(make_attempt(),))
    told = {caveat.code: caveat.message for caveat in doubts(replace(run, samples=(*run.samples[:-1], odd)))}
    assert told["retried"].startswith("4096 MB: ")
    assert "few-runs" not in told
    assert "cpu-not-limited" not in told


@given(st.lists(st.floats(0.01, 20), min_size=6, max_size=6), st.floats(1.2, 5))
def test_scaling_all_times_alike_changes_no_choice_by_speed(warm: list[float], factor: float) -> None:
    first = choose(sizes(make_sizes({512: warm, 1024: [each / 3 for each in warm]}), packaged(None)), "speed")
    slower = [each * factor for each in warm]
    second = choose(sizes(make_sizes({512: slower, 1024: [each / 3 for each in slower]}), packaged(None)), "speed")
    assert first is not None
    assert second is not None
    assert first.best.memory_mb == second.best.memory_mb == 1024
