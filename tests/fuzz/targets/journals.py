"""The journal of a run that was killed: what was kept of it, or why it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from fuzz.mutators.documents import lines_mutator
from fuzz.runs import WORDS, runs
from fuzz.target import Target
from fuzz.targets.results import target
from resnet_bench.results.journal import CaveatLine, LevelLine, SampleLine


def seeds() -> Iterator[bytes]:
    for run in runs():
        header = replace(run, samples=(), caveats=(), levels=(), finished=False)
        lines = [
            header,
            *(SampleLine(index, sample) for index, sample in enumerate(run.samples[:6])),
            *map(CaveatLine, run.caveats),
            *map(LevelLine, run.levels),
        ]
        yield b"\n".join(map(msgspec.json.encode, lines)) + b"\n"
    yield b"\n".join(map(msgspec.json.encode, lines))  # torn


TARGET = Target(target, seeds, lines_mutator(*WORDS, "line", "sample", "caveat", "level", "index"), longest=40_000)
