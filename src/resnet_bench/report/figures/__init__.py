"""The plots of a run, as data, by the subject that they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.picks import engines
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.clocks import clocks
from resnet_bench.report.figures.course import timeline
from resnet_bench.report.figures.footprint import footprint
from resnet_bench.report.figures.spread import spread
from resnet_bench.report.figures.stages import stages
from resnet_bench.report.figures.starts import starts
from resnet_bench.results.run import Run

LATENCY, COLD, MEMORY, TRACES = "Latency", "Cold starts", "Memory", "X-Ray traces"

# Each makes the figure of one engine, or ``None`` where there is nothing to draw. Those in one tuple stand together.
_DRAW: dict[str, tuple[tuple[Callable[[Run, str], Figure | None], ...], ...]] = {
    LATENCY: ((spread, stages), (timeline,)),
    COLD: ((starts,),),
    MEMORY: ((footprint,),),
    TRACES: ((partial(clocks, phase="warm"), partial(clocks, phase="cold")),),
}


def figures(run: Run) -> dict[str, tuple[Figure, ...]]:
    """By subject; none where the sides classify differently, since no figures are compared then."""
    if agreement(run):
        return {}
    made = {
        subject: tuple(figure for together in groups for figure in _of_each_engine(run, together))
        for subject, groups in _DRAW.items()
    }
    return {subject: found for subject, found in made.items() if found}


def _of_each_engine(run: Run, together: Iterable[Callable[[Run, str], Figure | None]]) -> Iterable[Figure]:
    return [made for engine in engines(run) for draw in together if (made := draw(run, engine)) is not None]
