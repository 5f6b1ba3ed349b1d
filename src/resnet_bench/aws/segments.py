"""What this program reads of a traced Lambda's X-Ray documents, as types that msgspec checks while decoding.

Documents hold much more; what is not named here is skipped. Numbers that JSON cannot hold (NaN, infinity),
wrong types and hostile nesting are refused by the decoder.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

_MS = 1e-3


class Response(Struct):
    status: int | None = None


class Http(Struct):
    response: Response | None = None


class Span(Struct):
    """A segment or a subsegment; times in seconds since the epoch."""

    name: str = ""
    start_time: float | None = None
    end_time: float | None = None
    in_progress: bool = False
    subsegments: list[Span] | None = None

    @property
    def complete(self) -> bool:
        return self.start_time is not None and self.end_time is not None and not self.in_progress

    @property
    def start_s(self) -> float:
        return self.start_time or 0.0

    @property
    def duration_s(self) -> float:
        """Of a complete span; negative if it ends before it starts."""
        return (self.end_time or 0.0) - self.start_s

    def descendants(self) -> Iterator[Span]:
        """Every subsegment at any depth, this span excluded."""
        waiting = deque(self.subsegments or ())
        while waiting:
            span = waiting.popleft()
            yield span
            waiting.extend(span.subsegments or ())


class Segment(Span):
    """A whole document."""

    id: str = ""
    origin: str | None = None
    http: Http | None = None
    annotations: dict[str, Any] | None = None

    def annotated_s(self, name: str) -> float | None:
        """An ``aws:<name>`` annotation in seconds; Lambda writes ms, its documentation also spells it with a dot."""
        for key, value in (self.annotations or {}).items():
            if re.fullmatch(rf"aws[:._]{name}", key) and isinstance(value, int | float) and not isinstance(value, bool):
                return float(value) * _MS
        return None


class Wrapper(Struct, rename="pascal"):
    """One entry of ``Segments``: the document is JSON text."""

    document: str


class Trace(Struct, rename="pascal"):
    """One entry of BatchGetTraces' ``Traces``."""

    id: str
    segments: list[Wrapper] = field(default_factory=list)
