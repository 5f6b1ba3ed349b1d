"""A run whose samples were made under several conditions, taken apart into runs under one condition each.

``explain`` has a variant for each rung of its ladder, ``tune`` for each memory size, ``load`` for each level. What
reads a run (statistics, checks, tables) reads plain samples only; what it should read of a variant is made plain.
"""

from __future__ import annotations

from msgspec.structs import replace

from resnet_bench.results.once import once
from resnet_bench.results.run import Run


@once
def plain(run: Run) -> Run:
    """The run without its variants: what was measured under the run's own conditions."""
    samples = tuple(sample for sample in run.samples if not sample.variant)
    return run if len(samples) == len(run.samples) else replace(run, samples=samples)


def variants(run: Run) -> tuple[str, ...]:
    """The names of the run's variants, by first appearance; none where all samples are plain."""
    return tuple(dict.fromkeys(sample.variant for sample in run.samples if sample.variant))


def variant(run: Run, name: str, *, memory_bytes: int | None = None) -> Run:
    """The run as if only this variant had been measured: its samples, plain, and nothing of the others.

    ``memory_bytes`` is the memory size of the deployment where the variant had another than the run. Its CPU share is
    then in proportion. Stored caveats are those of the whole run and are left out.
    """
    samples = tuple(replace(sample, variant="") for sample in run.samples if sample.variant == name)
    found = replace(run, samples=samples, caveats=())
    deployment = run.deployment
    if memory_bytes is None or deployment is None:
        return found
    share = deployment.cpu_share
    if share is not None and deployment.memory_bytes:
        share *= memory_bytes / deployment.memory_bytes
    return replace(found, deployment=replace(deployment, memory_bytes=memory_bytes, cpu_share=share))
