"""Waiting in sight of the user for what AWS delivers late."""

from __future__ import annotations

from resnet_bench.aws.access.waiting import Waiting
from resnet_bench.cli.progress import Display
from resnet_bench.errors import AwsError


def patiently(display: Display) -> Waiting:
    """Several waits, each shown; what makes further asking pointless is said at once, with what to do about it."""

    def tell(error: AwsError) -> None:
        display.note(error.message)
        if error.hint:
            display.note(f"  try: {error.hint}")

    return Waiting(sleep=display.wait, progress=display, on_error=tell)
