"""The account of one event: what is known of it on its way, its REPORT line, and what whoever watches is told."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnet_bench.results.records import ReportLine

if TYPE_CHECKING:
    import asyncio

    from resnet_bench.emulator.environment import Environment
    from resnet_bench.emulator.invocation import Reply
    from resnet_bench.emulator.tracing import Timeline, TraceContext

# The status of an event that the function did not get, or did not get to the end of, by no fault of its own.
INTERNAL_FAILURE = "InternalFailure"


@dataclass
class Job:
    """One event on its way through an environment; ``status`` is what the REPORT line will say of it."""

    environment: Environment
    request_id: str
    event: bytes
    trace: TraceContext
    timeline: Timeline
    answered: asyncio.Future[Reply]
    cold: bool
    status: str | None = INTERNAL_FAILURE

    def answer(self, reply: Reply) -> None:
        """Answer the caller, unless something else has."""
        if not self.answered.done():
            self.answered.set_result(reply)


@dataclass(frozen=True)
class Invoked:
    """One finished invocation. ``report`` is its REPORT line; an ``InternalFailure`` has none: it measures nothing."""

    request_id: str
    environment_id: str
    report: ReportLine | None
    function_error: str | None
    cold_start: bool


def make_report(job: Job, memory_size_bytes: int) -> ReportLine:
    """The figures of an event that the function got; its environment is at rest or gone."""
    timeline, status = job.timeline, job.status
    duration_s = (timeline.ready_s or timeline.service_end_s or timeline.invoke_start_s) - timeline.invoke_start_s
    init_s = None
    if timeline.init_start_s is not None and timeline.init_end_s is not None:
        init_s = timeline.init_end_s - timeline.init_start_s
    return ReportLine(
        request_id=job.request_id,
        duration_s=duration_s,
        # Billed per started millisecond; images pay for their initialisation.
        billed_s=math.ceil((duration_s + (init_s or 0.0)) * 1000) / 1000,
        memory_size_bytes=memory_size_bytes,
        max_memory_used_bytes=job.environment.max_memory_used_bytes(),
        init_s=init_s,
        status=None if status is None else ("timeout" if status == "timeout" else "error"),
        error_type=None if status in {None, "timeout"} else status,
        trace_id=job.trace.trace_id if job.trace.sampled else None,
    )
