"""What is fuzzed: a function of bytes that raises where something is wrong, and how to find bytes for it."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "corpus"

# Of the bytes so far, what else there is to try: (data, random numbers, how bytes are changed without understanding).
Mutate = Callable[[bytes, Random, Callable[[bytes], bytes]], bytes]


class TooSlow(AssertionError):
    """A small input that takes long: whoever sends many of them stops the program."""


@dataclass(frozen=True)
class Target:
    """``run`` raises whatever is wrong with what became of its input; what it returns means nothing.

    ``mutate`` is for what plain bytes never get into. ``longest`` is an input's size in bytes, ``cpu_s`` how long one
    may take by the clock of its own CPU time.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    mutate: Mutate | None = None
    dictionary: tuple[bytes, ...] = ()
    longest: int = 4096
    cpu_s: float = 1.0

    def exercise(self, data: bytes) -> None:
        """
        Raises:
            TooSlow: it took longer than ``cpu_s``.
        """
        begun_s = time.thread_time()
        self.run(data)
        took_s = time.thread_time() - begun_s
        if took_s > self.cpu_s:
            raise TooSlow(f"{len(data)} bytes took {took_s:.2f} s of CPU time")


def names() -> list[str]:
    return sorted(path.stem for path in (FOLDER / "targets").glob("[a-z]*.py"))


def load(name: str) -> Target:
    """Each is imported by itself: the next may need what takes seconds to import. A name with dots is a module."""
    found: Target = importlib.import_module(name if "." in name else f"fuzz.targets.{name}").TARGET
    return found


def corpus(name: str) -> list[Path]:
    return sorted((CORPUS / name).glob("*"))
