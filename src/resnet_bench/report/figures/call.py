"""One call on Lambda, part by part: a row for each clock that saw it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from resnet_bench.analysis.clocks import REST, Lane, Part, apart
from resnet_bench.benchmark.series import STAGES
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import WIDE, Figure
from resnet_bench.report.figures.axes import axis, below_each_other, rows_high
from resnet_bench.report.figures.lanes import WHERE_IT_FITS, bars, words
from resnet_bench.report.names import BETWEEN_STAGES, MEASURES, PHASES
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit

# Short: on a phone they take their room from the bars.
_ROWS = {"client": "client", "platform": "X-Ray", "start": "start", "handler": "handler"}
_NAMES = {"tls": "TLS", **MEASURES}
# Stages as in the plot of a run's stages; of each row every part has its own.
_COLORS = {
    **{name: f"part{place}" for place, name in enumerate(STAGES)},
    **{name: f"part{place}" for place, name in enumerate(("prepare", "connect", "tls", "send", "wait", "receive"))},
    **{name: f"part{place}" for place, name in enumerate(("provisioning", "initialization", "invocation", "overhead"))},
    **{name: f"part{place}" for place, name in enumerate(("interpreter", "imports", "weights", "engine"))},
    "call": "part4",
    REST: "part8",
}
_NOTE = (
    "Each row by its own clock, from 0: only durations are measured, so that where the time of one clock falls within "
    "another's is not known. Point at a bar for its name and length."
)
_START = " start: the fresh process's own account of how it came up."


def call_timeline(run: Run, sample: Sample) -> Figure | None:
    """``None`` without a remote answer."""
    shown = apart(sample) if sample.side == "remote" else ()
    if not shown:
        return None
    unit = time_unit(part.length_s for lane in shown for part in lane.parts)
    return Figure(
        title=f"{sample.image}: one {PHASES[sample.phase]} call by each clock",
        description=f"In {unit.name}: {'; '.join([*_in_words(shown, unit), *_missing(sample)])}.",
        traces=tuple(_trace(lane, unit) for lane in shown),
        layout={
            "barmode": "overlay",
            "xaxis": axis("duration", unit),
            "yaxis": below_each_other(_ROWS[lane.observer] for lane in shown),
            "showlegend": False,
            "uniformtext": WHERE_IT_FITS,
            "height": rows_high(len(shown), 45),
            "meta": WIDE,
        },
        captions=captions(run),
        note=_NOTE + (_START if any(lane.observer == "start" for lane in shown) else ""),
    )


def _trace(lane: Lane, unit: Unit) -> dict[str, Any]:
    return bars(_ROWS[lane.observer], _named(lane), unit, [_COLORS[part.name] for part in lane.parts])


def _named(lane: Lane) -> Sequence[Part]:
    return [replace(part, name=_name(lane, part)) for part in lane.parts]


def _name(lane: Lane, part: Part) -> str:
    if part.name == REST and lane.observer == "handler":
        return BETWEEN_STAGES
    return _NAMES.get(part.name, words(part.name))


def _in_words(shown: Sequence[Lane], unit: Unit) -> Iterator[str]:
    for lane in shown:
        parts = ", ".join(f"{part.name} {number(part.length_s / unit.base)}" for part in _named(lane))
        yield f"{_ROWS[lane.observer]}: {parts}"


def _missing(sample: Sample) -> Iterator[str]:
    if isinstance(sample.trace, Skipped):
        yield f"X-Ray: not available: {sample.trace.reason}"
