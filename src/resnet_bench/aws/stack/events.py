"""Following a stack while CloudFormation changes it: each event once, until it is at rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.privacy.account_data import strip_text
from resnet_bench.aws.stack.describe import Stack, describe
from resnet_bench.errors import AwsError

_STACK = "AWS::CloudFormation::Stack"
# What CloudFormation says of resources that it gave up because of another one's failure.
_CANCELLED = "cancelled"


@dataclass(frozen=True)
class Event:
    """``resource`` is the template's name of it, or the stack's own; ``reason`` carries no account id."""

    id: str
    resource: str
    type: str
    status: str
    reason: str

    @property
    def of_the_stack(self) -> bool:
        return self.type == _STACK

    @property
    def failed(self) -> bool:
        return self.status.endswith("_FAILED")


OnEvent = Callable[[Event], None]


def ignore(_event: Event) -> None:
    """For who does not want to watch."""


@dataclass(frozen=True)
class Watching:
    """How to follow a stack. ``patience`` counts failed looks in a row that are taken for passing trouble."""

    on_event: OnEvent = ignore
    interval_s: float = 3.0
    patience: int = 5
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Follower:
    """One operation on a stack. Make it before the operation begins: what has happened until then is not told.

    ``stack_id`` is ``None`` for a stack that does not exist yet; ``begin`` sets it.
    """

    cloudformation: Any
    watching: Watching
    stack_id: str | None = None
    events: list[Event] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.stack_id is not None:
            self._seen.update(event.id for event in self._listed())

    def until_at_rest(self) -> Stack | None:
        """The stack when nothing is going on any more; ``None`` if it is gone without a trace.

        Raises:
            AwsError: AWS could not be asked, several times in a row.
        """
        assert self.stack_id is not None  # noqa: S101 - set by whoever began the operation
        failures = 0
        while True:
            try:
                # The state first: what happened before it was at rest is then among the events.
                stack = describe(self.cloudformation, self.stack_id)
                if stack is not None:
                    self._tell()
            except AwsError as error:
                failures += 1
                if not error.transient or failures > self.watching.patience:
                    raise
            else:
                failures = 0
                if stack is None or not stack.in_progress:
                    return stack
            self.watching.sleep(self.watching.interval_s)

    def cause(self) -> str:
        """The first resource that failed, and why; empty if none did."""
        return first_failure(self.events)

    def _tell(self) -> None:
        # AWS lists the newest first: behind one that is known there are only known ones.
        new = list(takewhile(lambda event: event.id not in self._seen, self._listed()))
        for event in reversed(new):
            self._seen.add(event.id)
            self.events.append(event)
            self.watching.on_event(event)

    def _listed(self) -> Iterator[Event]:
        with aws_errors("cloudformation:DescribeStackEvents"):
            pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.stack_id)
            for page in pages:
                for event in page["StackEvents"]:
                    yield Event(
                        id=event["EventId"],
                        resource=event.get("LogicalResourceId", ""),
                        type=event.get("ResourceType", ""),
                        status=event.get("ResourceStatus", ""),
                        reason=" ".join(strip_text(event.get("ResourceStatusReason") or "").split()),
                    )


def first_failure(events: Iterable[Event]) -> str:
    """``Resource (type): reason`` of the earliest event that is a failure of its own, else the stack's; or empty."""
    failures = [event for event in events if event.failed and _CANCELLED not in event.reason.lower()]
    own = [event for event in failures if not event.of_the_stack]
    for event in (*own, *failures):
        return f"{event.resource} ({event.type}): {event.reason or event.status}"
    return ""
