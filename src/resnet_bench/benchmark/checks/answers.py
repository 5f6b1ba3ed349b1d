"""Doubts about what was answered: close to the exact answers, and not the same."""

from __future__ import annotations

from collections.abc import Iterator

from resnet_bench.benchmark.reduced import Reduced, reduced
from resnet_bench.results.records import FAST_DECODE
from resnet_bench.results.run import Caveat, Run


def reduced_precision(run: Run) -> Iterator[Caveat]:
    for one in reduced(run.samples):
        if one.subject != FAST_DECODE:
            yield Caveat(
                code="reduced-precision",
                message=f"{one.subject} does not answer as the network in fp32 does: {_agreed(one)}",
                next_step="--precision fp32 where answers matter to the digit; --calibrate FOLDER with images of the "
                "kind to be classified tells more",
            )


def fast_decode(run: Run) -> Iterator[Caveat]:
    for one in reduced(run.samples):
        if one.subject == FAST_DECODE:
            yield Caveat(
                code="fast-decode",
                message=f"images were decoded the fast way, not bit for bit: {_agreed(one)}",
                next_step="--decode exact where answers matter to the digit",
            )


def _agreed(one: Reduced) -> str:
    if one.agreement is None:
        return "how often it finds the same is not known"
    seen = one.agreement.held_out
    return f"the same top 1 on {seen.same_top1_count} of {seen.images_count} images"
