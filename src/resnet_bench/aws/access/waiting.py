"""Waiting for what AWS delivers late: ask at once, then at a fixed interval, only for what is still missing."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from resnet_bench.errors import AwsError
from resnet_bench.progress import SILENT, Progress
from resnet_bench.results.records import Skipped

T = TypeVar("T")

# What was asked for last may take this long beyond the last moment at which it would have been asked again.
_GRACE_S = 30.0


@dataclass(frozen=True)
class Waiting:
    """How patiently to wait: once at once, then up to ``attempts`` times, starting ``interval_s`` apart.

    However slowly is answered, nothing is asked for after these intervals, nor waited for half a minute later.

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
    ends_s = started_s + waiting.attempts * waiting.interval_s
    for attempt in range(waiting.attempts + 1):
        missing = [key for key, value in found.items() if is_pending(value)]
        if not missing or (attempt and waiting.clock() > ends_s):
            break
        if attempt:
            waiting.sleep(max(0.0, started_s + attempt * waiting.interval_s - waiting.clock()))
        failure = None
        try:
            answers = _within(ends_s - waiting.clock() + _GRACE_S, what, partial(ask, missing))
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


def _within(limit_s: float, what: str, ask: Callable[[], T]) -> T:
    """What ``ask`` gives, raised errors included. It is left to itself, in a thread of its own, when the time is over.

    Raises:
        AwsError: it is. A server that sends a byte now and then keeps botocore, which knows no other limit, for ever.
    """
    done: queue.SimpleQueue[tuple[T, None] | tuple[None, BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            done.put((ask(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            done.put((None, error))

    threading.Thread(target=run, name=f"asking for {what}", daemon=True).start()
    try:
        answer, error = done.get(timeout=limit_s)
    except queue.Empty:
        raise AwsError(
            f"{what}: no whole answer within {limit_s:.0f} s",
            "check the network and the endpoint; resnet-bench collect asks again later",
            code="Late",
            transient=True,
        ) from None
    if error is not None:
        raise error
    return answer  # type: ignore[return-value]
