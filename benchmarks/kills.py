"""Signals at random moments of real commands; after each: the exit code, what was said, what is left, what can be read.

    .venv/bin/python benchmarks/kills.py --runs 100 --seed 1

What a run did wrong is printed, and its folder kept. On a busy machine, ``--stretch 3`` lets commands live three times
as long before they are struck.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from program import CAT, Running, started
from resnet_bench.errors import ResultError
from resnet_bench.results.files import load

_RANDOM = ("--weights", "random")
_FILES = ("--html", "page.html", "--csv", "samples.csv")
# With the seconds that each takes on an idle machine.
COMMANDS: dict[str, tuple[tuple[str, ...], float]] = {
    "local": (("local", CAT, "--runs", "5"), 3),
    "remote": (("remote", CAT, "--runs", "4"), 4),
    "compare": (("compare", CAT, "--engine", "onnx", "--runs", "6", "--cold", "2"), 7),
    "with files": (("compare", CAT, "--engine", "onnx", "--runs", "2", "--cold", "1", *_FILES), 8),
    "explain": (("explain", CAT, "--engine", "onnx", "--runs", "3"), 10),
    "tune": (("tune", CAT, "--memory", "1024,1769", "--runs", "2"), 10),
    "load": (("load", CAT, "--concurrency", "1,2", "--duration", "2s"), 10),
    "emulate": (("emulate",), 3),
    "serve": (("serve", "--port", "0"), 4),
}
_SERVING = {"emulate", "serve"}
_DEADLY = {signal.SIGKILL, signal.SIGQUIT}
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, *sorted(_DEADLY))
# Of a burst, between one signal and the next.
_GAPS_S = (0.0, 0.001, 0.05, 0.3)
_START_S = 0.5
_PATIENCE_S = 120.0


def strike(running: Running, chance: random.Random, at_s: float) -> list[signal.Signals]:
    """Wait, and send one to three signals, to the program or to its whole process group; which ones."""
    struck_s = time.monotonic() + at_s
    while time.monotonic() < struck_s and running.process.poll() is None:
        time.sleep(0.002)
    send = chance.choice((os.kill, os.kill, os.killpg))
    numbers = [chance.choice(_SIGNALS) for _ in range(chance.choice((1, 1, 1, 2, 3)))]
    for number in numbers:
        if running.process.poll() is None:
            send(running.process.pid, number)
        time.sleep(chance.choice(_GAPS_S))
    return numbers


def wrongs(name: str, running: Running, folder: Path, numbers: list[signal.Signals]) -> Iterator[str]:
    """What must not be."""
    code, err = running.process.wait(_PATIENCE_S), running.err
    if "Traceback" in err and "resnet_bench/" not in err:
        return  # the interpreter was still starting: none of this program ran
    if "Traceback" in err or "defect" in err or "Exception ignored" in err:
        yield "a traceback"
    silent = {-number for number in numbers if number in _DEADLY or not err.strip()}
    if code not in {0, 130, *silent}:
        yield f"exit code {code}"
    try:
        running.assert_nothing_is_left()
    except AssertionError as error:
        yield str(error)
    kept_count = 0
    for path in folder.glob("results/*"):
        try:
            kept_count += len(load(path).samples)
        except ResultError as error:
            yield f"unreadable: {error}"
    if kept_count and code == 130 and name not in _SERVING and "safe: resnet-bench show" not in err:
        yield f"{kept_count} samples that nobody was told of"
    yield from (f"left behind: {path.name}" for path in folder.rglob(".*"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stretch", type=float, default=1.0)
    asked = parser.parse_args()
    # A shell lets its background jobs ignore these, and so theirs.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    chance, counts, wrong_count = random.Random(asked.seed), Counter[str](), 0
    base = Path(tempfile.mkdtemp(prefix="kills-"))
    for number in range(asked.runs):
        name = chance.choice(list(COMMANDS))
        command, lasts_s = COMMANDS[name]
        at_s = chance.uniform(0, chance.choice((_START_S, *[lasts_s * asked.stretch] * 4)))
        folder = base / f"{number}-{name.replace(' ', '-')}"
        folder.mkdir()
        with started(*command, *_RANDOM, folder=folder, own_group=True) as running:
            numbers = strike(running, chance, at_s)
            found = list(wrongs(name, running, folder, numbers))
        counts.update([name, *(one.name for one in numbers)])
        if found:
            wrong_count += 1
            print(f"{folder}, after {at_s:.2f} s {[one.name for one in numbers]}: {'; '.join(found)}", flush=True)
        else:
            shutil.rmtree(folder)
    print(", ".join(f"{what} {count}" for what, count in sorted(counts.items())))
    print(f"{wrong_count} of {asked.runs} runs went wrong")
    if wrong_count:
        sys.exit(1)
    base.rmdir()


if __name__ == "__main__":
    main()
