"""What this program reads of a traced Lambda's X-Ray documents, as types that msgspec checks while decoding.

Documents hold much more; what is not named here is skipped. Numbers that JSON cannot hold (NaN, infinity),
wrong types and hostile nesting are refused by the decoder.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct, field

from resnet_bench.results.bounds import Status

_MS = 1e-3


class Response(Struct):
    status: Status | None = None


class Http(Struct):
    response: Response | None = None


class Span(Struct):
    """A segment or a subsegment; times in seconds since the epoch."""

    id: str = ""
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
        """Every subsegment at any depth, this span excluded; each once, even if one claims to be its own ancestor."""
        waiting, seen = deque(self.subsegments or ()), {id(self)}
        while waiting:
            span = waiting.popleft()
            if id(span) not in seen:
                seen.add(id(span))
                yield span
                waiting.extend(span.subsegments or ())


class Segment(Span):
    """A whole document: a segment, or a subsegment that was sent on its own and names its parent."""

    trace_id: str | None = None
    type: str | None = None
    parent_id: str | None = None
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


def of_another(trace: Trace, documents: Iterable[Segment]) -> bool:
    """Whether one of the documents says that it belongs to another trace."""
    return any(document.trace_id and _digits(document.trace_id) != _digits(trace.id) for document in documents)


def _digits(trace_id: str) -> str:
    """What an id has in both forms: X-Ray's (``1-5759e988-...``) and OpenTelemetry's, without version and dashes."""
    return trace_id.removeprefix("1-").replace("-", "").lower()


def assembled(documents: Iterable[Segment]) -> list[Segment]:
    """The documents with those that are subsegments put under their parents, wherever these are.

    A subsegment may be sent twice, when it begins and when it ends: the whole one counts.
    """
    whole = sorted(documents, key=lambda document: document.complete)
    spans = {span.id: span for document in whole for span in (document, *document.descendants()) if span.id}
    alone = {document.id: document for document in whole if document.type == "subsegment"}
    for document in alone.values():
        parent = spans.get(document.parent_id or "")
        if parent is not None:
            parent.subsegments = [*(parent.subsegments or ()), document]
    return [document for document in whole if document.type != "subsegment"]
