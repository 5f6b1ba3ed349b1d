"""Work that takes turns, each in a process of its own that is stopped while another has its turn."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import msgspec

from resnet_bench.benchmark.stats import median
from resnet_bench.runners.child import Child
from resnet_bench.runners.trouble import Trouble, raised
from resnet_bench.sandbox.limits import choose
from suite.worker import Work

# Runs in a turn, of which the median counts.
_RUNS = 3
_BENCHMARKS = str(Path(__file__).resolve().parents[1])
_answer = msgspec.json.Decoder(list[float] | Trouble)


def worker(stack: ExitStack, work: Work) -> Callable[[], float]:
    """What asks a new process to do the work a few times, and returns the seconds of one.

    The process is ended with ``stack``. What it returns raises the ``ResnetBenchError`` that the process ran into.
    """
    path = os.pathsep.join(filter(None, (_BENCHMARKS, os.environ.get("PYTHONPATH"))))
    child = Child(
        f"{work.kind} {work.subject}".strip(),
        "suite.worker",
        [msgspec.json.encode(work).decode()],
        choose()[0],
        variables={"PYTHONPATH": path},
    )
    stack.callback(child.end)

    def turn() -> float:
        told = _answer.decode(child.ask(str(_RUNS).encode()))
        if isinstance(told, Trouble):
            raise raised(told)
        return median(told)

    return turn
