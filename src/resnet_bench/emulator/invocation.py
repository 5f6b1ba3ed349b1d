"""What passes between the Lambda service, an environment and its runtime."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Invocation:
    """One event on its way to the runtime. ``deadline_s`` is monotonic."""

    request_id: str
    event: bytes
    trace_header: str
    deadline_s: float


@dataclass(frozen=True)
class Reply:
    """What Lambda answers an Invoke call with. ``function_error`` is ``Unhandled`` or ``None``.

    ``failure`` says why Lambda itself, and not the function, has failed: then there is no payload.
    """

    payload: bytes
    function_error: str | None = None
    failure: str | None = None

    @classmethod
    def error(cls, error_type: str, message: str) -> Reply:
        return cls(json.dumps({"errorType": error_type, "errorMessage": message}).encode(), "Unhandled")


class InitFailed(Exception):
    """Initialisation ended without the runtime asking for work. ``status`` is ``timeout`` or ``error``."""

    def __init__(self, status: str, error_type: str, reply: Reply) -> None:
        super().__init__(error_type)
        self.status = status
        self.error_type = error_type
        self.reply = reply
