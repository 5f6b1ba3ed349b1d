"""Waiting for what AWS delivers late: ask at once, then at a fixed interval, only for what is still missing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from resnet_bench.errors import AwsError
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Skipped

T = TypeVar("T")


@dataclass(frozen=True)
class Waiting:
    """How patiently to wait: once at once, then up to ``attempts`` times, starting ``interval_s`` apart.

    ``on_error`` hears of the failure for which something stayed missing, with its hint, which no reason has room for.
    """

    interval_s: float = 5.0
    attempts: int = 10
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    progress: Progress = SILENT
    on_error: Callable[[AwsError], None] = lambda _error: None


# For who asks again by himself.
ONCE = Waiting(attempts=0)


def is_pending(value: object) -> bool:
    """Whether asking again may give a value."""
    return isinstance(value, Skipped) and value.pending


def wait_for(
    what: str, ask: Callable[[list[str]], Mapping[str, T | Skipped]], ids: Iterable[str], waiting: Waiting
) -> dict[str, T | Skipped]:
    """The value of each id, or why there is none; an id that stays pending keeps the last reason.

    A transient ``AwsError`` costs one attempt. Any other makes further asking pointless: it becomes the reason of
    all that is missing, because what was measured before must not be lost to a missing permission. Those stay
    pending: with the cause removed they can still be collected.
    """
    found: dict[str, T | Skipped] = dict.fromkeys(ids, Skipped(f"{what}: not asked for", pending=True))
    failure: AwsError | None = None
    started_s = waiting.clock()
    for attempt in range(waiting.attempts + 1):
        missing = [key for key, value in found.items() if is_pending(value)]
        if not missing:
            break
        if attempt:
            waiting.sleep(max(0.0, started_s + attempt * waiting.interval_s - waiting.clock()))
        failure = None
        try:
            answers = ask(missing)
            found.update((key, answers[key]) for key in missing if key in answers)
        except AwsError as error:
            found.update(dict.fromkeys(missing, Skipped(error.message, pending=True)))
            failure = error
        arrived = sum(not is_pending(value) for value in found.values())
        waited_s = waiting.clock() - started_s
        waiting.progress.step(f"{what}: {arrived} of {len(found)} arrived after {waited_s:.0f} s", arrived / len(found))
        if failure is not None and not failure.transient:
            break
    if failure is not None:
        waiting.on_error(failure)
    return found
