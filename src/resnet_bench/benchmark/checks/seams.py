"""Doubts about a run that was interrupted and gone on with: whether its parts are one experiment."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from resnet_bench.benchmark.ratios import unpaired_ratio
from resnet_bench.benchmark.series import engines_and_sides, series
from resnet_bench.results.records import Sample
from resnet_bench.results.run import Caveat, Run, Seam

# A certain difference that is smaller may have come by itself, as it does from one hour to the next.
MAX_STEP = 0.05


def resumed(run: Run) -> Iterator[Caveat]:
    if run.seams:
        times = ", ".join(_told(run, seam) for seam in run.seams)
        aside = sum(len(seam.aside) for seam in run.seams)
        left = f"; {aside} of torn pairs set aside" if aside else ""
        yield Caveat(
            code="resumed",
            message=f"interrupted and resumed {times}, by new processes on both sides{left}",
            next_step="measure in one go where a small difference matters",
        )


def _told(run: Run, seam: Seam) -> str:
    return f"at {seam.resumed_at} after {seam.after_count} of {len(run.samples)} calls"


def parts_differ(run: Run) -> Iterator[Caveat]:
    """Warm calls on the same images, behind each seam beside all before it.

    Where nothing differs, 4 to 7 of 100 comparisons are told all the same (simulated: noise of 10 %, one image).
    """
    for seam in run.seams:
        for engine, side in engines_and_sides(run):
            before, after = (
                series(_only(run, part), engine=engine, side=side)
                for part in (run.samples[: seam.after_count], run.samples[seam.after_count :])
            )
            ratio = unpaired_ratio(after.values, before.values, after.images, before.images)
            if ratio is None or ratio.interval is None or 1 in ratio.interval or abs(ratio.value - 1) < MAX_STEP:
                continue
            low, high = ratio.interval.low, ratio.interval.high
            yield Caveat(
                code="parts-differ",
                message=f"{engine} {side}: behind the seam of {seam.resumed_at} a call took {ratio.value:.2f} times "
                f"as long as before [{low:.2f}, {high:.2f}]",
                next_step="look at both parts (--csv), and measure again in one go",
            )


def _only(run: Run, samples: tuple[Sample, ...]) -> Run:
    return replace(run, samples=samples, seams=())
