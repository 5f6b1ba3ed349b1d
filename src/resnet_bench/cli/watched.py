"""CloudFormation's events as lines on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resnet_bench.aws.stack.events import Event, Watching
    from resnet_bench.cli.progress import Display


def watching(shown: Display) -> Watching:
    """One line for each event: resource, status, and the reason where there is one."""
    from resnet_bench.aws.stack.events import Watching

    def tell(event: Event) -> None:
        words = event.status.lower().replace("_", " ")
        # "User Initiated" and "Resource creation Initiated" stand beside what they repeat.
        reason = "" if event.reason.endswith("Initiated") else event.reason
        shown.note(f"  {event.resource}: {words}{f' ({reason})' if reason else ''}")
        shown.step("waiting for CloudFormation")

    return Watching(on_event=tell, sleep=shown.wait)
