"""Servers of several workers each behind one queue: a fixed number, or as many as their utilisation asks for.

Autoscaling follows the target tracking of EC2 Auto Scaling, simplified: once a period the servers' utilisation in it is
looked at, and their number set to what would have brought it to the target. After a change nothing is taken away for a
while.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from resnet_bench.analysis.traffic.arrivals import Chunk, Floats
from resnet_bench.analysis.traffic.queue import Queue

# Nobody waits longer: the time-out of the HTTP API, so that both sides give up alike.
MAX_WAIT_S = 30.0


@dataclass(frozen=True)
class Autoscaling:
    """Defaults: detailed monitoring's minute and the default cooldown of EC2 Auto Scaling (user guide).

    Target and time to start are assumptions.
    """

    target: float = 0.6
    period_s: float = 60.0
    start_s: float = 120.0
    cool_down_s: float = 300.0
    least: int = 1
    most: int = 1000


class Servers(Protocol):
    """``peak_count`` of servers so far. Times must not decrease from call to call."""

    @property
    def peak_count(self) -> int: ...

    def serve(self, chunk: Chunk, services_s: Floats) -> Floats:
        """For how long each request waits; infinite: refused."""
        ...

    def server_s(self, chunk: Chunk) -> float:
        """Seconds of servers that the stretch of the chunk, which was served last, has to pay for."""
        ...


class Fixed:
    def __init__(self, count: int, workers: int) -> None:
        self.peak_count = count
        self._queue = Queue(count * workers, MAX_WAIT_S)

    def serve(self, chunk: Chunk, services_s: Floats) -> Floats:
        return np.array(self._queue.serve(chunk.times.tolist(), services_s.tolist()))

    def server_s(self, chunk: Chunk) -> float:
        return self.peak_count * (chunk.end_s - chunk.begin_s)


class Autoscaled:
    """A server is paid for from when it is asked for, and serves ``start_s`` later."""

    def __init__(self, rules: Autoscaling, workers: int) -> None:
        self._rules = rules
        self._workers = workers
        self._queue = Queue(rules.least * workers, MAX_WAIT_S)
        self._count = self.peak_count = rules.least
        # Those that have been asked for and do not serve yet: when they will, and how many.
        self._starting: list[tuple[float, int]] = []
        self._next_s = rules.period_s
        self._given_s = 0.0  # work given out in this period
        self._backlog_s = 0.0  # at its beginning
        self._changed_s = -math.inf
        self._server_s = 0.0

    def serve(self, chunk: Chunk, services_s: Floats) -> Floats:
        times, services = chunk.times.tolist(), services_s.tolist()
        waits: list[float] = []
        self._server_s = 0.0
        now_s, done = chunk.begin_s, 0
        for end_s in self._looks(times, chunk.end_s):
            upto = bisect_left(times, end_s, done) if end_s < chunk.end_s else len(times)
            waits += self._given(times[done:upto], services[done:upto])
            self._server_s += self._count * (end_s - now_s)
            now_s, done = end_s, upto
            if end_s == self._next_s:
                self._look(end_s)
        return np.array(waits)

    def server_s(self, chunk: Chunk) -> float:  # noqa: ARG002 - Servers' signature
        return self._server_s

    def _looks(self, times: list[float], end_s: float) -> Iterator[float]:
        """The ends of periods within a chunk, and the chunk's own; those left out in which nothing can happen."""
        while self._next_s < end_s:
            if self._count == self._rules.least and not self._starting and self._backlog_s == self._given_s == 0.0:
                self._next_s = self._skipped_to(times, end_s)
                if self._next_s >= end_s:
                    break
            yield self._next_s
        yield end_s

    def _skipped_to(self, times: list[float], end_s: float) -> float:
        """The end of the period in which somebody comes next."""
        start_s = self._next_s - self._rules.period_s
        place = bisect_left(times, start_s)
        next_s = times[place] if place < len(times) else end_s
        periods = math.floor((next_s - start_s) / self._rules.period_s)
        return self._next_s + max(0, periods) * self._rules.period_s

    def _given(self, times: list[float], services_s: list[float]) -> list[float]:
        waits = self._queue.serve(times, services_s)
        self._given_s += sum(
            service_s for service_s, wait_s in zip(services_s, waits, strict=True) if wait_s < math.inf
        )
        return waits

    def _look(self, now_s: float) -> None:
        """The end of a period: what was busy in it is what was given out, less what has been added to the backlog."""
        backlog_s = self._backlog_at(now_s)
        self._scale(now_s, self._given_s + self._backlog_s - backlog_s)
        self._starting = [(ready_s, count) for ready_s, count in self._starting if ready_s > now_s]
        self._given_s, self._backlog_s = 0.0, backlog_s
        self._next_s = now_s + self._rules.period_s

    def _backlog_at(self, now_s: float) -> float:
        """Work only: that a server which starts cannot serve yet is none."""
        starting_s = sum(max(0.0, ready_s - now_s) * count for ready_s, count in self._starting)
        return self._queue.backlog_s(now_s) - starting_s * self._workers

    def _scale(self, now_s: float, busy_s: float) -> None:
        """``busy_s`` of all workers in this period; whoever served it, so many servers would have at the target."""
        rules = self._rules
        at_target = busy_s / (self._workers * rules.period_s * rules.target)
        wanted = min(max(math.ceil(at_target), rules.least), rules.most)
        if wanted > self._count:
            more = wanted - self._count
            self._queue.add(more * self._workers, now_s + rules.start_s)
            self._starting.append((now_s + rules.start_s, more))
        elif wanted < self._count and not self._starting and now_s - self._changed_s >= rules.cool_down_s:
            self._queue.remove((self._count - wanted) * self._workers)
        else:
            return
        self._count, self._changed_s = wanted, now_s
        self.peak_count = max(self.peak_count, wanted)
