"""Traces by their own ids, from X-Ray or from where Transaction Search keeps them, and again for what is late."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from resnet_bench.aws.access.waiting import Waiting, wait_for
from resnet_bench.aws.privacy.account_data import strip_account_data
from resnet_bench.aws.traces.times import parse_trace
from resnet_bench.aws.traces.transaction_search import Patience, keeps_traces, retrieve
from resnet_bench.aws.traces.xray import fetch_documents
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Skipped, TraceTimes

_WHY = "not indexed yet, tracing not Active, or the role lacks xray:PutTraceSegments"
NOT_FOUND = Skipped(f"not complete yet: X-Ray knows no such trace ({_WHY})", pending=True)
NOT_IN_LOGS = Skipped(
    f"not complete yet: Transaction Search holds no such trace in CloudWatch Logs ({_WHY})", pending=True
)
_NOT_PROCESSED = Skipped("not complete yet: X-Ray left the id unprocessed", pending=True)
_TRACE_ID = re.compile(r"1-[0-9a-fA-F]{8}-[0-9a-fA-F]{24}")

Document = dict[str, Any]


class TraceReader:
    """One completion's way to its traces: X-Ray first, and where it finds none, whatever AWS says it keeps instead.

    Where that is, is asked once, and only if X-Ray does not know a trace. What then fails is the reason of the traces
    that it kept from arriving, and of no other.
    """

    def __init__(self, client: Any, patience: Patience | None = None) -> None:
        self._client = client
        self._patience = patience or Patience()
        self._in_logs: bool | None = None  # not known yet
        self._missing = NOT_FOUND

    def fetch(self, trace_ids: Iterable[str]) -> dict[str, TraceTimes | Skipped]:
        """The times of each trace as AWS knows them now; ``Skipped(pending=True)`` for what may still come.

        Raises:
            AwsError: X-Ray could not be asked.
        """
        wanted = list(dict.fromkeys(trace_ids))
        found, in_logs, unprocessed = self._documents([key for key in wanted if _TRACE_ID.fullmatch(key)])

        def reading(key: str) -> TraceTimes | Skipped:
            if not _TRACE_ID.fullmatch(key):
                return Skipped("the id that the function gave is not an X-Ray trace id")
            if key in found:
                return parse_trace(found[key])
            if key in in_logs:
                times = parse_trace(in_logs[key])
                return times if isinstance(times, Skipped) else replace(times, source="logs")
            return _NOT_PROCESSED if key in unprocessed and self._missing is NOT_FOUND else self._missing

        return {key: reading(key) for key in wanted}

    def export(self, trace_ids: Iterable[str]) -> list[Document]:
        """The raw traces, in the order of the ids, without account data; those that AWS does not have are left out.

        Raises:
            AwsError: X-Ray could not be asked.
        """
        wanted = [key for key in dict.fromkeys(trace_ids) if _TRACE_ID.fullmatch(key)]
        found, in_logs, _ = self._documents(wanted)
        both = {**in_logs, **found}
        return [strip_account_data(both[key]) for key in wanted if key in both]

    def _documents(self, trace_ids: Sequence[str]) -> tuple[dict[str, Document], dict[str, Document], set[str]]:
        """Those that X-Ray has, those that CloudWatch Logs has, and the ids that X-Ray did not process."""
        found, unprocessed = fetch_documents(self._client, trace_ids)
        # Whether X-Ray calls what it does not have unprocessed is documented nowhere.
        missing = [key for key in trace_ids if key not in found]
        return found, self._from_logs(missing) if missing else {}, unprocessed

    def _from_logs(self, trace_ids: Sequence[str]) -> dict[str, Document]:
        try:
            if self._in_logs is None:
                self._in_logs = keeps_traces(self._client)
                self._missing = NOT_IN_LOGS if self._in_logs else NOT_FOUND
            return retrieve(self._client, trace_ids, self._patience) if self._in_logs else {}
        except AwsError as error:
            self._missing = Skipped(
                f"not complete yet: X-Ray knows no such trace, nor could Transaction Search be asked: {error.message}",
                pending=True,
            )
            if not error.transient:
                self._in_logs = False  # it would fail again in the same way
            return {}


def fetch(client: Any, trace_ids: Iterable[str]) -> dict[str, TraceTimes | Skipped]:
    """As ``TraceReader.fetch``, once."""
    return TraceReader(client).fetch(trace_ids)


def export_documents(client: Any, trace_ids: Iterable[str]) -> list[Document]:
    """As ``TraceReader.export``, once."""
    return TraceReader(client).export(trace_ids)


def await_traces(
    client: Any, trace_ids: Iterable[str], waiting: Waiting | None = None
) -> dict[str, TraceTimes | Skipped]:
    """As ``fetch``, asking again for what is pending. AWS failures become reasons (``wait_for``): nothing raises."""
    patience = waiting or Waiting()
    reader = TraceReader(client, Patience(clock=patience.clock, sleep=patience.sleep))
    return wait_for("traces", reader.fetch, trace_ids, patience)
