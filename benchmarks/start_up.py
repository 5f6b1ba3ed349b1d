"""How long ``resnet-bench --help`` takes. Goals: under 0.25 s, and at most twice ``import typer``.

Both run as fresh processes, interleaved; medians, and the ratio with its interval.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median

GOAL_S, GOAL_RATIO = 0.25, 2.0
PAIRS = 15
HELP = [str(Path(sys.executable).with_name("resnet-bench")), "--help"]
IMPORT = [sys.executable, "-c", "import typer"]


def wall_s(command: list[str]) -> float:
    before_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - before_s


def main() -> None:
    wall_s(HELP), wall_s(IMPORT)  # byte-compile, and fill the page cache
    pairs = [(wall_s(HELP), wall_s(IMPORT)) for _ in range(PAIRS)]
    helps, imports = [list(column) for column in zip(*pairs, strict=True)]
    ratio = paired_ratio(helps, imports)
    print(f"--help        {median(helps) * 1e3:6.0f} ms   (goal: under {GOAL_S * 1e3:.0f} ms)")
    print(f"import typer  {median(imports) * 1e3:6.0f} ms")
    print(
        f"ratio         {ratio.value:6.2f} [{ratio.interval.low:.2f}, {ratio.interval.high:.2f}]   (goal: {GOAL_RATIO})"
    )


if __name__ == "__main__":
    main()
