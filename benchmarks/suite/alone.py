"""A group's script run by itself: its figures as a table, and the exit status of its goals."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from resnet_bench.cli.progress import display
from resnet_bench.progress import Progress
from suite.figures import Figure, Finding
from suite.markdown import table


def show(about: str | None, figures: Callable[[int, Progress], list[Finding]], rounds: int) -> None:
    """Measure as ``--rounds`` says and print. A goal fails the script where all of the interval misses it."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=rounds)
    asked = parser.parse_args()
    with display(quiet=False) as shown:
        found = [finding for finding in figures(asked.rounds, shown) if isinstance(finding, Figure)]
    print(table(found))
    sys.exit(any(figure.met is False and figure.certain for figure in found))
