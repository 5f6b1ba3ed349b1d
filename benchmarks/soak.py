"""Whether emulator and page hold with many clients at once: nothing wrong, nothing that grows, no wait without end.

    python benchmarks/soak.py [--seconds 300] [--clients 64] [--only echo|emulator|page] [--json FILE]

Three servers, one after the other, each a process of its own as a user starts it, with random weights:

* ``echo``: an emulated Lambda whose function says back what it was told, so that thousands of calls a second pass
  through and a leak of little shows;
* ``emulator``: the real function, called through its HTTP API and by Lambda's Invoke, by raw image and by JSON;
* ``page``: ``serve``, with visitors who classify, follow events, look around.

Among the clients are some who send rubbish or leave before they are answered. Each client's photograph has a size of
its own, and each answer must be of that size, with the predictions that this photograph has had before, under ids that
nobody else was given. Allowed are the answers that a call deserves, and 429 or 503 to who comes too soon. Memory, open
files, threads, processes, cgroups and temporary files are counted every two seconds; afterwards the server is ended by
SIGTERM and must leave nothing. Traffic goes to this machine only. Needs the test tools.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from soaking import verdict
from soaking.answers import Expected
from soaking.crowd import Behaviour, Crowd, Ledger
from soaking.emulator import Echo, Emulator
from soaking.page import Page
from soaking.process import Held, Watch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from program import Running, started  # noqa: E402

# More than the clients' share: some of them are always refused.
CONCURRENCY = 8
SUBJECTS = ("echo", "emulator", "page")


@contextmanager
def emulator(folder: Path, *options: str) -> Iterator[tuple[Running, str, str]]:
    """Its HTTP API and the port of its AWS calls."""
    with started("emulate", "--concurrency", str(CONCURRENCY), *options, folder=folder) as running:
        url = running.wait_for(r"HTTP API +(\S+)")[1]
        yield running, url, running.wait_for(r"AWS calls +(\S+)")[1]


@contextmanager
def page(folder: Path) -> Iterator[tuple[Running, str]]:
    images = [str(ROOT / "images" / name) for name in ("chelsea.png", "rocket.jpg")]
    with started("serve", *images, "--port", "0", "--weights", "random", "--engine", "onnx", folder=folder) as running:
        yield running, running.wait_for(r"open (http://\S+?)/?  ")[1]


def soak(subject: str, clients: int, seconds: float) -> tuple[Ledger, list[Held], list[str]]:
    """What the clients saw, what was held meanwhile, and what the server left behind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if subject == "page":
            with page(folder) as (running, url):
                return endure(running, url, Page(url, Expected()).members(clients), seconds, folder)
        echo = ("--handler", "soaking.echo.handler") if subject == "echo" else ("--weights", "random")
        if subject == "echo":
            (folder / "soaking").mkdir()
            (folder / "soaking" / "echo.py").write_text((Path(__file__).parent / "soaking" / "echo.py").read_text())
        with emulator(folder, *echo) as (running, url, aws_url):
            crowd = Echo() if subject == "echo" else Emulator(url, aws_url, Expected())
            return endure(running, url, crowd.members(clients), seconds, folder)


def endure(
    running: Running, url: str, members: dict[str, list[Behaviour]], seconds: float, folder: Path
) -> tuple[Ledger, list[Held], list[str]]:
    with Watch(running.process.pid, folder / "tmp") as watch:
        ledger = asyncio.run(Crowd(url, members, seconds).gather())
    # Not Ctrl-C, which a program that a script has put into the background does not hear.
    done = running.end(signal.SIGTERM)
    left = [] if done.code == 0 else [f"exit code {done.code}: {done.err[-500:]}"]
    running.assert_nothing_is_left()
    return ledger, watch.seen, left + [line for line in done.err.splitlines() if re.match("error|Traceback", line)]


def show(subject: str, ledger: Ledger, seen: list[Held], left: list[str]) -> list[verdict.Line]:
    print(f"\n{subject}: {len(ledger.calls)} calls in {max(call.at_s for call in ledger.calls):.0f} s")
    for (kind, outcome), count in sorted(ledger.outcomes().items()):
        print(f"  {kind:14} {outcome:>6} {count:>8}")
    lines = [verdict.wrong(ledger), *verdict.growth(seen)]
    for kind in sorted({call.kind for call in ledger.calls}):
        lines += verdict.tail(ledger.calls, kind)
    lines.append(verdict.Line("left behind", "", ", ".join(left) or "nothing", not left))
    for line in lines:
        print(f"  {line.what:32} {line.early:>8} {line.late:>8}  {'held' if line.held else 'NOT HELD'}")
    for text in ledger.wrong:
        print(f"  ! {text}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0, help="for each of the servers")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--only", choices=SUBJECTS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="all lines, for machines")
    asked = parser.parse_args()
    found = {}
    for subject in (asked.only,) if asked.only else SUBJECTS:
        ledger, seen, left = soak(subject, asked.clients, asked.seconds)
        lines = show(subject, ledger, seen, left)
        outcomes = {f"{kind} {outcome}": count for (kind, outcome), count in ledger.outcomes().items()}
        found[subject] = {
            "outcomes": outcomes,
            "lines": [asdict(line) for line in lines],
            "seen": [asdict(held) for held in seen],
        }
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    held = all(line["held"] for each in found.values() for line in each["lines"])
    print(f"\n{asked.clients} clients, {asked.seconds:g} s each: {'held' if held else 'NOT HELD'}")
    sys.exit(not held)


if __name__ == "__main__":
    main()
