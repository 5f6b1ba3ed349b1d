"""The ladder from the local total to Lambda's: each step as a floating bar, with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from textwrap import wrap

from resnet_bench.analysis.estimates import Estimate
from resnet_bench.analysis.ladder import HARDWARE, NETWORK, Ladder
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import WIDE, Figure
from resnet_bench.report.rows import Bar, Caption, Column, Row, Table, Value, span
from resnet_bench.results.run import Run
from resnet_bench.units import MIB, Unit, number, time_unit

LOCAL, REST, REMOTE, GAP = "local as it is", "not explained", "Lambda as called", "the gap in all"

# Characters of a line below the plot.
_LABEL = 12

COLUMNS = (
    Column("step", "step"),
    Column("level", "median", "seconds", drop=1),
    Column("adds", "adds", "seconds", signed=True),
    Column("adds_interval", "95 % interval", "seconds"),
    Column("share", "of the gap", "percent", detail=True),
    Column("share_interval", "95 % interval", "percent", detail=True),
    Column("bar", "", "bar", drop=2),
)
_ADDED_UP = (
    "adds: median of paired differences to the rung above; over images the mean of their medians. Steps and "
    f"what is {REST} add up to the gap; medians need not."
)
_CLOCKS = (
    "Clocks: the worker's up to Lambda's CPU share; base64 and JSON: the client's for reading and encoding, the "
    "handler's from there; further on the client's."
)
_TOLD = (
    f"{HARDWARE}: by the handlers' own clocks; {NETWORK}: the client's total of the function's cheapest request; "
    f"{REST}: the image's upload, and what is left."
)


def ladder_table(run: Run, made: Sequence[Ladder]) -> Table:
    return Table(
        name="ladder",
        title="Where the gap comes from",
        columns=COLUMNS,
        rows=tuple(row for one in made for row in _rows(run, one)),
        captions=sources(run),
        notes=(_ADDED_UP, _CLOCKS if all(one.emulated for one in made) else f"{_CLOCKS} {_TOLD}"),
    )


def sources(run: Run) -> tuple[Caption, ...]:
    """Where the figures are from, the limited rungs on this machine among them."""
    held, size = run.local_enforcement, run.settings.memory_bytes
    if held is None or size is None:
        return captions(run)
    limited = f"local rungs from the CPU share on: held to that of {size // MIB} MB by {held.mechanism}"
    if not held.cpu_limited:
        limited = "local rungs from the CPU share on: CPU not limited, so that they show none of its effect"
    return (*captions(run), Caption(limited, limited))


def _rows(run: Run, made: Ladder) -> Iterator[Row]:
    images = len({sample.image for sample in run.samples if sample.engine == made.engine and not sample.variant})
    group = f"{made.engine}: {made.n} pairs" + (f" over {images} images" if images > 1 else "")
    bars = iter(_bars(made))
    nothing: tuple[Value, ...] = (None, None, None, None)
    yield Row((LOCAL, made.local.value, *nothing, next(bars)), group)
    for step in made.steps:
        level = None if step.level is None else step.level.value
        yield Row((step.name, level, *_effect(step.effect, made), next(bars)), group, 1)
    yield Row((REST, None, *_effect(made.remainder, made), next(bars)), group, 1)
    yield Row((REMOTE, made.remote.value, *nothing, next(bars)), group)
    yield Row((GAP, None, made.whole.value, span(made.whole.interval), None, None, next(bars)), group)


def _effect(effect: Estimate, made: Ladder) -> tuple[Value, ...]:
    share = effect.share_of(made.whole)
    shown = (None, None) if share is None else (share.value, span(share.interval))
    return (effect.value, span(effect.interval), *shown)


def _bars(made: Ladder) -> list[Bar]:
    """From 0 to the local total, each step from where the one before ended, from 0 to where that leads; the gap."""
    ends = list(accumulate((step.effect.value for step in made.steps), initial=made.local.value))
    ends.append(ends[-1] + made.remainder.value)
    low, high = min(0.0, *ends), max(ends)
    width = (high - low) or 1.0
    pairs = [(0.0, ends[0]), *pairwise(ends), (0.0, ends[-1]), (ends[0], ends[-1])]
    return [Bar((start - low) / width, (end - low) / width) for start, end in pairs]


def waterfall(run: Run, made: Ladder) -> Figure:
    """The same as a plot."""
    unit = time_unit([made.local.value, made.remote.value])
    names = [LOCAL, *(step.name for step in made.steps), REST, REMOTE]
    effects = [step.effect for step in made.steps] + [made.remainder]
    heights = [made.local.value, *(effect.value for effect in effects), made.local.value + made.whole.value]
    halves = ["", *(_half(effect, unit) for effect in effects), ""]
    told = "; ".join(f"{name} {number(value / unit.base)}" for name, value in zip(names, heights, strict=True))
    return Figure(
        title=f"{made.engine}: from the local total to Lambda's",
        description=f"Waterfall of {made.n} pairs, in {unit.name}: {told}.",
        traces=(
            {
                "type": "waterfall",
                "orientation": "v",
                "measure": ["absolute", *["relative"] * len(effects), "total"],
                "x": ["\n".join(wrap(name, _LABEL)) for name in names],
                "y": [value / unit.base for value in heights],
                "text": [number(value / unit.base) for value in heights],
                "textposition": "outside",
                "customdata": halves,
                "hovertemplate": f"%{{x}}<br>%{{y:.3~r}} {unit.name} %{{customdata}}<extra></extra>",
                "meta": {"color": "remote", "decreasing": "good", "totals": "muted"},
                "showlegend": False,
            },
        ),
        layout={
            "xaxis": {"title": {"text": "one more of Lambda's conditions at a time"}},
            "yaxis": {"title": {"text": f"total, {unit.name}"}, "rangemode": "tozero"},
            "height": 420,
            "meta": WIDE,
        },
        captions=sources(run),
        note="Medians of paired differences, which add up; pointing at a bar shows the 95 % interval's half.",
    )


def _half(effect: Estimate, unit: Unit) -> str:
    """Of the interval, as it is written after a value."""
    interval = effect.interval
    if interval is None:
        return ""
    return f"\N{PLUS-MINUS SIGN} {number((interval.high - interval.low) / 2 / unit.base)}"
