"""A self-check as a page: what can be trusted, then each subject's findings, then what to do about the doubts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from resnet_bench.report.page import Page, Section
from resnet_bench.report.rows import Column, Row, Table
from resnet_bench.results.diagnosis import Diagnosis, Finding, Measured, Subject, Trust, Verdict
from resnet_bench.results.run import Caveat
from resnet_bench.units import format_bytes, number, times

TITLES: dict[Subject, str] = {
    "limiter": "CPU share and memory limit",
    "timer": "Clocks",
    "noise": "This machine and its noise",
    "harness": "What measuring itself costs",
    "engines": "Engines and weights",
    "installed": "Installed, and room",
    "reachable": "Reachable",
    "leftovers": "Left behind",
}
COLUMNS = (
    Column("what", "", fold=True),
    Column("found", "found", fold=True),
    Column("n", "n", "count"),
    Column("interval", "95 % interval"),
    Column("verdict", "verdict"),
)
TRUST_COLUMNS = (
    Column("topic", ""),
    Column("verdict", "verdict"),
    Column("why", "because", fold=True),
)
# Told one by one only where something is wrong with one, or all is asked for.
_MANY = "installed-package"


def doctor_page(found: Diagnosis, *, verbose: bool = False) -> Page:
    """``verbose`` shows every package too."""
    length = "quick" if found.quick else "full"
    cpus, memory = found.environment.cpus_count, format_bytes(found.environment.memory_bytes)
    verdict = in_words(found)
    return Page(
        name="doctor",
        headline=(
            f"resnet-bench doctor, {length}: {_counted(found.findings)}, in {found.took_s:.0f} s",
            f"this machine: {found.environment.cpu_model}, {cpus} CPUs, {memory}",
        ),
        sections=(Section("What can be trusted here", (_trusted(found.trust),)), *_subjects(found, verbose=verbose)),
        caveats=tuple(_caveats(found.findings)),
        verdict=verdict,
        record=found,
    )


def in_words(found: Diagnosis) -> str:
    """What can be trusted, what not, and what to mend first."""
    parts = [
        f"{words}: {', '.join(topics)}."
        for verdict, words in _WORDS.items()
        if (topics := [one.topic for one in found.trust if one.verdict == verdict])
    ]
    if (ratio := _discernible(found.findings)) is not None:
        parts.append(ratio)
    parts.append(f"First: {found.first}." if found.first else "Nothing has to be mended.")
    return " ".join(parts)


_WORDS: dict[Verdict, str] = {
    "ok": "Trust here",
    "doubt": "With doubts",
    "fault": "Do not trust here",
    "not measured": "Not known",
}


def _discernible(findings: Sequence[Finding]) -> str | None:
    for one in findings:
        if one.code == "noise-discernible" and one.measured:
            told = f"{one.measured[0].name} tell ratios apart down to {100 * one.measured[0].value:.1f} %"
            return f"By the noise of computing for 5 ms, {told}."
    return None


def _counted(findings: Sequence[Finding]) -> str:
    counts = {verdict: sum(one.verdict == verdict for one in findings) for verdict in get_args(Verdict)}
    names = {verdict: verdict if counts[verdict] == 1 else f"{verdict}s" for verdict in ("doubt", "fault")}
    return ", ".join(f"{count} {names.get(verdict, verdict)}" for verdict, count in counts.items())


def _trusted(trust: Sequence[Trust]) -> Table:
    return Table(
        name="trust",
        title="What can be trusted here",
        columns=TRUST_COLUMNS,
        rows=tuple(Row((one.topic, one.verdict, one.why)) for one in trust),
        notes=("verdict: the worst of the findings that bear on it.",),
    )


def _subjects(found: Diagnosis, *, verbose: bool) -> Iterator[Section]:
    for subject, title in TITLES.items():
        ours = [one for one in found.findings if one.subject == subject]
        if ours:
            yield Section(title, (_table(subject, title, ours, verbose=verbose),))


def _table(subject: Subject, title: str, findings: Sequence[Finding], *, verbose: bool) -> Table:
    alike = [one for one in findings if one.code == _MANY and one.verdict == "ok"]
    shown = findings if verbose else [one for one in findings if one not in alike]
    rows = [_row(one) for one in shown]
    if alike and not verbose:
        rows.insert(1, Row(("packages", f"{len(alike)} within their ranges", None, None, "ok")))
    return Table(name=subject, title=title, columns=COLUMNS, rows=tuple(rows), inline_units=True)


def _row(one: Finding) -> Row:
    """The figure that stands for the finding is in its words; its interval stands beside."""
    figure = one.measured[0] if one.measured else None
    return Row(
        (
            one.what,
            one.told,
            None if figure is None or figure.n == 1 else figure.n,
            None if figure is None else _interval(figure),
            one.verdict,
        )
    )


def _interval(figure: Measured) -> str | None:
    """With its own unit: figures of a table here are of many kinds and sizes."""
    if figure.low is None or figure.high is None:
        return None
    if figure.unit == "seconds":
        shown = times((figure.low, figure.high))
        return f"[{shown.texts[0]}, {shown.texts[1]}] {shown.unit.name}"
    return f"[{number(figure.low)}, {number(figure.high)}]"


def _caveats(findings: Sequence[Finding]) -> Iterator[Caveat]:
    """Faults before doubts; what the same step would remove is told together."""
    for verdict in ("fault", "doubt"):
        alike: dict[str, list[Finding]] = {}
        for one in findings:
            if one.verdict == verdict:
                alike.setdefault(one.todo or one.what, []).append(one)
        for each in alike.values():
            told = "; ".join(f"{one.what}: {one.told}" for one in each)
            follows = next((one.follows for one in each if one.follows), "")
            message = f"{verdict}: {told}" + (f". It follows: {follows}" if follows else "")
            yield Caveat(code=each[0].code, message=message, next_step=each[0].todo)
