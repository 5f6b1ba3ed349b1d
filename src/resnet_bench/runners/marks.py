"""The steps of one exchange as httpx tells of them: when each was, over which connection, and how long it may take.

Source: httpx, "Request extensions", ``trace``; the events are httpcore's.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, NamedTuple

from resnet_bench.runners.time_limit import TimeLimit


class Limits(NamedTuple):
    """Seconds: until the request is sent, connecting included, and from there to the answer's last byte."""

    send: float
    answer: float


class Marks:
    """When each step of the exchange happened, by httpx's ``trace`` request extension, and over which connection.

    ``limit`` is told how long each may take: what is sent has another limit than the answer.
    """

    def __init__(
        self, clock: Callable[[], float], limit: TimeLimit, connection: socket.socket | None, limits_s: Limits
    ) -> None:
        self.at: dict[str, float] = {}
        self.limit, self.connection = limit, connection
        self._clock, self._limits_s = clock, limits_s
        self.peer: tuple[str, int] | None = None
        limit.uses(connection)
        limit.end_in(limits_s.send)

    def __call__(self, event: str, info: dict[str, Any]) -> None:
        step = event.partition(".")[2]
        self.at[step] = self._clock()
        if step == "connect_tcp.started":
            self.peer = info["host"], info["port"]
        elif step in {"connect_tcp.complete", "start_tls.complete"}:
            self.connection = info["return_value"].get_extra_info("socket")
            self.limit.uses(self.connection)
        elif step == "send_request_headers.started":
            self.limit.end_in(self._limits_s.send)
        elif step == "send_request_body.complete":
            self.limit.end_in(self._limits_s.answer)

    @property
    def sent(self) -> bool:
        return "send_request_body.complete" in self.at

    def since(self, event: str, now_s: float) -> float | None:
        return now_s - self.at[event] if event in self.at else None

    def between(self, first: str, last: str) -> float | None:
        if first in self.at and last in self.at:
            return self.at[last] - self.at[first]
        return None
