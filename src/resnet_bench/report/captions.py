"""Where figures are from: a line under every table, so that none can be taken for what it is not."""

from __future__ import annotations

from resnet_bench.benchmark.reduced import reduced
from resnet_bench.report.agreements import agreement_caption
from resnet_bench.report.rows import Caption
from resnet_bench.results.records import Answer
from resnet_bench.results.run import Deployment, Enforcement, Run, Seam
from resnet_bench.units import MIB

UNTRAINED = "untrained weights: timings are valid, predictions are not"
_KINDS = {"emulated": "emulated", "aws": "the real one, on AWS", "url": "the given endpoint"}


def captions(run: Run) -> tuple[Caption, ...]:
    """For every table of the run's figures: the remote side, a limited local one, where it was resumed, what is
    inexact or untrained.
    """
    lines = []
    if run.deployment is not None:
        called = ", called by Invoke without the HTTP API" if run.settings.via == "invoke" else ""
        lines.append(_limited(f"Lambda: {_where(run.deployment)}{called}", run.deployment.enforcement))
    if run.local_enforcement is not None and run.settings.command == "local" and run.settings.memory_bytes is not None:
        memory = f"{run.settings.memory_bytes // MIB} MB"
        lines.append(_limited(f"local: limited as a {memory} Lambda", run.local_enforcement))
    lines += [_resumed(run, seam) for seam in run.seams]
    lines += agreement_caption(reduced(run.samples))
    if untrained(run):
        lines.append(Caption(UNTRAINED, UNTRAINED))
    return tuple(lines)


def _resumed(run: Run, seam: Seam) -> Caption:
    at = seam.resumed_at.replace("T", " ").removesuffix("+00:00")
    return Caption(f"resumed at {at} UTC after {seam.after_count} of {len(run.samples)} calls", f"resumed at {at}")


def untrained(run: Run) -> bool:
    outcomes = (sample.outcome for sample in run.samples)
    return any(isinstance(outcome, Answer) and not outcome.runtime.trained for outcome in outcomes)


def remote_in_short(deployment: Deployment) -> str:
    """For a sentence: ``an emulated 1024 MB Lambda (0.58 vCPU, cgroup-v2)``."""
    size = "" if deployment.memory_bytes is None else f"{deployment.memory_bytes // MIB} MB "
    where = {"emulated": f"an emulated {size}Lambda", "aws": f"a {size}Lambda on AWS", "url": "the given endpoint"}
    share = [] if deployment.cpu_share is None else [f"{deployment.cpu_share:.2f} vCPU"]
    how = deployment.enforcement
    limits = [] if deployment.kind != "emulated" else [how.mechanism if how.cpu_limited else "CPU not limited"]
    inside = ", ".join([*share, *limits])
    return f"{where[deployment.kind]} ({inside})" if inside else where[deployment.kind]


def _limited(where: str, how: Enforcement) -> Caption:
    """``Lambda: emulated, 1024 MB, 0.58 vCPU; cgroup-v2: cpu.max with a 20 ms period, ...``"""
    # The description may begin with the mechanism's name again.
    words = how.description.split(": ", 1)[-1]
    if how.mechanism == "lambda":
        return Caption(f"{where}; {words}", where)
    missing = [what for what, held in (("CPU", how.cpu_limited), ("memory", how.memory_limited)) if not held]
    short = "; ".join([f"{where}; {how.mechanism}", *(f"{what} not limited" for what in missing)])
    unsaid = [f"{what} not limited" for what in missing if f"{what} not limited" not in words]
    return Caption("; ".join([f"{where}; {how.mechanism}: {words}", *unsaid]), short)


def _where(deployment: Deployment) -> str:
    place = [name for name in (deployment.region, deployment.architecture) if name is not None]
    parts = [_KINDS[deployment.kind], *place, *_sizes(deployment)]
    if deployment.kind == "url" and deployment.memory_bytes is None:
        parts.append("memory and CPU share not known")
    return ", ".join(parts)


def _sizes(deployment: Deployment) -> list[str]:
    sizes = []
    if deployment.memory_bytes is not None:
        sizes.append(f"{deployment.memory_bytes // MIB} MB")
    if deployment.cpu_share is not None:
        sizes.append(f"{deployment.cpu_share:.2f} vCPU")
    return sizes
