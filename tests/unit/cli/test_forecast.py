"""What is said of X-Ray's sampling before the measured calls, judged by the warm-ups."""

from __future__ import annotations

from clocks import FalseClock
from resnet_bench.benchmark.measure import Step
from resnet_bench.benchmark.schedule import Place
from resnet_bench.cli.forecast import TraceForecast
from resnet_bench.results.records import Phase


def said(steps: list[tuple[Phase, float]], *, calls_count: int = 60, interval_s: float = 0.0) -> list[str]:
    """What is noted while steps of these phases, each so many seconds long, pass; two calls belong to each."""
    notes: list[str] = []
    clock = FalseClock()
    forecast = TraceForecast(notes.append, calls_count=calls_count, interval_s=interval_s, clock=clock)
    for number, (phase, lasts_s) in enumerate(steps, start=1):
        for side in ("local", "remote"):
            forecast.hear(Step(phase, number, len(steps), None, Place("onnx", side)))
        clock.sleep(lasts_s)
    return notes


def test_fast_calls_are_told_once_before_the_first_of_them() -> None:
    (told,) = said([("warmup", 0.2)] * 3 + [("warm", 0.2)] * 4)
    assert told.startswith("about 15 of 60 calls will be traced")


def test_slow_warm_ups_announce_a_run_that_is_traced_whole() -> None:
    assert said([("warmup", 1.5)] * 3 + [("warm", 1.5)]) == []


def test_an_interval_counts_for_more_than_the_pace_of_the_warm_ups() -> None:
    assert said([("warmup", 0.2)] * 3 + [("warm", 0.2)], interval_s=1.0) == []
    assert len(said([("warmup", 5.0)] * 3 + [("warm", 5.0)], interval_s=0.5)) == 1


def test_cold_starts_say_nothing_about_the_pace() -> None:
    steps: list[tuple[Phase, float]] = [("warmup", 0.2)] * 2 + [("cold", 30.0)] * 3 + [("warmup", 0.2)] * 2
    assert len(said([*steps, ("warm", 0.2)])) == 1


def test_without_warm_ups_nothing_is_known_and_nothing_said() -> None:
    assert said([("warm", 0.1)] * 5) == []
