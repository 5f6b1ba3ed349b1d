"""Which tables a run gets, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.agreement import agreement
from resnet_bench.benchmark.checks import check
from resnet_bench.report.by_engine import by_engine
from resnet_bench.report.call import calls
from resnet_bench.report.cold import cold_starts
from resnet_bench.report.conditions import conditions
from resnet_bench.report.distribution import distribution
from resnet_bench.report.failed import failed_calls
from resnet_bench.report.latency import side_by_side
from resnet_bench.report.memory import memory
from resnet_bench.report.predictions import mismatches, predictions
from resnet_bench.report.rows import Table
from resnet_bench.report.traces import traces
from resnet_bench.results.run import COMPARISONS, Caveat, Run

TOP = 5


def tables_for(run: Run, *, verbose: bool = False) -> tuple[Table, ...]:
    """The tables of a run; only that of the mismatches where the two sides classify differently.

    ``verbose`` adds all five classes of each image and the conditions.
    """
    if found := agreement(run):
        return (mismatches(run, found),)
    made = _comparison(run, verbose) if run.settings.command in COMPARISONS else _one_side(run, verbose)
    return tuple(table for table in made if table is not None and table.rows)


def caveats_for(run: Run) -> tuple[Caveat, ...]:
    """Those stored with the run and those that today's checks find in it.

    None where no figures are compared; and that a single call makes no statistics is not worth a word.
    """
    if agreement(run):
        return ()
    single = run.settings.command not in COMPARISONS and run.settings.runs == 1
    return tuple(caveat for caveat in (*run.caveats, *check(run)) if not (single and caveat.code == "few-runs"))


def _comparison(run: Run, verbose: bool) -> Iterator[Table | None]:
    yield by_engine(run)
    yield side_by_side(run)
    yield failed_calls(run)
    yield distribution(run)
    yield cold_starts(run)
    yield memory(run)
    yield traces(run)
    yield predictions(run, top=TOP if verbose else 1)
    if verbose:
        yield conditions(run)


def _one_side(run: Run, verbose: bool) -> Iterator[Table | None]:
    yield predictions(run, top=TOP)
    yield from calls(run)
    yield failed_calls(run)
    if run.settings.runs > 1:
        yield distribution(run)
    if run.settings.cold > 1:
        yield cold_starts(run)
    if run.settings.runs > 1 or run.settings.cold > 1:
        yield traces(run)
    if verbose:
        yield conditions(run)
