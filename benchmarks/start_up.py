"""How long the command line takes: ``--help``, and ``show`` of a result with 60 runs of two engines.

    python benchmarks/start_up.py [--rounds 15]

Goals: ``--help`` under 0.25 s and at most twice ``import typer``; ``show`` under 0.6 s. All run as fresh processes that
take turns, by the parent's clock.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.files import written
from suite.alone import show
from suite.figures import Finding, Goal, Series, alone, compared
from suite.turns import Turns, timed

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from factories import make_run  # noqa: E402

HELP, SHOW, IMPORT = "--help", "show", "import typer"
HELP_GOAL, SHOW_GOAL, RATIO_GOAL = Goal(0.25), Goal(0.6), Goal(2.0)
ROUNDS, RUNS = 15, 60
PROGRAM = str(Path(sys.executable).with_name("resnet-bench"))


def figures(rounds: int, progress: Progress = SILENT) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "run.json"
        result.write_bytes(written(make_run(runs=RUNS)))
        calls = {
            HELP: process([PROGRAM, "--help"]),
            SHOW: process([PROGRAM, "show", str(result)]),
            IMPORT: process([sys.executable, "-c", "import typer"]),
        }
        # The first byte-compiles, and fills the page cache.
        took = Turns("command line", rounds, progress).take(calls, warmup=1)
    helps, shows, imports = (Series(name, took[name]) for name in (HELP, SHOW, IMPORT))
    return [
        alone("resnet-bench --help", helps, HELP_GOAL),
        compared("resnet-bench --help against import typer", helps, imports, RATIO_GOAL),
        alone(f"resnet-bench show, a comparison of two engines with {RUNS} runs", shows, SHOW_GOAL),
    ]


def process(command: list[str]) -> Callable[[], float]:
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))


if __name__ == "__main__":
    show(__doc__, figures, ROUNDS)
