"""Doubts about where and with what the run was made."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from resnet_bench.benchmark.series import samples_of
from resnet_bench.benchmark.stats import percentile
from resnet_bench.results.records import Answer, ReportLine, RuntimeFacts, Side
from resnet_bench.results.run import Caveat, Enforcement, Run
from resnet_bench.sandbox.allowance import MAX_MB, Allowance
from resnet_bench.units import MIB, format_bytes

# Load average per CPU before the run from which other work is likely to take time from this one.
BUSY_LOAD = 0.5
# Of the time of each of its threads, in the median call. On an idle machine it is 1 to 2 %.
MAX_CPU_WAIT = 0.05
# A tenth of the calls may wait for so many times that share: threads also wait for each other's ends.
_OFTEN = 3.0
CPU_TAKEN = "cpu-taken"
# What is resident varies from run to run.
ROOM = 1.1
MEMORY_STEP_MB = 128


def untrained(run: Run) -> Iterator[Caveat]:
    answers = (sample.outcome for sample in run.samples)
    if any(isinstance(answer, Answer) and not answer.runtime.trained for answer in answers):
        yield Caveat(
            code="untrained-weights",
            message="untrained weights: timings are valid, predictions are not",
            next_step="--weights v1 with access to the internet, or --weights PATH",
        )


def cpu_not_limited(run: Run) -> Iterator[Caveat]:
    for where, enforcement in _limited_places(run):
        if not enforcement.cpu_limited:
            yield Caveat(
                code="cpu-not-limited",
                message=f"CPU not limited {where} ({enforcement.mechanism}): times are this machine's, not Lambda's",
                next_step="run as root, under systemd, or with --limiter throttle; resnet-bench doctor tells more",
            )


def memory_not_limited(run: Run) -> Iterator[Caveat]:
    for where, enforcement in _limited_places(run):
        if not enforcement.memory_limited:
            yield Caveat(
                code="memory-not-limited",
                message=f"memory not limited {where} ({enforcement.mechanism}): Lambda might have killed the function",
                next_step="compare the peak with --memory, or run as root or under systemd",
            )


def memory_above_limit(run: Run) -> Iterator[Caveat]:
    uses = [sample.outcome.memory for sample in run.samples if isinstance(sample.outcome, Answer)]
    above = [use for use in uses if use.limit_bytes is not None and use.peak_rss_bytes > use.limit_bytes]
    if above:
        worst = max(above, key=lambda use: use.peak_rss_bytes)
        yield Caveat(
            code="memory-above-limit",
            message=f"resident memory of {format_bytes(worst.peak_rss_bytes)} exceeds the limit of "
            f"{format_bytes(worst.limit_bytes or 0)}: file pages that the kernel may drop are counted; Lambda might be "
            "slower or kill it",
            next_step=f"--memory {_roomy_mb(worst.peak_rss_bytes)}",
        )


def memory_changed(run: Run) -> Iterator[Caveat]:
    """A deployed function belongs to its owner, who may change it meanwhile, or run this program twice at once."""
    if run.deployment is None or run.deployment.kind != "aws" or run.deployment.memory_bytes is None:
        return
    sizes = [sample.report.memory_size_bytes for sample in run.samples if isinstance(sample.report, ReportLine)]
    others = [size for size in sizes if size != run.deployment.memory_bytes]
    if others:
        yield Caveat(
            code="memory-changed",
            message=f"{len(others)} of {len(sizes)} calls met a function of another size than "
            f"{format_bytes(run.deployment.memory_bytes)}, as their REPORT lines say: {format_bytes(others[0])}",
            next_step="change the function by no other program meanwhile, and measure again",
        )


def throttle_approximate(run: Run) -> Iterator[Caveat]:
    for where, enforcement in _limited_places(run):
        if enforcement.mechanism == "throttle":
            yield Caveat(
                code="throttle-approximate",
                message=f"the CPU limit {where} stops and continues the process: right on average, coarse in detail",
                next_step="run as root or under systemd for the kernel's own limit; resnet-bench doctor measures both",
            )


def vcpus_capped(run: Run) -> Iterator[Caveat]:
    deployment = run.deployment
    if deployment is None or deployment.kind != "emulated" or deployment.memory_bytes is None:
        return
    wanted = Allowance(deployment.memory_bytes // MIB).vcpus_count
    given = min(deployment.vcpus_count or wanted, run.environment.cpus_count)
    if given < wanted:
        yield Caveat(
            code="vcpus-capped",
            message=f"Lambda shows {wanted} vCPUs at {deployment.memory_bytes // MIB} MB; this machine has {given}",
            next_step="use a smaller --memory, or a machine with more CPUs",
        )


def sides_differ(run: Run) -> Iterator[Caveat]:
    for engine in run.settings.engines:
        local, remote = (_facts(run, engine, side) for side in ("local", "remote"))
        if local and remote and (differences := _differences(local, remote)):
            yield Caveat(
                code="sides-differ",
                message=f"{engine} is not the same on both sides (local, remote): {'; '.join(differences)}",
                next_step="install the same versions and weights on both sides",
            )


def cpu_taken(run: Run) -> Iterator[Caveat]:
    """Other programs on this machine, by the kernel's account of how long the local side's threads waited for a CPU.

    A neighbour that works now and then leaves the median alone, and spoils every mean and tail all the same.
    """
    for engine in run.settings.engines:
        shares = [
            answer.stages.cpu_wait_s / (answer.stages.total_s * answer.runtime.threads_count)
            for sample in samples_of(run, engine=engine, side="local", phase="warm")
            if isinstance(answer := sample.outcome, Answer) and answer.stages.cpu_wait_s is not None
        ]
        if not shares:
            continue
        usual, often = (percentile(shares, percent) for percent in (50, 90))
        if max(usual, often / _OFTEN) > MAX_CPU_WAIT:
            told = f"{usual:.0%} of its time"
            if usual <= MAX_CPU_WAIT:
                told = f"{often:.0%} of its time or more in a tenth of its calls"
            yield Caveat(
                code=CPU_TAKEN,
                message=f"other programs took CPU time: {engine} local waited for a CPU {told}",
                next_step="stop other work and measure again; do not rely on these ratios",
            )


def host_busy(run: Run) -> Iterator[Caveat]:
    """Where nothing more exact is known: the load before the run also counts what its user has just done."""
    if any(isinstance(each.outcome, Answer) and each.outcome.stages.cpu_wait_s is not None for each in run.samples):
        return
    load, cpus = run.environment.load_1m, run.environment.cpus_count
    if load is not None and load > BUSY_LOAD * cpus:
        yield Caveat(
            code="host-busy",
            message=f"the machine was busy before the run: load {load:.1f} on {cpus} CPUs",
            next_step="stop other work and measure again (resnet-bench doctor tells more)",
        )


def _limited_places(run: Run) -> Iterator[tuple[str, Enforcement]]:
    """Where limits were meant to hold: the emulated Lambda, and a local run that asked for Lambda's share."""
    if run.deployment is not None and run.deployment.kind == "emulated":
        yield "on the emulated Lambda", run.deployment.enforcement
    if run.settings.command == "local" and run.settings.memory_bytes is not None and run.local_enforcement is not None:
        yield "on the local side", run.local_enforcement


def _roomy_mb(peak_bytes: int) -> int:
    """The next size in steps of 128 MB with a tenth to spare, or the largest that Lambda offers."""
    return min(MAX_MB, ceil(peak_bytes * ROOM / (MEMORY_STEP_MB * MIB)) * MEMORY_STEP_MB)


def _facts(run: Run, engine: str, side: Side) -> RuntimeFacts | None:
    outcomes = (sample.outcome for sample in samples_of(run, engine=engine, side=side))
    return next((outcome.runtime for outcome in outcomes if isinstance(outcome, Answer)), None)


def _differences(local: RuntimeFacts, remote: RuntimeFacts) -> list[str]:
    """What should be the same and is not. CPU, vCPUs and threads differ by nature."""
    pairs = [
        (name, local.versions.get(name), remote.versions.get(name)) for name in {**local.versions, **remote.versions}
    ]
    pairs += [
        (name, getattr(local, name), getattr(remote, name)) for name in ("engine", "python", "precision", "decode")
    ]
    pairs.append(("weights", local.weights_sha256[:12], remote.weights_sha256[:12]))
    return [f"{name} {here or 'none'}, {there or 'none'}" for name, here, there in pairs if here != there]
