"""Which failures a run lives with, and where it stops asking: the seam between a comparison and a sweep.

In a comparison a side that has never answered is a mistake of the set-up, and the run ends with its error. In a sweep a
memory size that cannot work is what was to be found out: its failure is a result, and the other sizes go on.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from resnet_bench.benchmark.schedule import Place
from resnet_bench.errors import (
    AwsError,
    HttpError,
    OutOfMemory,
    RemoteError,
    RemoteTimeout,
    ResnetBenchError,
    SandboxError,
)

# A function that fails is a 5xx; what is less than that is an answer, and would be the same at any size.
_SERVER_ERROR = 500
# AWS's words for a setting that it does not accept. A new account's functions may have at most 3008 MB, say.
REFUSED_SIZE = frozenset({"InvalidParameterValueException", "ValidationException"})
# So often in a row may a place fail: a gateway's hiccup is not to take a whole size away.
_FAILURES_IN_A_ROW = 2
# So often in a row may a process of this machine's die. A network comes back by itself; what dies as soon as it has
# been started anew will go on doing so.
_DEATHS_IN_A_ROW = 1


class Tolerance(Protocol):
    def answered(self, place: Place) -> None:
        """A call to ``place`` was answered."""
        ...

    def excuses(self, place: Place, error: ResnetBenchError) -> bool:
        """Whether the failure becomes a sample, and not the end of the run."""
        ...

    def given_up(self, place: Place) -> bool:
        """Whether the calls that are left to ``place`` are not made."""
        ...


class OneLostCall:
    """A lost request does not end a long watch, nor does a worker that dies once: the next call starts another.

    But a side that has not answered once is not a side, and a file that cannot be read any more would fail every call.
    """

    def __init__(self) -> None:
        self._answered: set[Place] = set()
        self._deaths: Counter[Place] = Counter()

    def answered(self, place: Place) -> None:
        self._answered.add(place)
        del self._deaths[place]

    def excuses(self, place: Place, error: ResnetBenchError) -> bool:
        if place not in self._answered:
            return False
        if isinstance(error, SandboxError):
            self._deaths[place] += 1
            return self._deaths[place] <= _DEATHS_IN_A_ROW
        return isinstance(error, RemoteError)

    def given_up(self, place: Place) -> bool:  # noqa: ARG002 - Tolerance's signature
        return False


class HopelessPlaces(OneLostCall):
    """A place may die of its own conditions; it is then left alone, and the others go on.

    At once where the memory limit has killed it, AWS refuses the size, or nothing has ever come back in time: each
    further call would take its half a minute to say the same. Else after two failures in a row.
    """

    def __init__(self) -> None:
        super().__init__()
        self._in_a_row: Counter[Place] = Counter()
        self._given_up: set[Place] = set()

    def answered(self, place: Place) -> None:
        super().answered(place)
        del self._in_a_row[place]

    def excuses(self, place: Place, error: ResnetBenchError) -> bool:
        fatal = isinstance(error, OutOfMemory) or _refused(error)
        if not (fatal or _of_the_function(error) or super().excuses(place, error)):
            return False
        self._in_a_row[place] += 1
        never = isinstance(error, RemoteTimeout) and place not in self._answered
        if fatal or never or self._in_a_row[place] >= _FAILURES_IN_A_ROW:
            self._given_up.add(place)
        return True

    def given_up(self, place: Place) -> bool:
        return place in self._given_up


def _refused(error: ResnetBenchError) -> bool:
    return isinstance(error, AwsError) and error.code in REFUSED_SIZE


def _of_the_function(error: ResnetBenchError) -> bool:
    """Failures that the conditions of a place can bring about, and not the way there."""
    failed = isinstance(error, HttpError) and error.status >= _SERVER_ERROR
    return failed or isinstance(error, RemoteTimeout)
