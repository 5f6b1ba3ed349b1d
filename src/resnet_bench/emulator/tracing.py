"""X-Ray for the emulated Lambda: sampling, trace headers, and the two segments of each traced invocation."""

from __future__ import annotations

import json
import math
import random
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from resnet_bench.emulator.function import ACCOUNT_ID, Function
from resnet_bench.trace_header import parse_header

# Lambda's fixed rule for active tracing: the first request of each second, and 5 % of the others.
_SAMPLED_SHARE = 0.05
_MAX_TRACES = 20_000


@dataclass
class Sampler:
    """Decides which requests are traced; seeded, so that a run can be repeated."""

    seed: int = 0
    _second: int = -1
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a sampling decision, not a secret  # nosec B311

    def decide(self, now_s: float) -> bool:
        second = math.floor(now_s)
        if second != self._second:
            self._second = second
            return True
        return self._random.random() < _SAMPLED_SHARE


@dataclass(frozen=True)
class TraceContext:
    """The trace that one invocation belongs to; ``parent_id`` is the caller's segment, if it sent one."""

    trace_id: str
    sampled: bool
    service_segment_id: str
    function_segment_id: str
    parent_id: str | None

    @classmethod
    def new(cls, sampled: bool, header: str | None = None) -> TraceContext:
        """A fresh trace, or the caller's own where Lambda honours its header (a direct Invoke)."""
        given = parse_header(header) if header else None
        segment_ids = secrets.token_hex(8), secrets.token_hex(8)
        if given is not None and given.trace_id is not None:
            decision = sampled if given.sampled is None else given.sampled
            return cls(given.trace_id, decision, *segment_ids, given.parent_id)
        return cls(f"1-{int(time.time()):08x}-{secrets.token_hex(12)}", sampled, *segment_ids, None)

    @property
    def header(self) -> str:
        """The value that the function finds in ``_X_AMZN_TRACE_ID``."""
        parts = {
            "Root": self.trace_id,
            "Parent": self.function_segment_id,
            "Sampled": int(self.sampled),
            "Lineage": f"1:{self.trace_id[-8:]}:0",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items())


@dataclass
class Timeline:
    """The moments of one invocation, in seconds of the monotonic clock; ``None`` for what did not happen.

    ``service`` brackets the whole request inside Lambda; ``init`` the runtime's start to its first call for work. The
    invocation counts from ``invoke_start_s`` on; ``handed_s`` is when the event went to the runtime, ``answered_s`` its
    answer, ``ready_s`` its next call for work.
    """

    service_start_s: float
    init_start_s: float | None = None
    init_end_s: float | None = None
    invoke_start_s: float = 0.0
    handed_s: float | None = None
    answered_s: float | None = None
    ready_s: float | None = None
    service_end_s: float | None = None


@dataclass
class TraceStore:
    """Segment documents by trace id, as BatchGetTraces returns them: JSON text, times in epoch seconds."""

    function: Function
    _documents: OrderedDict[str, list[dict[str, Any]]] = field(default_factory=OrderedDict)
    # One offset for all documents: differences within a trace are then differences of the monotonic clock.
    _epoch_offset_s: float = field(default_factory=lambda: time.time() - time.monotonic())

    def segments(self, trace_id: str) -> list[dict[str, Any]]:
        return self._documents.get(trace_id, [])

    def record(self, context: TraceContext, request_id: str, timeline: Timeline, *, error: bool) -> None:
        """Keep the two segments of a finished invocation, if it was sampled."""
        if not context.sampled:
            return
        self._documents[context.trace_id] = [
            {"Id": document["id"], "Document": json.dumps(document)}
            for document in (
                self._service(context, request_id, timeline, error),
                self._sandbox(context, timeline, error),
            )
        ]
        while len(self._documents) > _MAX_TRACES:
            self._documents.popitem(last=False)

    def _service(self, context: TraceContext, request_id: str, timeline: Timeline, error: bool) -> dict[str, Any]:
        start_s = timeline.service_start_s
        # It ends with the answer: what the runtime does afterwards is the sandbox's overhead; no caller waits for it.
        end_s = timeline.answered_s or timeline.service_end_s or time.monotonic()
        return {
            "id": context.service_segment_id,
            "trace_id": context.trace_id,
            "name": self.function.name,
            "origin": "AWS::Lambda",
            # The service's own segment has millisecond resolution. To the nearest: rounding outward, so that its parts
            # stay inside, would add a millisecond to the mean total.
            "start_time": round(start_s + self._epoch_offset_s, 3),
            "end_time": round(end_s + self._epoch_offset_s, 3),
            # Lambda's own status: 200 also when the function answers a 4xx, because the invocation succeeded.
            "http": {"response": {"status": 200}},
            "aws": {"request_id": request_id},
            "resource_arn": self.function.arn,
            **({"fault": True} if error else {}),
            **({"parent_id": context.parent_id} if context.parent_id else {}),
        }

    def _sandbox(self, context: TraceContext, timeline: Timeline, error: bool) -> dict[str, Any]:
        handed_s = timeline.handed_s or timeline.invoke_start_s
        ready_s = timeline.ready_s or timeline.service_end_s or handed_s
        answered_s = timeline.answered_s or ready_s
        parts = [("Invocation", handed_s, answered_s), ("Overhead", answered_s, ready_s)]
        if timeline.init_start_s is not None and timeline.init_end_s is not None:
            parts.insert(0, ("Initialization", timeline.init_start_s, timeline.init_end_s))
        return {
            "id": context.function_segment_id,
            "trace_id": context.trace_id,
            "parent_id": context.service_segment_id,
            "name": self.function.name,
            "origin": "AWS::Lambda::Function",
            "start_time": self._epoch(handed_s),
            "end_time": self._epoch(ready_s),
            "aws": {
                "account_id": ACCOUNT_ID,
                "function_arn": self.function.arn,
                "resource_names": [self.function.name],
            },
            **({"fault": True} if error else {}),
            "subsegments": [
                {
                    "id": secrets.token_hex(8),
                    "name": name,
                    "start_time": self._epoch(start_s),
                    "end_time": self._epoch(end_s),
                    "aws": {"function_arn": self.function.arn},
                }
                for name, start_s, end_s in parts
            ],
        }

    def _epoch(self, monotonic_s: float) -> float:
        return round(monotonic_s + self._epoch_offset_s, 6)
