"""Deleting a stack."""

from __future__ import annotations

from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.stack.describe import Stack, describe
from resnet_bench.aws.stack.events import Follower, Watching
from resnet_bench.aws.stack.find import being_changed
from resnet_bench.errors import AwsError


def deletable(cloudformation: Any, name: str, region: str) -> Stack:
    """The stack, if this program made it.

    Raises:
        AwsError: there is none, or it is somebody else's, or AWS could not be asked.
    """
    stack = describe(cloudformation, name)
    if stack is None:
        raise AwsError(
            f"there is no stack {name} in {region}",
            "nothing is to be deleted there; if it is elsewhere, give the --region and --profile it was made with",
            code="NoStack",
        )
    if not stack.ours:
        raise AwsError(
            f"the stack {name} is not one that this program made ({stack.status}): it stays as it is",
            "give another --stack, or delete it in the CloudFormation console",
            code="ForeignStack",
        )
    if stack.in_progress and not stack.status.startswith(("CREATE_", "DELETE_", "REVIEW_")):
        raise being_changed(stack, name)  # AWS would refuse
    return stack


def delete(cloudformation: Any, name: str, stack: Stack, watching: Watching) -> None:
    """Delete it and wait until it is gone.

    Raises:
        AwsError: the call failed, or a resource could not be deleted.
        KeyboardInterrupt: with a note of what goes on in AWS.
    """
    follower = Follower(cloudformation, watching, stack.id)
    try:
        with aws_errors("cloudformation:DeleteStack"):
            cloudformation.delete_stack(StackName=stack.id)
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
