"""Waiting for what AWS delivers late: ask at once, then at a fixed interval, only for what is still missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from resnet_bench.errors import AwsError
from resnet_bench.results.records import Skipped

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """How far a wait has come. ``what`` names it for people; ``asked`` counts the calls so far."""

    what: str
    arrived: int
    wanted: int
    asked: int
    waited_s: float


def _silent(progress: Progress) -> None:
    """The progress that nobody watches."""


@dataclass(frozen=True)
class Waiting:
    """How patiently to wait: once at once, then up to ``attempts`` times, starting ``interval_s`` apart."""

    interval_s: float = 5.0
    attempts: int = 10
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    on_progress: Callable[[Progress], None] = _silent


def wait_for(
    what: str, ask: Callable[[list[str]], Mapping[str, T | Skipped]], ids: Iterable[str], waiting: Waiting
) -> dict[str, T | Skipped]:
    """The value of each id, or why there is none; an id that stays pending keeps the last reason.

    A transient ``AwsError`` costs one attempt. Any other makes further asking pointless: it becomes the reason of
    all that is missing, because what was measured before must not be lost to a missing permission. Those stay
    pending: with the cause removed they can still be collected.
    """
    found: dict[str, T | Skipped] = dict.fromkeys(ids, Skipped(f"{what}: not asked for", pending=True))
    started_s = waiting.clock()
    for attempt in range(waiting.attempts + 1):
        missing = [key for key, value in found.items() if isinstance(value, Skipped) and value.pending]
        if not missing:
            break
        if attempt:
            waiting.sleep(max(0.0, started_s + attempt * waiting.interval_s - waiting.clock()))
        hopeless = False
        try:
            answers = ask(missing)
            found.update((key, answers[key]) for key in missing if key in answers)
        except AwsError as error:
            found.update(dict.fromkeys(missing, Skipped(error.message, pending=True)))
            hopeless = not error.transient
        arrived = sum(not (isinstance(value, Skipped) and value.pending) for value in found.values())
        waiting.on_progress(Progress(what, arrived, len(found), attempt + 1, waiting.clock() - started_s))
        if hopeless:
            break
    return found
