"""The X-Ray trace header: ``Root=1-...;Parent=...;Sampled=1;Lineage=...``.

Its own module because the Lambda handler reads it too: it imports nothing but the standard library.
Source: AWS X-Ray developer guide, "Tracing header"; ``Lineage`` is Lambda's own addition.
"""

from __future__ import annotations

from typing import NamedTuple


class TraceHeader(NamedTuple):
    """What the header says; every part is ``None`` where it says nothing (or ``Sampled=?``: undecided)."""

    trace_id: str | None = None
    parent_id: str | None = None
    sampled: bool | None = None
    lineage: str | None = None


def parse_header(text: str | None) -> TraceHeader:
    """Read ``_X_AMZN_TRACE_ID`` or ``X-Amzn-Trace-Id``; whatever cannot be read is left out, nothing raises.

    Keys are matched without regard to case and may come in any order; of a repeated key the first counts.
    """
    parts: dict[str, str] = {}
    for item in (text or "").split(";"):
        key, _, value = item.partition("=")
        if value.strip():
            parts.setdefault(key.strip().lower(), value.strip())
    return TraceHeader(
        trace_id=parts.get("root"),
        parent_id=parts.get("parent"),
        sampled={"1": True, "0": False}.get(parts.get("sampled", "")),
        lineage=parts.get("lineage"),
    )
