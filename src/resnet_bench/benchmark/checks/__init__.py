"""Doubts about a run, as data: each check looks for one thing and yields caveats with figures and a next step.

A check is a function of the run in one of this folder's modules and a line in ``CHECKS``. Its code is stable: scripts
may look for it. Checks are made from the stored samples, so that an old file can be doubted by newer checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from msgspec.structs import replace

from resnet_bench.benchmark.checks import answers, clocks, figures, labels, load, seams, setup
from resnet_bench.results.run import Caveat, Run
from resnet_bench.results.variants import plain

Check = Callable[[Run], Iterator[Caveat]]

# In the order of importance to a reader.
CHECKS: tuple[Check, ...] = (
    setup.untrained,
    answers.reduced_precision,
    answers.fast_decode,
    setup.cpu_not_limited,
    setup.memory_not_limited,
    setup.memory_above_limit,
    setup.memory_changed,
    setup.throttle_approximate,
    setup.vcpus_capped,
    setup.sides_differ,
    setup.cpu_taken,
    seams.resumed,
    seams.parts_differ,
    labels.failures,
    labels.throttled,
    labels.retried,
    labels.cold_in_warm,
    labels.warm_in_cold,
    clocks.nesting,
    clocks.resolution,
    clocks.trace_coverage,
    figures.few_runs,
    figures.thin_tail,
    figures.drift,
    figures.wide_interval,
    figures.outliers,
    figures.two_modes,
    setup.host_busy,
)

# These look at samples that were made under load, which are none of the run's plain ones.
LOAD_CHECKS: tuple[Check, ...] = (
    load.setup_of_levels,
    load.shares_cpus,
    load.clients_at_their_limit,
    load.failed_under_load,
)

# Every code that a check gives. Others are of what only the run itself could see, and are kept with it.
CODES = frozenset(
    {
        "untrained-weights",
        "reduced-precision",
        "fast-decode",
        "cpu-not-limited",
        "memory-not-limited",
        "memory-above-limit",
        "memory-changed",
        "throttle-approximate",
        "vcpus-capped",
        "sides-differ",
        "cpu-taken",
        "resumed",
        "parts-differ",
        "failures",
        "throttled",
        "retried",
        "cold-in-warm",
        "warm-in-cold",
        "nesting-violated",
        "clock-resolution",
        "trace-coverage",
        "few-runs",
        "thin-tail",
        "drift",
        "wide-interval",
        "outliers",
        "two-modes",
        "host-busy",
        "load-shares-cpus",
        "load-clients-limited",
    }
)


def check(run: Run) -> tuple[Caveat, ...]:
    """Every doubt about the plain samples of ``run``, and about its load test, that it does not carry already."""
    alike = plain(run)
    # The advice may have been put in other words since the file was written.
    carried = {(caveat.code, caveat.message) for caveat in run.caveats}
    made = ((each, alike) for each in CHECKS), ((each, run) for each in LOAD_CHECKS)
    found: Iterator[Caveat] = (caveat for each, whole in chain(*made) for caveat in each(whole))
    if run.settings.command == "serve":
        found = map(_without_options, found)
    return tuple(caveat for caveat in found if (caveat.code, caveat.message) not in carried)


def _without_options(caveat: Caveat) -> Caveat:
    """For a session of the page, which has no options by which calls could be made otherwise."""
    if "--" not in caveat.next_step:
        return caveat
    return replace(caveat, next_step=f"in a whole run, by resnet-bench compare: {caveat.next_step}")


def recheck(run: Run) -> Run:
    """``run`` with the doubts that its samples give now, in place of those that they gave when it was saved."""
    own = replace(run, caveats=tuple(caveat for caveat in run.caveats if caveat.code not in CODES))
    return replace(own, caveats=(*own.caveats, *check(own)))
