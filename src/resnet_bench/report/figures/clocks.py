"""One median call on Lambda as client, platform and handler saw it, each clock's parts inside the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from resnet_bench.analysis.clocks import Lane, lanes, middle_call
from resnet_bench.report.captions import captions
from resnet_bench.report.figure import Figure
from resnet_bench.report.figures.axes import axis, below_each_other, rows_high
from resnet_bench.report.figures.lanes import WHERE_IT_FITS, bars, words
from resnet_bench.results.records import Phase
from resnet_bench.results.run import Run
from resnet_bench.units import Unit, number, time_unit

# Whose clock it was, and in which colour it is drawn.
_OBSERVERS = {
    "client": ("client", "remote"),
    "platform": ("platform,\nX-Ray", "third"),
    "handler": ("handler", "other"),
}
_NOTE = (
    "Only durations are measured: where an inner clock's span begins within the outer one's is not known, and it is "
    "drawn in the middle. Lambda's overhead may end after the answer was sent."
)


def clocks(run: Run, engine: str, phase: Phase) -> Figure | None:
    """Of the call with the total nearest to the median; ``None`` where no remote call of the phase counts."""
    sample = middle_call(run, engine, phase)
    shown = () if sample is None else lanes(sample)
    if sample is None or not shown:
        return None
    unit = time_unit(part.length_s for lane in shown for part in lane.parts)
    traces = tuple(_trace(lane, unit) for lane in shown)
    return Figure(
        title=f"{engine}: a median {phase} call by each clock",
        description=f"{sample.image}, in {unit.name}: {'; '.join(_in_words(lane, unit) for lane in shown)}.",
        traces=traces,
        layout={
            "barmode": "overlay",
            "xaxis": axis("since the call began", unit),
            "yaxis": below_each_other(trace["name"] for trace in traces),
            "showlegend": False,
            "uniformtext": WHERE_IT_FITS,
            "height": rows_high(len(shown), 50),
        },
        captions=captions(run),
        note=_NOTE,
    )


def _trace(lane: Lane, unit: Unit) -> dict[str, Any]:
    name, color = _OBSERVERS[lane.observer]
    return bars(name, [replace(part, name=words(part.name)) for part in lane.parts], unit, color)


def _in_words(lane: Lane, unit: Unit) -> str:
    parts = (f"{words(part.name)} {number(part.length_s / unit.base)}" for part in lane.parts)
    return f"{lane.observer}: {', '.join(parts)}"
