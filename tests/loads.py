"""Load tests whose figures are known: answers that arrive at a steady rate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from factories import make_answer, make_client, make_level, make_run, make_sample, make_settings
from resnet_bench.results.levels import LoadClients, LoadLevel
from resnet_bench.results.records import Sample, Side
from resnet_bench.results.run import Run


def answered(level: LoadLevel, begun_s: float, took_s: float, *, cold: bool = False) -> Sample:
    """A call that its client began ``begun_s`` after the level did."""
    assert isinstance(level.clients, LoadClients)
    began_at = datetime.fromisoformat(level.clients.began_at) + timedelta(seconds=begun_s)
    return make_sample(
        level.side,
        phase="load",
        variant=level.variant,
        started_at=began_at.isoformat(timespec="microseconds"),
        outcome=make_answer(took_s, side=level.side, cold_start=cold),
        client=make_client(took_s),
    )


def steady(level: LoadLevel, rate: float, took_s: float = 0.2) -> Iterator[Sample]:
    """Answers at a steady rate over the whole level."""
    for number in range(round(level.duration_s * rate)):
        yield answered(level, number / rate - took_s / 2, took_s)


def run_of(levels: Sequence[tuple[LoadLevel, Sequence[Sample]]], **changes: Any) -> Run:
    """A load test with these levels and their calls."""
    return make_run(
        settings=make_settings(command="load", engines=("torch",), runs=0, warmup=0, cold=0),
        samples=tuple(sample for _, samples in levels for sample in samples),
        levels=tuple(level for level, _ in levels),
        **changes,
    )


def steady_run(rates: Mapping[Side, Mapping[int, float]], **changes: Any) -> Run:
    """Throughput by side and concurrency."""
    levels = [(make_level(side, at), rate) for side, by_level in rates.items() for at, rate in by_level.items()]
    return run_of([(level, list(steady(level, rate, 0.05 * level.concurrency))) for level, rate in levels], **changes)
