"""The shape of time over memory on the emulated Lambda, beside the published one.

    python benchmarks/memory_curve.py [--runs 20] [--engine torch] [--threads 2]

Sweeps the sizes of SeBS's published ResNet-50 (2020, PyTorch, 200 calls a size on real Lambda) and prints how many
times as long a warm call takes at each size as at the next larger one, with the interval of the ratio within pairs.
Such ratios do not depend on the processor, absolute times do. Goal: every ratio within ``BAND`` of the published one.
The GB-seconds of a warm call are published as flat, at about 0.94. Two threads, as torch takes by default where it sees
two vCPUs: with this program's own choice, one, a function gets nothing out of more than 1769 MB.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

from resnet_bench.analysis.sweep import Size, sizes
from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.cli.options import OutputOptions, SideOptions
from resnet_bench.cli.photos import open_photos
from resnet_bench.cli.sweeping import measure
from resnet_bench.cli.targets import target_for
from resnet_bench.prices.table import packaged

PHOTO = Path(__file__).resolve().parents[1] / "images" / "chelsea.png"
# Warm function p50 in seconds, by memory in MB (spcl/serverless-benchmarks, raw data).
PUBLISHED_S = {512: 1.877, 1024: 0.932, 2048: 0.443, 3008: 0.319}
PUBLISHED_GB_S = 0.94
BAND = 0.15


def swept(engine: str, runs: int, threads: str) -> tuple[Size, ...]:
    sides = SideOptions(threads, "random", "auto", None)
    output = OutputOptions(json=False, save=None, no_save=True, csv=None, quiet=False, verbose=False)
    photos = open_photos([PHOTO], remote=True)
    run, _ = measure(
        sides, target_for(sides), [engine], tuple(PUBLISHED_S), photos, output, runs=runs, warmup=1, cold=2
    )
    return sizes(run, packaged(None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--engine", default="torch")
    parser.add_argument("--threads", default="2")
    options = parser.parse_args()
    found = swept(options.engine, options.runs, options.threads)
    for size in found:
        if size.warm is None or size.gb_s is None:
            print(f"{size.memory_mb:5} MB  {size.trouble}")
            continue
        published_ms = PUBLISHED_S[size.memory_mb] * 1e3
        print(
            f"{size.memory_mb:5} MB  p50 {size.warm.p50 * 1e3:7.1f} ms (published {published_ms:.0f})"
            f"   {size.gb_s:.3f} GB-s (published {PUBLISHED_GB_S})   n {size.warm.n}"
        )
    for small, large in pairwise(found):
        show_step(small, large)


def show_step(small: Size, large: Size) -> None:
    shared = sorted(small.calls.keys() & large.calls.keys())
    ratio = paired_ratio([small.calls[pair].seconds for pair in shared], [large.calls[pair].seconds for pair in shared])
    if ratio is None or ratio.interval is None:
        print(f"{small.memory_mb} over {large.memory_mb} MB: too few pairs")
        return
    published = PUBLISHED_S[small.memory_mb] / PUBLISHED_S[large.memory_mb]
    off = ratio.value / published - 1
    print(
        f"{small.memory_mb} over {large.memory_mb} MB: {ratio.value:.2f} [{ratio.interval.low:.2f}, "
        f"{ratio.interval.high:.2f}], published {published:.2f}, memory alone {large.memory_mb / small.memory_mb:.2f}: "
        f"{off:+.0%}, {'within' if abs(off) <= BAND else 'outside'} {BAND:.0%}"
    )


if __name__ == "__main__":
    main()
