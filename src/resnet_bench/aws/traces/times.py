"""One X-Ray trace, as BatchGetTraces returns it, to the times of one Lambda request.

A traced Lambda has two segments, told apart by ``origin`` and found in any order: ``AWS::Lambda`` (the service;
ms resolution) and ``AWS::Lambda::Function`` (the sandbox; us). Lambda writes two shapes of the second:

- old: subsegments ``Invocation``, ``Overhead`` and on a cold start ``Initialization``, *before* its parent's start;
- new: no ``Invocation``; ``Init``; annotations in ms: ``aws:responseLatency`` (the time that the function ran),
  ``aws:runtimeOverhead``, ``aws:extensionOverhead``. Which segment holds ``Init`` is not documented: both are searched.

Source: AWS Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray".
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from resnet_bench.aws.traces.segments import Segment, Span, Trace, assembled, of_another
from resnet_bench.results.records import Skipped, TraceTimes
from resnet_bench.unreadable import UNREADABLE, reason

SERVICE, FUNCTION = "AWS::Lambda", "AWS::Lambda::Function"
_INIT_NAMES = ("Initialization", "Init")
# The service segment's two ends are each rounded to a millisecond.
_ROUNDING_S = 2e-3
# Thirty years.
_ABSURD_S = 1e9


def parse_trace(trace: Any) -> TraceTimes | Skipped:
    """The times of one entry of ``Traces``, or why there are none; never raises, whatever the documents hold.

    A trace that is still being written is ``Skipped`` and ``pending``; one that cannot be read, holds several
    invocations or contradicts itself (parts longer than the whole) is ``Skipped`` for good.
    """
    try:
        found = msgspec.convert(trace, Trace)
        documents = [msgspec.json.decode(wrapper.document, type=Segment) for wrapper in found.segments]
    except UNREADABLE as error:
        return Skipped(f"unreadable X-Ray document: {reason(error)}")
    if of_another(found, documents):
        return Skipped("rejected: the trace holds a segment of another one")
    segments = assembled(documents)
    service = _only(SERVICE, segments)
    function = _only(FUNCTION, segments)
    if isinstance(service, Skipped):
        return service
    if isinstance(function, Skipped):
        return function
    times = _times(found.id, service, function)
    return times if isinstance(times, Skipped) else _doubt(times, function) or times


def _only(origin: str, segments: Iterable[Segment]) -> Segment | Skipped:
    """The one complete segment of this origin."""
    matching = {segment.id: segment for segment in segments if segment.origin == origin}
    if len(matching) > 1:
        return Skipped(f"the trace holds {len(matching)} {origin} segments: which one is this call's cannot be told")
    if not matching:
        return _not_yet(f"the {origin} segment is missing")
    (segment,) = matching.values()
    return segment if segment.complete else _not_yet(f"the {origin} segment is still open")


def _times(trace_id: str, service: Segment, function: Segment) -> TraceTimes | Skipped:
    inits = [span for segment in (service, function) for span in segment.descendants() if span.name in _INIT_NAMES]
    children = {span.name: span for span in function.subsegments or ()}
    invocation, overhead = children.get("Invocation"), children.get("Overhead")
    for span in (*inits, invocation, overhead):
        if span is not None and not span.complete:
            return _not_yet(f"the {span.name} subsegment is still open")
    init = min(inits, key=lambda span: span.start_s, default=None)
    overhead_s = _overhead_s(function, overhead)
    return TraceTimes(
        trace_id=trace_id,
        shape="old" if invocation is not None or (init is not None and init.name == "Initialization") else "new",
        http_status=service.http.response.status if service.http and service.http.response else None,
        provisioning_s=None if init is None else _provisioning_s(service, init),
        initialization_s=None if init is None else init.duration_s,
        invocation_s=_invocation_s(function, invocation, overhead_s),
        overhead_s=overhead_s,
        total_s=service.duration_s,
    )


def _invocation_s(function: Segment, invocation: Span | None, overhead_s: float | None) -> float:
    if invocation is not None:
        return invocation.duration_s
    latency_s = function.annotated_s("responseLatency")
    return function.duration_s - (overhead_s or 0.0) if latency_s is None else latency_s


def _overhead_s(function: Segment, overhead: Span | None) -> float | None:
    if overhead is not None:
        return overhead.duration_s
    parts = [function.annotated_s(name) for name in ("runtimeOverhead", "extensionOverhead")]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


def _provisioning_s(service: Segment, init: Span) -> float:
    """From the request's arrival to the start of initialisation; a start within the rounding is at the arrival."""
    provisioning_s = init.start_s - service.start_s
    return 0.0 if -_ROUNDING_S <= provisioning_s < 0 else provisioning_s


def _doubt(times: TraceTimes, function: Segment) -> Skipped | None:
    """Why these times cannot be true, if they cannot."""
    parts = {
        "provisioning": times.provisioning_s,
        "initialization": times.initialization_s,
        "invocation": times.invocation_s,
        "overhead": times.overhead_s,
        "total": times.total_s,
    }
    known = {name: value for name, value in parts.items() if value is not None}
    if not all(math.isfinite(value) and value < _ABSURD_S for value in known.values()):
        return Skipped("rejected: a time in the trace is no possible one")
    if known.get("provisioning", 0.0) < 0:
        return Skipped("rejected: initialisation began before the request (provisioned concurrency, or started ahead)")
    negative = [name for name, value in known.items() if value < 0]
    if negative:
        return Skipped(f"rejected: {negative[0]} ends before it starts")
    spent_s = times.invocation_s + (times.initialization_s or 0.0) + (times.provisioning_s or 0.0)
    if spent_s > times.total_s + _ROUNDING_S:
        return Skipped(f"rejected: the parts take {spent_s:.3f} s and the whole {times.total_s:.3f} s")
    if times.invocation_s > function.duration_s + _ROUNDING_S:
        return Skipped(
            f"rejected: the invocation takes {times.invocation_s:.3f} s and its segment {function.duration_s:.3f} s"
        )
    return None


def _not_yet(why: str) -> Skipped:
    return Skipped(f"not complete yet: {why}", pending=True)
