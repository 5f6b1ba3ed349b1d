"""Doubts about a load test: who shared the CPUs with whom, and whether the clients could keep up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from resnet_bench.benchmark.checks import answers, setup
from resnet_bench.benchmark.demand import client_cpus, side_cpus
from resnet_bench.benchmark.load import refused
from resnet_bench.results.records import Failed, Side
from resnet_bench.results.run import Caveat, Run

# All clients are threads of one Python process, which gets little further than one CPU.
CLIENTS_AT_THEIR_LIMIT = 0.8
_WHERE = {"local": "here", "remote": "on the emulated Lambda"}


def setup_of_levels(run: Run) -> Iterator[Caveat]:
    """Those doubts about weights and versions that do not depend on how calls were made."""
    if run.levels:
        alike = replace(run, samples=tuple(replace(sample, variant="") for sample in run.samples))
        for each in (
            setup.untrained,
            answers.reduced_precision,
            answers.fast_decode,
            setup.memory_above_limit,
            setup.sides_differ,
        ):
            yield from each(alike)


def shares_cpus(run: Run) -> Iterator[Caveat]:
    """From which level on clients and server together want more CPUs than there are, for each side."""
    first: dict[Side, str] = {}
    for level in run.levels:
        wanted, clients = side_cpus(run, level), client_cpus(level)
        if wanted is None or clients is None or wanted + clients <= run.environment.cpus_count:
            continue
        first.setdefault(
            level.side, f"{_WHERE[level.side]} from {level.concurrency} at once on ({wanted:.2f} + {clients:.2f})"
        )
    if first:
        yield Caveat(
            code="load-shares-cpus",
            message=f"server and clients want more CPUs than this machine's {run.environment.cpus_count}, and slow "
            f"each other: {', '.join(first.values())}",
            next_step="read these figures as the least that a side can do; for more, take a machine with more CPUs, or "
            "load a deployed Lambda (--stack)",
        )


def clients_at_their_limit(run: Run) -> Iterator[Caveat]:
    busy = [(share, level) for level in run.levels if (share := client_cpus(level)) is not None]
    share, level = max(busy, key=lambda each: each[0], default=(0.0, None))
    if level is not None and share > CLIENTS_AT_THEIR_LIMIT:
        yield Caveat(
            code="load-clients-limited",
            message=f"at {level.concurrency} at once ({level.side}) the clients took {share:.2f} CPUs, about all that "
            "one process of theirs can: the throughput may be theirs",
            next_step="spread the clients over machines: resnet-bench load --locust",
        )


def failed_under_load(run: Run) -> Iterator[Caveat]:
    """Refusals have a column of their own."""
    if not run.levels:
        return
    failed = [sample.outcome for sample in run.samples if isinstance(sample.outcome, Failed)]
    reasons = Counter(outcome.message for outcome in failed if not refused(outcome))
    if reasons:
        (reason, times), *_ = reasons.most_common(1)
        yield Caveat(
            code="failures",
            message=f"{reasons.total()} of {len(run.samples)} calls failed, {times} of them: {reason}",
            next_step="look at the function's log; latencies are those of the other calls",
        )
