"""Whether a server held: nothing wrong was answered, nothing grows, and nobody waits ever longer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from resnet_bench.benchmark.stats import median
from soaking.crowd import REFUSALS, Call, Ledger
from soaking.process import Held

T = TypeVar("T")
MIB = 1024**2
# Python's own memory comes in arenas, and a busy moment is not a leak.
_GROWTH_BYTES = 8 * MIB
_GROWTH_COUNT = 8
# The part of the time that nothing is judged by: caches fill, environments start.
_SETTLED = 0.3
_WINDOW = 0.25
# The longest that a caller may wait, in medians of the time before: a queue that grows without end passes any number.
_TAIL = 3.0


@dataclass(frozen=True)
class Line:
    """``early`` and ``late`` are medians of a quarter of the time each."""

    what: str
    early: str
    late: str
    held: bool


def growth(seen: Sequence[Held]) -> Iterator[Line]:
    early, late = _windows(seen, lambda held: held.at_s)

    def middles(value: Callable[[Held], float]) -> tuple[float, float]:
        return median([value(held) for held in early]), median([value(held) for held in late])

    first, last = middles(lambda held: held.rss_bytes)
    yield Line("memory of the server, MB", *_mb(first, last), last - first <= _GROWTH_BYTES)
    first, last = middles(lambda held: held.others_rss_bytes)
    yield Line("memory of its children, MB", *_mb(first, last), last - first <= max(first / 10, _GROWTH_BYTES))
    for what, value in (
        ("open files and sockets", lambda held: held.descriptors_count),
        ("threads", lambda held: held.threads_count),
        ("processes", lambda held: held.processes_count),
        ("temporary files", lambda held: held.files_count),
        ("cgroups", lambda held: held.cgroups_count),
    ):
        first, last = middles(value)
        yield Line(what, f"{first:.0f}", f"{last:.0f}", last - first <= _GROWTH_COUNT)


def tail(calls: Sequence[Call], kind: str) -> Iterator[Line]:
    """Waiting times of the calls of ``kind`` that were answered, and not told to come later."""
    answered = [call for call in calls if call.kind == kind and call.outcome not in REFUSALS]
    early, late = _windows(answered, lambda call: call.at_s)
    if early and late:
        first, last = ([call.seconds for call in part] for part in (early, late))
        held = max(last) <= _TAIL * max(first)
        yield Line(f"longest wait, s: {kind}", f"{max(first):.2f}", f"{max(last):.2f}", held)
        yield Line(f"median wait, s: {kind}", f"{median(first):.3f}", f"{median(last):.3f}", True)


def wrong(ledger: Ledger) -> Line:
    return Line("answers that were wrong", "", str(ledger.wrong_count), ledger.wrong_count == 0)


def _windows(items: Sequence[T], at_s: Callable[[T], float]) -> tuple[list[T], list[T]]:
    """Those of the first quarter after things have settled, and those of the last quarter."""
    if not items:
        return [], []
    begin, end = min(map(at_s, items)), max(map(at_s, items))
    whole = end - begin
    settled, last = begin + _SETTLED * whole, end - _WINDOW * whole
    early = [item for item in items if settled <= at_s(item) <= settled + _WINDOW * whole]
    return early, [item for item in items if at_s(item) >= last]


def _mb(*values: float) -> tuple[str, ...]:
    return tuple(f"{value / MIB:.1f}" for value in values)
