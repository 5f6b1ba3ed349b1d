"""The groups of goals. A new one is a module with ``figures(rounds, progress)`` and a line here."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from resnet_bench.errors import ResnetBenchError
from resnet_bench.progress import Progress
from suite.figures import Finding
from suite.record import Measured


@dataclass(frozen=True)
class Group:
    """``how`` is told with the figures: whose clock, and what took turns. ``quick`` rounds are for trying it out."""

    name: str
    title: str
    how: str
    module: str
    rounds: int
    quick: int

    def measure(self, rounds: int, progress: Progress) -> Measured:
        """What this program itself refuses or cannot do is kept as the group's trouble."""
        # Imported here: a group must not pay for the libraries of another.
        module = importlib.import_module(self.module)
        figures = cast("Callable[[int, Progress], list[Finding]]", module.figures)
        findings: list[Finding] = []
        trouble = ""
        try:
            findings = figures(rounds, progress)
        except ResnetBenchError as error:
            trouble = f"{error.message} ({error.hint})"
        return Measured(
            name=self.name, title=self.title, how=self.how, rounds=rounds, findings=tuple(findings), trouble=trouble
        )


_ALL = (
    Group(
        "lambda",
        "Emulated Lambda, 1024 MB, against the plain design",
        "By the client's clock, over one kept-alive connection to each function; memory by the REPORT line. The plain "
        "design is `benchmarks/plain/plain_handler.py` with the same weights. In each round every function is called "
        "cold once, then warm several times.",
        "suite.emulated",
        rounds=12,
        quick=2,
    ),
    Group(
        "local",
        "Inference on this machine, all CPUs, against torch eager",
        "By the clock of the process that runs the network: one for each engine, stopped while another has its turn. "
        "Torch eager is torchvision's `resnet50` in eval mode under `inference_mode`, with torch's own number of "
        "threads. SGEMM is the fastest of numpy's and torch's products of square float32 matrices of three sizes "
        "on the same number of threads, tried first; it then takes its turn as the others.",
        "suite.local",
        rounds=30,
        quick=6,
    ),
    Group(
        "preprocess",
        "From a 12-megapixel JPEG to the network's input, against torchvision's transforms",
        "By the clock of a process for each way, stopped while another has its turn, from the file's bytes to the "
        "normalised batch. The reference is `Image.open`, `convert` and the transforms that torchvision publishes with "
        "the weights.",
        "suite.preprocess",
        rounds=30,
        quick=6,
    ),
    Group(
        "harness",
        "What measuring itself costs a local run",
        "By the local process's own clock, with an engine that does nothing.",
        "harness",
        rounds=60,
        quick=20,
    ),
    Group(
        "gateway",
        "What the emulated Lambda itself costs a warm call",
        "By the client's clock, with a handler that does nothing, beside AWS's own emulator (aws-lambda-rie) with the "
        "same runtime client and handler.",
        "gateway",
        rounds=300,
        quick=60,
    ),
    Group(
        "client",
        "What the remote client costs, against bare httpx",
        "By the client's clock: a photograph's file read, encoded and posted over a kept-alive connection to a server "
        "of its own process that answers at once, until the whole answer is in memory.",
        "suite.client",
        rounds=400,
        quick=60,
    ),
    Group(
        "cli",
        "How long the command line takes",
        "By the parent's clock, from the start of a fresh process to its end.",
        "start_up",
        rounds=15,
        quick=6,
    ),
    Group(
        "scale",
        "How a run grows: comparisons of 1,000 to 10,000 pairs whose sides classify nothing",
        "By the clock and the anonymous memory of a fresh process for each run, from its 500th call to its last; with "
        "the live progress and the result file that is saved after each sample.",
        "scale",
        rounds=6,
        quick=2,
    ),
)
GROUPS = {group.name: group for group in _ALL}
