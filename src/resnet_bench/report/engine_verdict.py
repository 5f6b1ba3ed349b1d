"""The verdict's part on engines: of which it speaks, and whether their choice is worth more than that of a side."""

from __future__ import annotations

from resnet_bench.analysis.engine_choice import Matter, by_time, engine_choice
from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.reduced import reduced
from resnet_bench.report.names import PLACES
from resnet_bench.results.run import Run
from resnet_bench.units import number

_FEW = 2


def engine_sentence(run: Run) -> str:
    """Empty where it is not certain that the engine matters more."""
    found = engine_choice(run)
    if found is None:
        return ""
    engine, side = found.engine, found.side
    inexact = {one.subject for one in reduced(run.samples)}
    beside = "".join(f"; {name} is not exact" for name in (engine.slow, engine.fast) if name in inexact)
    return (
        f"The engine matters more than the side: on {_place(engine.where)} {_times(engine, engine.slow, engine.fast)}, "
        f"with {side.where} {_times(side, _place(side.slow), _place(side.fast))}{beside}."
    )


def engines_told(run: Run) -> tuple[str, ...]:
    """Two engines, or of more those that are the fastest on a side: a verdict is no table."""
    known = engines(run)
    if len(known) <= _FEW:
        return known
    fastest = {by_time(run, side)[0] for side in sides(run) if by_time(run, side)}
    return tuple(engine for engine in known if engine in fastest)


def _times(one: Matter, slow: str, fast: str) -> str:
    interval = f"95 % interval {number(one.interval.low)} to {number(one.interval.high)}"
    return f"{slow} takes {number(one.factor)} times as long as {fast} ({interval})"


def _place(side: str) -> str:
    return PLACES["local" if side == "local" else "remote"]
