"""What ``collect`` tells: what arrived, what is still missing, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import typer

from resnet_bench.benchmark.arrivals import Arrivals, Collected
from resnet_bench.characters import fit
from resnet_bench.cli.streams import write_document


@dataclass(frozen=True)
class Outcome:
    """``saved`` is the result file, if there was anything new; ``traces`` the file with ``exported_count`` raw ones.

    ``advice`` is what to try where AWS could not be asked.
    """

    collected: Collected
    saved: Path | None = None
    traces: Path | None = None
    exported_count: int | None = None
    advice: tuple[str, ...] = ()


def show(outcome: Outcome, *, json: bool) -> None:
    if json:
        write_document(msgspec.json.encode(_document(outcome)))
    else:
        for what, arrived in (("traces", outcome.collected.traces), ("REPORT lines", outcome.collected.reports)):
            _show_arrivals(what, arrived)
    for hint in outcome.advice:
        typer.echo(f"  try: {hint}", err=True)
    if outcome.saved is not None:
        typer.echo(f"saved: {outcome.saved}", err=True)
    if outcome.traces is not None:
        typer.echo(f"raw traces: {outcome.exported_count} in {outcome.traces}", err=True)


def _show_arrivals(what: str, arrivals: Arrivals) -> None:
    parts = [
        (arrivals.arrived_count, "arrived"),
        (arrivals.final.total(), "will not come"),
        (arrivals.missing.total(), "still missing"),
    ]
    counts = ", ".join(f"{count} {word}" for count, word in parts if count)
    typer.echo(f"{what}: {counts or 'none was missing'}")
    for reason, count in (arrivals.final + arrivals.missing).most_common():
        typer.echo(f"  {count} x {fit(reason)}")


def _document(outcome: Outcome) -> dict[str, object]:
    return {
        "traces": _counts(outcome.collected.traces),
        "reports": _counts(outcome.collected.reports),
        "saved": None if outcome.saved is None else str(outcome.saved),
        "exported_traces": outcome.exported_count,
    }


def _counts(arrivals: Arrivals) -> dict[str, int | Counter[str]]:
    return {"arrived": arrivals.arrived_count, "final": arrivals.final, "missing": arrivals.missing}
