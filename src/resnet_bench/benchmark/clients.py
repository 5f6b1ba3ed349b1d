"""Clients in a closed loop: each calls again the moment that it is answered, until the time is over.

Each client is a thread with a runner of its own, and does nothing but measure. What it measured goes through a queue to
the thread that called ``Clients.calls``: what saving costs is that thread's time, and no client waits for it.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from resnet_bench.errors import RemoteError
from resnet_bench.results.levels import LoadClients
from resnet_bench.runners.base import Measurement, Photo, Runner

# After a call that failed, a client waits this long: what refuses at once would be asked thousands of times.
PAUSE_S = 0.1
_LOOK_EVERY_S = 0.5

# Is told now and then how many seconds have passed, and how many calls are done.
Watch = Callable[[float, int], None]


def unwatched(elapsed_s: float, count: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class Done:
    """One call of one client, numbered over all of them; times in seconds from their begin."""

    client: int
    number: int
    photo: Photo
    begun_s: float
    ended_s: float
    outcome: Measurement | RemoteError


class Clients:
    """As many as there are ``runners``, which the caller closes. No call begins after ``duration_s``.

    ``began_at`` is the moment from which times are counted. Clocks are monotonic, in seconds; ``cpu_clock`` is that of
    the whole process.
    """

    def __init__(
        self,
        runners: Sequence[Runner],
        photos: Sequence[Photo],
        duration_s: float,
        *,
        clock: Callable[[], float] = time.perf_counter,
        cpu_clock: Callable[[], float] = time.process_time,
    ) -> None:
        self._runners, self._photos, self._duration_s = runners, photos, duration_s
        self._clock, self._cpu_clock = clock, cpu_clock
        self._done: queue.SimpleQueue[Done | BaseException | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._all_there = threading.Barrier(len(runners), action=self._begin)
        self._threads = [
            threading.Thread(target=self._call, args=(number,), name=f"client-{number}", daemon=True)
            for number in range(len(runners))
        ]
        self._last: dict[int, Done] = {}
        self._between_s: list[float] = []
        self._begin()

    def _begin(self) -> None:
        self.began_at = datetime.now(UTC)
        self._cpu_s, self._began_s = self._cpu_clock(), self._clock()

    def _elapsed_s(self) -> float:
        return self._clock() - self._began_s

    def calls(self, watch: Watch = unwatched) -> Generator[Done]:
        """Every call soon after its end; those that are on their way when the time is over are waited for.

        Left early (closed, or by an exception), each client ends after the call that it is in.

        Raises:
            ResnetBenchError: a call could not be made; failures of the far side are outcomes.
        """
        for thread in self._threads:
            thread.start()
        active, count, look_s = len(self._runners), 0, 0.0
        try:
            while active:
                if (now_s := self._elapsed_s()) >= look_s:
                    watch(now_s, count)
                    look_s = now_s + _LOOK_EVERY_S
                try:
                    done = self._done.get(timeout=_LOOK_EVERY_S)
                except queue.Empty:
                    continue
                if done is None:
                    active -= 1
                elif isinstance(done, BaseException):
                    raise done
                else:
                    count += 1
                    self._note(done)
                    yield done
        finally:
            self._stop.set()
            self._cpu_s = self._cpu_clock() - self._cpu_s

    def wait(self) -> None:
        """For the calls that were on their way when ``calls`` was left early."""
        for thread in self._threads:
            thread.join()

    def seen(self) -> LoadClients:
        """What is known of them once all calls were taken."""
        return LoadClients(
            began_at=self.began_at.isoformat(timespec="microseconds"),
            elapsed_s=max((done.ended_s for done in self._last.values()), default=0.0),
            cpu_s=self._cpu_s,
            between_s=median(self._between_s) if self._between_s else None,
        )

    def _note(self, done: Done) -> None:
        before = self._last.get(done.client)
        if before is not None and isinstance(before.outcome, Measurement):
            self._between_s.append(done.begun_s - before.ended_s)
        self._last[done.client] = done

    # --- in the clients' threads ------------------------------------------------------------------------------

    def _call(self, client: int) -> None:
        number = client
        try:
            self._all_there.wait()
            while not self._stop.is_set() and (begun_s := self._elapsed_s()) < self._duration_s:
                photo = self._photos[number % len(self._photos)]
                outcome = _outcome(self._runners[client], photo)
                self._done.put(Done(client, number, photo, begun_s, self._elapsed_s(), outcome))
                if not isinstance(outcome, Measurement):
                    self._stop.wait(PAUSE_S)
                number += len(self._runners)
        except BaseException as error:  # noqa: BLE001 - raised again where the calls are taken
            self._done.put(error)
        self._done.put(None)


def _outcome(runner: Runner, photo: Photo) -> Measurement | RemoteError:
    try:
        return runner.classify(photo)
    except RemoteError as error:
        return error
