"""What a deployed handler's HTTP answer means, whichever way it came: an ``Answer``, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from resnet_bench import wire
from resnet_bench.errors import HttpError
from resnet_bench.results.records import Answer
from resnet_bench.runners.denial import DENIED, denial
from resnet_bench.runners.request import megabytes
from resnet_bench.unreadable import one_line

_OK = 200
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HINTS = {
    400: "check the image with `resnet-bench local`",
    404: "check the URL: it is the API's address, without /classify",
    405: "check the URL: the function does not answer POST there",
    413: f"send an image of at most {megabytes(wire.IMAGE_LIMIT_BYTES)}",
    429: "the function is throttled: lower the rate or raise its concurrency",
    503: "no environment was free, or the 30 s of the HTTP API passed: lower the rate or raise --memory",
    504: "the 30 s of the HTTP API passed: raise --memory",
}


@dataclass(frozen=True)
class Reply:
    """``headers`` by lower-case names; ``signed`` tells whether the request was."""

    status: int
    content: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    signed: bool = False


def read_answer(reply: Reply, where: str) -> Answer:
    """The handler's answer; ``where`` names who gave it.

    Raises:
        HttpError: the status is not 200.
        ForeignAnswer: the body is not this program's.
    """
    if reply.status == _OK:
        return wire.decode_answer(reply.content)
    location = reply.headers.get("location")
    if reply.status in _REDIRECTS and location is not None:
        raise HttpError(
            f"{where} answered {reply.status} and sends us to {one_line(location)}",
            "redirects are not followed, as they would be measured too: give the address that answers itself",
            status=reply.status,
        )
    fault = wire.decode_fault(reply.content)
    told = f"{fault.code}: {fault.message}" if fault else reply.content.decode(errors="replace")
    hint = one_line(fault.hint) if fault and fault.hint else _HINTS.get(reply.status, "look at the function's log")
    if reply.status in DENIED and fault is None:
        told, hint = denial(told, reply.headers.get("x-amzn-errortype", ""), signed=reply.signed)
    raise HttpError(
        f"{where} answered {reply.status}: {one_line(told) or 'no text'}",
        hint,
        status=reply.status,
        code=fault.code if fault else None,
        retry_after_s=_seconds(reply.headers.get("retry-after", "")),
    )


def _seconds(retry_after: str) -> float | None:
    """``Retry-After`` in seconds. Its other form, a date, is a moment of another machine's clock: not used."""
    try:
        seconds = float(retry_after)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
