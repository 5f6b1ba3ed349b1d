"""Asking again: a runner around a runner that repeats a call which failed for a passing reason, and says so."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from resnet_bench.errors import HttpError, RemoteError
from resnet_bench.results.records import Attempt, Sample
from resnet_bench.runners.base import Measurement, Photo, Runner


@dataclass(frozen=True)
class RetryPolicy:
    """Up to ``attempts`` tries. Pauses are drawn between 0 and a bound that doubles from ``base_s`` up to ``cap_s``.

    "Full jitter", by which callers that failed together do not come back together (AWS Architecture Blog,
    "Exponential Backoff And Jitter", 2015).

    None follows once the call has taken ``patience_s`` altogether. A single one that did has met a time limit, of the
    HTTP API (30 s) or of this client (35 s): the function is too slow, it may still be at it, and the next try would
    take as long. Nor is a server called again that asks for a pause beyond that.
    """

    attempts: int = 4
    base_s: float = 0.5
    cap_s: float = 8.0
    patience_s: float = 25.0

    @classmethod
    def within(cls, interval_s: float) -> RetryPolicy:
        """For calls that begin ``interval_s`` apart: the tries of one are over before the next is due.

        A last one that is not accepted takes five seconds more; half of the interval leaves them room.
        """
        return cls(patience_s=min(cls.patience_s, interval_s / 2)) if interval_s > 0 else cls()

    def longest_pause_s(self, failed: int) -> float:
        """The bound of the pause after ``failed`` tries (1 or more)."""
        return min(self.cap_s, self.base_s * 2.0 ** (failed - 1))

    def pause_s(self, error: RemoteError, *, failed: int, took_s: float, chance: float) -> float | None:
        """How long to wait after ``failed`` tries, which took ``took_s`` with their pauses; ``None``: do not try again.

        ``chance`` is uniform in [0, 1). A server's ``Retry-After`` is the least that is waited.
        """
        asked_s = (error.retry_after_s or 0.0) if isinstance(error, HttpError) else 0.0
        if not error.transient or failed >= self.attempts or took_s + asked_s > self.patience_s:
            return None
        return max(asked_s, chance * self.longest_pause_s(failed))


class Retrying:
    """Classifies by ``runner``, and again if need be. The client's times are those of the try that was answered.

    A cold call is tried once: a failed try may have used the fresh environment up, so that the next would be no cold
    start, and forcing one anew is for the schedule to decide.
    """

    def __init__(
        self,
        runner: Runner,
        policy: RetryPolicy | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.side, self.engine = runner.side, runner.engine
        self._runner = runner
        self._policy = policy or RetryPolicy()
        self._clock, self._sleep, self._chance = clock, sleep, chance
        self._cold = False

    def classify(self, photo: Photo) -> Measurement:
        """As ``Runner`` says; the tries that failed before are in ``attempts`` of the measurement or of the error."""
        once, self._cold = self._cold, False
        attempts: list[Attempt] = []
        begun_s = self._clock()
        while True:
            started_s = self._clock()
            try:
                measured = self._runner.classify(photo)
            except RemoteError as error:
                failed_s = self._clock()
                took_s = failed_s - started_s
                pause_s = self._policy.pause_s(
                    error, failed=len(attempts) + 1, took_s=failed_s - begun_s, chance=self._chance()
                )
                if once or pause_s is None:
                    if attempts:
                        error.attempts = tuple(attempts)
                        error.add_note(f"this was try {len(attempts) + 1}; those before it failed too")
                    raise
                self._sleep(pause_s)
                attempts.append(_attempt(error, took_s, self._clock() - failed_s))
            else:
                return replace(measured, attempts=tuple(attempts))

    def force_cold(self) -> None:
        self._runner.force_cold()
        self._cold = True  # not before: where forcing failed, the next call is any other

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return self._runner.complete(samples)

    def close(self) -> None:
        self._runner.close()


def _attempt(error: RemoteError, took_s: float, waited_s: float) -> Attempt:
    return Attempt(
        error=type(error).__name__,
        message=error.message,
        status=error.status if isinstance(error, HttpError) else None,
        duration_s=took_s,
        waited_s=waited_s,
    )
