"""The results as a page of Markdown: the machine, what was met, and one table for each group."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from resnet_bench.benchmark.reduced import Reduced
from resnet_bench.report.agreements import in_words
from resnet_bench.results.records import Skipped
from resnet_bench.units import format_bytes, number, times
from suite.figures import Check, Figure, Goal, Reading, Unit
from suite.record import Machine, Measured, Results

_COLUMNS = ("what", "goal", "measured", "95 % interval", "verdict", "medians", "n")
_ABOUT = """\
What stands beside each goal was measured in one run of `make bench`. A ratio is of subjects that took turns in random
order, pair by pair; a time by itself is a median. An interval is at 95 %, and a verdict is "not certain" where the goal
lies in it. The weights are untrained: times and memory do not depend on their values. The Lambda is emulated on the
same machine, whose CPUs it shares with whatever calls it."""


def markdown(results: Results) -> str:
    """The whole page, ending with a newline."""
    return "\n".join(_page(results)) + "\n"


def _page(results: Results) -> Iterator[str]:
    yield "# Speed and memory against their goals\n"
    yield f"{_ABOUT}\n"
    yield from _summary(results)
    yield from _machine(results.machine, results.created_at)
    for group in results.groups:
        yield from _group(group)


def _summary(results: Results) -> Iterator[str]:
    met, missed, skipped = (results.with_goal(met=met) for met in (True, False, None))
    yield f"**Goals: {len(met)} met, {len(missed)} missed, {len(skipped)} not measured.**\n"
    told = [f"not measured: {group.title}" for group in results.groups if group.trouble]
    told += [_check(check) for group in results.groups for check in group.checks if not check.holds]
    told += [
        f"{_verdict(figure)}: {figure.what} ({_measured(figure)}, goal {_goal(figure.goal, figure.unit)})"
        for figure in missed
    ]
    yield from _listed(told)


def _machine(machine: Machine, created_at: str) -> Iterator[str]:
    here = machine.environment
    versions = ", ".join(f"{name} {version}" for name, version in here.versions.items())
    load = "unknown" if here.load_1m is None else f"{here.load_1m:.1f}"
    yield from _table(
        ("measured", created_at),
        [
            ("processor", f"{here.cpu_model}, {here.cpus_count} CPUs"),
            ("CPU flags that matter", ", ".join(machine.cpu_flags) or "none known"),
            ("memory", format_bytes(here.memory_bytes)),
            ("system", here.os),
            ("load before", load),
            ("limits of the emulated Lambda", machine.limiter),
            ("versions", f"{here.python}, {versions}"),
        ],
    )
    yield ""


def _group(group: Measured) -> Iterator[str]:
    yield f"## {group.title}\n"
    yield f"{group.how} Rounds: {group.rounds}.\n"
    if group.trouble:
        yield f"Not measured: {group.trouble}.\n"
    if group.figures:
        yield f"{table(group.figures)}\n"
    agreements = in_words(Reduced(one.subject, one) for one in group.agreements)
    yield from _listed([*map(_check, group.checks), *agreements])


def table(figures: Iterable[Figure]) -> str:
    """One row for each, without a line's end behind the last."""
    return "\n".join(_table(_COLUMNS, map(_row, figures)))


def _listed(lines: list[str]) -> Iterator[str]:
    if lines:
        yield "\n".join(f"- {line}" for line in lines) + "\n"


def _check(check: Check) -> str:
    return f"{'holds' if check.holds else '**does not hold**'}: {check.what} ({check.found})"


def _row(figure: Figure) -> tuple[str, ...]:
    if isinstance(figure.value, Skipped):
        return figure.what, _goal(figure.goal, figure.unit), "", "", f"not measured: {figure.value.reason}", "", ""
    return (
        figure.what,
        _goal(figure.goal, figure.unit),
        _measured(figure),
        _interval(figure),
        _verdict(figure),
        ", ".join(map(_reading, figure.medians)),
        str(figure.n or ""),
    )


def _interval(figure: Figure) -> str:
    if figure.interval is None:
        return "too few" if figure.n else ""
    return f"{text(figure.interval.low, figure.unit)} to {text(figure.interval.high, figure.unit)}"


def _measured(figure: Figure) -> str:
    return "" if isinstance(figure.value, Skipped) else text(figure.value, figure.unit)


def _verdict(figure: Figure) -> str:
    if figure.met is None:
        return ""
    doubt = "" if figure.certain else ", not certain"
    return f"met{doubt}" if figure.met else f"**missed{doubt}**"


def _goal(goal: Goal | None, unit: Unit) -> str:
    if goal is None:
        return ""
    return f"{'at least' if goal.at_least else 'at most'} {text(goal.limit, unit)}"


def _reading(reading: Reading) -> str:
    return f"{reading.name} {text(reading.value, reading.unit)}"


def text(value: float, unit: Unit) -> str:
    """A value with its unit, for people."""
    if unit == "s":
        group = times([value])
        return f"{group.texts[0]} {group.unit.name}"
    if unit == "B":
        return format_bytes(round(value))
    if unit == "FLOP/s":
        return f"{number(value / 1e9)} GFLOP/s"
    return f"{value:.3f}" if value < 1 else number(value)


def _table(header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    header = list(header)
    yield _line(header)
    yield _line(["---"] * len(header))
    yield from map(_line, rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
