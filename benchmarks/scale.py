"""How a run grows: what a sample costs in time and memory, in comparisons of up to 10,000 pairs.

    python benchmarks/scale.py [--rounds 6]

The sides classify nothing (``suite/null_sides.py``); all that ``compare`` does around their calls is real. Each run is
a process of its own, and runs of all sizes take turns. Goals: a sample of 10,000 pairs takes no longer than 1.3 times
one of 1,000, and memory grows by less than 2 KB a sample.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from resnet_bench.progress import SILENT, Progress
from suite.alone import show
from suite.figures import Figure, Finding, Goal, Series, alone, compared
from suite.null_run import Cost
from suite.turns import Turns

SIZES = (1_000, 3_000, 10_000)
LINEAR, SAMPLE_BYTES = Goal(1.3), Goal(2 * 1024)
ROUNDS = 6


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    costs: dict[int, list[Cost]] = {pairs: [] for pairs in SIZES}
    turns = Turns("whole runs", rounds, progress)
    for _ in turns:
        for name in turns.order([str(pairs) for pairs in SIZES]):
            costs[int(name)].append(cost_of(int(name)))
    least, most = SIZES[0], SIZES[-1]
    times = {pairs: Series(_pairs(pairs), [each.sample_s for each in found]) for pairs, found in costs.items()}
    slower = [
        compared(f"time of a sample, {_pairs(each)} against {_pairs(least)}", times[each], times[least], LINEAR)
        for each in SIZES[1:]
    ]
    return [
        *slower,
        _of(costs[most], "sample_bytes", f"memory of a sample, {_pairs(most)}", SAMPLE_BYTES),
        _of(costs[most], "saved_s", f"from the last call to the saved file, {_pairs(most)}"),
        _of(costs[most], "shown_s", f"from there to the printed page, {_pairs(most)}"),
    ]


def cost_of(pairs: int) -> Cost:
    command = [sys.executable, "-m", "suite.null_run", str(pairs)]
    done = subprocess.run(command, cwd=Path(__file__).parent, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Cost)


def _of(costs: list[Cost], field: str, what: str, goal: Goal | None = None) -> Figure:
    values = [getattr(each, field) for each in costs]
    return alone(what, Series(what, values, "B" if field.endswith("_bytes") else "s"), goal)


def _pairs(count: int) -> str:
    return f"{count:,} pairs"


if __name__ == "__main__":
    show(__doc__, figures, ROUNDS)
