"""Raw traces by their own ids from X-Ray, real or emulated: in batches, and again for what was left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resnet_bench.aws.access.pages import entries, pages, texts

BATCH = 5  # BatchGetTraces takes no more ids at once


def fetch_documents(client: Any, trace_ids: Iterable[str]) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """Raw traces by id, and the ids that X-Ray left unprocessed when asked twice. Unknown ids are in neither.

    ``strip_account_data`` makes a raw trace fit for keeping.

    Raises:
        AwsError: the call failed.
    """
    found: dict[str, dict[str, Any]] = {}
    unprocessed = list(dict.fromkeys(trace_ids))
    for _ in range(2):
        asked, unprocessed = unprocessed, []
        for first in range(0, len(asked), BATCH):
            unprocessed += _ask(client, asked[first : first + BATCH], found)
    return found, set(unprocessed) - found.keys()


def _ask(client: Any, batch: list[str], found: dict[str, dict[str, Any]]) -> list[str]:
    """One batch with all its pages, added to ``found``; returns the ids that X-Ray did not process."""
    unprocessed: list[str] = []
    for page in pages(client, "batch_get_traces", "xray:BatchGetTraces", {"TraceIds": batch}):
        unprocessed += [key for key in texts(page, "UnprocessedTraceIds") if key in batch]
        for trace in entries(page, "Traces"):
            key = trace.get("Id")
            if key in batch:
                # A trace may be spread over pages.
                known = found.setdefault(key, {**trace, "Segments": []})
                known["Segments"] += entries(trace, "Segments")
    return unprocessed
