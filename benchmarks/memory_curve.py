"""The shape of time over memory on the emulated Lambda, beside what CPU shares alone would give and the published one.

    python benchmarks/memory_curve.py [--runs 20] [--engine torch] [--threads 1 2]

Sweeps the sizes of SeBS's published ResNet-50 (2020, PyTorch, 200 calls a size on real Lambda) and prints how many
times as long a warm call takes at each size as at the next larger one, with the interval of the ratio within pairs.
Such ratios do not depend on the processor, absolute times do. Goal: every ratio within ``BAND`` of both.

One thread gets nothing out of more than 1769 MB: there the published ratios, whose number of threads is not told, can
only be met with two. Two threads need two CPUs that nothing else uses, or their intervals tell nothing. The GB-seconds
of a warm call are published as flat, at about 0.94.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

from resnet_bench.analysis.sweep import Size, sizes
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import Interval
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.photos import open_photos
from resnet_bench.cli.sweeping import measure
from resnet_bench.cli.targets import target_for
from resnet_bench.prices.table import packaged
from resnet_bench.sandbox.allowance import Allowance

PHOTO = Path(__file__).resolve().parents[1] / "images" / "chelsea.png"
# Warm function p50 in seconds, by memory in MB (spcl/serverless-benchmarks, raw data).
PUBLISHED_S = {512: 1.877, 1024: 0.932, 2048: 0.443, 3008: 0.319}
PUBLISHED_GB_S = 0.94
BAND = 0.15


def swept(engine: str, runs: int, threads: int) -> tuple[Size, ...]:
    sides = SideOptions(str(threads), "random", "auto", None)
    output = OutputOptions(json=False, save=None, no_save=True, csv=None, quiet=False, verbose=False)
    photos = open_photos([PHOTO], remote=True)
    target, sides = target_for(sides)
    run, _ = measure(sides, target, [engine], tuple(PUBLISHED_S), photos, output, runs=runs, warmup=1, cold=2)
    return sizes(run, packaged(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--engine", default="torch")
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    for threads in options.threads:
        found = swept(options.engine, options.runs, threads)
        print(f"{options.engine}, {threads} thread{'' if threads == 1 else 's'}")
        for size in found:
            show_size(size)
        for small, large in pairwise(found):
            show_step(small, large, threads)


def show_size(size: Size) -> None:
    if size.warm is None or size.gb_s is None:
        print(f"{size.memory_mb:5} MB  {size.trouble}")
        return
    print(
        f"{size.memory_mb:5} MB  p50 {size.warm.p50 * 1e3:7.1f} ms (published {PUBLISHED_S[size.memory_mb] * 1e3:.0f})"
        f"   {size.gb_s:.3f} GB-s (published {PUBLISHED_GB_S})   n {size.warm.n}"
    )


def show_step(small: Size, large: Size, threads: int) -> None:
    shared = sorted(small.calls.keys() & large.calls.keys())
    ratio = paired_ratio([small.calls[pair].seconds for pair in shared], [large.calls[pair].seconds for pair in shared])
    step = f"{small.memory_mb:5} over {large.memory_mb} MB"
    if ratio is None or ratio.interval is None:
        print(f"{step}: too few pairs")
        return
    shares = [min(threads, Allowance(size.memory_mb).cpu.share) for size in (large, small)]
    published = PUBLISHED_S[small.memory_mb] / PUBLISHED_S[large.memory_mb]
    print(
        f"{step}: {ratio.value:.2f} [{ratio.interval.low:.2f}, {ratio.interval.high:.2f}]"
        f"; by CPU share {against(ratio.value, ratio.interval, shares[0] / shares[1])}"
        f"; published {against(ratio.value, ratio.interval, published)}"
    )


def against(value: float, interval: Interval, wanted: float) -> str:
    low, high = wanted / (1 + BAND), wanted * (1 + BAND)
    told = "not certain"
    if low <= interval.low and interval.high <= high:
        told = f"within {BAND:.0%}"
    elif interval.high < low or high < interval.low:
        told = f"beyond {BAND:.0%}"
    return f"{wanted:.2f} ({value / wanted - 1:+.0%}, {told})"


if __name__ == "__main__":
    main()
