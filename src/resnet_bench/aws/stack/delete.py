"""Deleting a stack."""

from __future__ import annotations

from typing import Any

from resnet_bench.aws.failures import aws_errors
from resnet_bench.aws.stack.describe import Stack
from resnet_bench.aws.stack.events import Follower, Watching
from resnet_bench.errors import AwsError


def delete(cloudformation: Any, name: str, stack: Stack, watching: Watching) -> None:
    """Delete it and wait until it is gone.

    Raises:
        AwsError: the call failed, or a resource could not be deleted.
        KeyboardInterrupt: with a note of what goes on in AWS.
    """
    follower = Follower(cloudformation, watching, stack.id)
    with aws_errors("cloudformation:DeleteStack"):
        cloudformation.delete_stack(StackName=stack.id)
    try:
        left = follower.until_at_rest()
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(
            f"AWS goes on deleting the stack {name}: resnet-bench status --stack {name} tells how far it is"
        )
        raise
    if left is not None and left.status != "DELETE_COMPLETE":
        raise AwsError(
            f"the stack {name} could not be deleted ({left.status}): {follower.cause() or left.reason}",
            f"remove what stands in the way, then repeat: resnet-bench destroy --stack {name}",
            code=left.status,
        )
