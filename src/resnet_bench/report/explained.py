"""The page of ``explain``: the ladder, cold start and memory taken apart, and what people blame put to the test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from resnet_bench.analysis.held import held
from resnet_bench.analysis.hypotheses import Finding, cause, findings
from resnet_bench.analysis.ladder import HARDWARE, Ladder, ladder
from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.picks import engines
from resnet_bench.benchmark.stats import MIN_SAMPLES
from resnet_bench.report.anatomy import cold_shares, memory_taken_apart
from resnet_bench.report.captions import UNTRAINED, remote_in_short, untrained
from resnet_bench.report.cold import cold_starts
from resnet_bench.report.conditions import headline
from resnet_bench.report.figures.starts import starts
from resnet_bench.report.names import named
from resnet_bench.report.page import Page, Section
from resnet_bench.report.predictions import mismatches
from resnet_bench.report.rows import Column, Row, Table, span
from resnet_bench.report.tables import caveats_for
from resnet_bench.report.waterfall import ladder_table, sources, waterfall
from resnet_bench.results.run import Run
from resnet_bench.units import number, times

_CRITERION = (
    "holds: certainly a tenth of the gap or more. negligible: there, and certainly less. does not hold: may be nothing "
    "and is certainly less, or has the wrong sign."
)
# Doubts about figures that this page does not show: tails, and traces of warm calls.
_NOT_SHOWN = frozenset({"thin-tail", "trace-coverage"})
_MEMORY_GAP = (
    "the gap: by how much the process of the model peaks higher on Lambda than here, medians of the warm calls."
)


def explain_page(run: Run) -> Page:
    """Everything that a run of ``explain`` tells, whole or interrupted."""
    made = tuple(one for engine in engines(run) if (one := ladder(run, engine)) is not None)
    return Page(
        name="explain",
        headline=headline(run),
        sections=tuple(_sections(run, made)),
        caveats=tuple(caveat for caveat in caveats_for(run) if caveat.code not in _NOT_SHOWN),
        verdict=_verdict(run, made),
        warning=UNTRAINED if untrained(run) else "",
        record=run,
    )


def _sections(run: Run, made: Sequence[Ladder]) -> Iterator[Section]:
    if found := agreement(run):
        yield Section("Disagreement", (mismatches(run, found),))
        return
    blamed = [finding for one in made for finding in findings(run, one)]
    if made:
        yield Section("The gap", (ladder_table(run, made),), tuple(waterfall(run, one) for one in made))
        yield Section("What people blame, put to the test", (_blamed(run, blamed, "seconds"),))
    cold = tuple(table for table in (cold_starts(run), cold_shares(run)) if table is not None)
    if cold:
        drawn = (starts(run, engine) for engine in engines(run))
        yield Section("Cold start", cold, tuple(figure for figure in drawn if figure is not None))
    memory = memory_taken_apart(run, [one for engine in engines(run) if (one := held(run, engine)) is not None])
    if memory is not None:
        yield Section("Memory", (memory, _blamed(run, blamed, "bytes")) if made else (memory,))


def _blamed(run: Run, found: Sequence[Finding], kind: Literal["seconds", "bytes"]) -> Table:
    """What is found of the explanations of time, or of memory."""
    gap = "Lambda's longer calls" if kind == "seconds" else "Lambda's larger memory"
    columns = (
        Column("claim", "the explanation"),
        Column("verdict", "verdict"),
        Column("figure", "measured", kind, signed=True),
        Column("interval", "95 % interval", kind, drop=2),
        Column("share", "of the gap", "percent"),
        Column("share_interval", "95 % interval", "percent", drop=1),
        Column("n", "n", "count", detail=True),
    )
    return Table(
        name="explanations" if kind == "seconds" else "memory_explanations",
        title=f"What people blame for {gap}",
        columns=columns,
        rows=tuple(_row(one) for one in found if one.kind == kind),
        captions=sources(run),
        notes=(*_reasons(found, kind), _CRITERION, *((_MEMORY_GAP,) if kind == "bytes" else ())),
    )


def _row(one: Finding) -> Row:
    shares = (one.share, span(one.share_interval))
    return Row((one.claim, one.verdict, one.figure, span(one.interval), *shares, one.n), one.engine)


def _reasons(found: Sequence[Finding], kind: str) -> Iterator[str]:
    """How each was measured, or why not: once where it is the same for all engines."""
    told: dict[tuple[str, str], list[str]] = {}
    for one in found:
        if one.kind == kind:
            told.setdefault((one.claim, one.why), []).append(one.engine)
    engines_count = len({one.engine for one in found})
    for (claim, why), of in told.items():
        whose = "" if len(of) == engines_count else f", {', '.join(of)}"
        yield f"{claim}{whose}: {why}."


def _verdict(run: Run, made: Sequence[Ladder]) -> str:
    """One sentence: what explains the gap, and how surely."""
    if found := agreement(run):
        return f"No verdict: the two sides classify differently in {len(found)} pair{'' if len(found) == 1 else 's'}."
    if not made or run.deployment is None:
        return "No verdict: no image has been through every rung of the ladder."
    clauses = "; ".join(_clause(one) for one in made)
    return f"Against {remote_in_short(run.deployment)}: {clauses}."


def _clause(made: Ladder) -> str:
    shown = times([made.local.value, made.remote.value])
    here, there = (f"{text} {shown.unit.name}" for text in shown.texts)
    calls = f"with {named(made.engine)} a warm call takes {there} against {here} here"
    if made.whole.interval is None:
        return f"{calls}, but fewer than {MIN_SAMPLES} pairs tell nothing certain of why"
    if not made.whole.certain:
        return f"{calls}, and neither is certain to be slower, so that there is no gap to explain"
    found = cause(made)
    if found is None:
        return f"{calls}, and no single step is certain to explain any of the gap"
    step, share = found
    certain = f"{number(100 * share.interval.low)} to {number(100 * share.interval.high)} %"
    blamed = f"the {step.name}" if step.name == HARDWARE else step.name
    return f"{calls}, and {blamed} explains {number(100 * share.value)} % of that gap ({certain}, {made.n} pairs)"
