"""Under which conditions the run was made: two lines above every output, and a table for who wants to know."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.picks import engines, sides
from resnet_bench.benchmark.series import engines_and_sides, samples_of
from resnet_bench.report.captions import captions
from resnet_bench.report.names import SIDES, listed
from resnet_bench.report.rows import Column, Row, Table
from resnet_bench.results.records import Answer, RuntimeFacts, Side
from resnet_bench.results.run import Run
from resnet_bench.units import MIB

COLUMNS = (Column("what", ""), Column("value", "", fold=True))


def headline(run: Run) -> tuple[str, ...]:
    """What was run, and where."""
    asked, here = run.settings, run.environment
    parts = [*_amounts(run), _count(len(run.images), "image")]
    memory = f"{here.memory_bytes / (1024 * MIB):.0f} GB"
    lines = [
        f"resnet-bench {asked.command}, {listed(asked.engines)}: {', '.join(parts)}",
        f"this machine: {here.cpu_model}, {_count(here.cpus_count, 'CPU')}, {memory}",
    ]
    if threads := _threads(run):
        lines.append(f"threads: {threads}")
    if not run.finished:
        more = "; compare --resume FILE goes on" if asked.command == "compare" else ""
        made = _count(len(run.samples), "call")
        lines.append(f"interrupted: the figures are those of the {made} made until then{more}")
    return tuple(lines)


def _amounts(run: Run) -> Iterator[str]:
    """How many calls were asked for; what each of a page's session would meet nobody could ask for beforehand."""
    asked = run.settings
    if asked.command == "serve":
        yield _count(len({sample.pair for sample in run.samples}), "classification")
        return
    yield _count(asked.runs, "warm pair" if asked.command in {"compare", "explain"} else "warm call")
    if asked.cold:
        yield _count(asked.cold, "cold start")


def conditions(run: Run) -> Table:
    """What must be alike where two runs are compared."""
    return Table(
        name="conditions",
        title="Conditions",
        columns=COLUMNS,
        rows=tuple(Row((what, value), group) for group, what, value in _listed(run)),
        captions=captions(run),
    )


def _listed(run: Run) -> Iterator[tuple[str, str, str]]:
    here = run.environment
    yield "this machine", "made at", run.created_at
    yield "this machine", "system", here.os
    yield "this machine", "load before", "not known" if here.load_1m is None else f"{here.load_1m:.1f}"
    yield "this machine", "versions", _versions(here.versions)
    yield "this machine", "seed", str(run.settings.seed)
    for engine, side in engines_and_sides(run):
        facts = _facts(run, engine, side)
        if facts is None:
            continue
        group = f"{engine}, {SIDES[side]}"
        yield group, "CPU", f"{facts.cpu_model}, {facts.vcpus_count} usable"
        yield group, "weights", f"{facts.weights}, SHA-256 {facts.weights_sha256[:12]}"
        yield group, "precision", facts.precision
        yield group, "decoding", facts.decode
        yield group, "threads", str(facts.threads_count)
        yield group, "versions", f"{facts.python}, {_versions(facts.versions)}"


def _facts(run: Run, engine: str, side: Side) -> RuntimeFacts | None:
    outcomes = (sample.outcome for sample in samples_of(run, engine=engine, side=side))
    return next((outcome.runtime for outcome in outcomes if isinstance(outcome, Answer)), None)


def _threads(run: Run) -> str:
    """The count on each side; engines usually agree, and are told apart where they do not."""
    told = []
    for side in sides(run):
        counts = {engine: facts.threads_count for engine in engines(run) if (facts := _facts(run, engine, side))}
        shown = {*counts.values()}
        text = str(*shown) if len(shown) == 1 else ", ".join(f"{count} ({name})" for name, count in counts.items())
        told.append(f"{SIDES[side]} {text}")
    return ", ".join(told)


def _versions(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
