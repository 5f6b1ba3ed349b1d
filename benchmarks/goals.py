"""Everything that has a goal for speed or memory, measured side by side in one run.

    python benchmarks/goals.py [GROUP ...] [--quick] [--rounds N] [--output FOLDER] [--strict]

Without arguments every group is measured and ``RESULTS.md`` and ``results.json`` are written beside this file. Some
groups only, or ``--quick``, are for trying: their tables are printed, and written where ``--output`` says.

A goal that is missed fails nothing, because a busy machine misses some, unless ``--strict`` is given. An answer that is
not what it has to be, or a group that could not be measured, does.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from resnet_bench.cli.progress import Display, display
from suite.groups import GROUPS, Group
from suite.machine import this_machine
from suite.markdown import markdown
from suite.record import Results, document

HERE = Path(__file__).resolve().parent


def measured(groups: list[Group], asked: argparse.Namespace, folder: Path | None, shown: Display) -> Results:
    """All groups, one after the other; written after each, so that what was measured is kept."""
    results = Results(created_at=datetime.now(UTC).isoformat(timespec="seconds"), machine=this_machine(), groups=())
    for number, group in enumerate(groups, start=1):
        shown.note(f"{number} of {len(groups)}: {group.title}")
        rounds = asked.rounds or (group.quick if asked.quick else group.rounds)
        results = replace(results, groups=(*results.groups, group.measure(rounds, shown)))
        if folder is not None:
            write(results, folder)
    return results


def write(results: Results, folder: Path) -> None:
    (folder / "RESULTS.md").write_text(markdown(results), encoding="utf-8")
    (folder / "results.json").write_bytes(document(results))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; all by default")
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--rounds", type=int, help="this many rounds of every group")
    parser.add_argument("--output", type=Path, help="the folder for RESULTS.md and results.json")
    parser.add_argument("--strict", action="store_true", help="fail where a goal is missed")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    asked = parser.parse_args()
    if unknown := [name for name in asked.groups if name not in GROUPS]:
        parser.error(f"no group is called {unknown[0]}; there are {', '.join(GROUPS)}")
    whole = not (asked.groups or asked.quick or asked.rounds)
    folder = asked.output or (HERE if whole else None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with display(quiet=asked.quiet) as shown:
        results = measured([GROUPS[name] for name in asked.groups or GROUPS], asked, folder, shown)
    print(markdown(results) if folder is None else f"written: {folder / 'RESULTS.md'}, {folder / 'results.json'}")
    sys.exit(not results.sound or bool(asked.strict and results.with_goal(met=False)))


if __name__ == "__main__":
    main()
