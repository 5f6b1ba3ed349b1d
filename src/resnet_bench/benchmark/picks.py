"""Which samples count, where whole samples are needed: the same of which ``series`` keeps one measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from resnet_bench.benchmark.series import counts, samples_of
from resnet_bench.results.once import once
from resnet_bench.results.records import Answer, Phase, Sample, Side
from resnet_bench.results.run import Run

Pick = tuple[Sample, Answer]


@once
def engines(run: Run) -> tuple[str, ...]:
    """Those called, in the order in which they were asked for."""
    called = dict.fromkeys(sample.engine for sample in samples_of(run))
    return tuple(name for name in dict.fromkeys((*run.settings.engines, *called)) if name in called)


@once
def sides(run: Run) -> tuple[Side, ...]:
    """Those that gave at least one answer, local first."""
    there = {sample.side for sample in samples_of(run) if isinstance(sample.outcome, Answer)}
    both: tuple[Side, Side] = ("local", "remote")
    return tuple(side for side in both if side in there)


@once
def counted(run: Run, *, engine: str, side: Side, phase: Phase) -> tuple[Pick, ...]:
    """The calls of the phase that count, in the order measured."""
    return tuple(
        (sample, sample.outcome)
        for sample in samples_of(run, engine=engine, side=side, phase=phase)
        if isinstance(sample.outcome, Answer) and counts(sample, sample.outcome)
    )


def values(picks: Iterable[Pick], read: Callable[[Sample, Answer], float | None]) -> tuple[float, ...]:
    """What ``read`` finds in each; calls that lack it are left out."""
    return tuple(value for sample, answer in picks if (value := read(sample, answer)) is not None)
