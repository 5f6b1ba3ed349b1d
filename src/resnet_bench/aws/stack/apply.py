"""Making a stack, or changing it in place, so that a failure leaves nothing half made."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.stack import template
from resnet_bench.aws.stack.delete import delete
from resnet_bench.aws.stack.describe import Stack
from resnet_bench.aws.stack.events import Follower, Watching
from resnet_bench.aws.stack.find import being_changed
from resnet_bench.errors import AwsError

Outcome = Literal["created", "updated", "unchanged"]

_UNCHANGED = "No updates are to be performed"
# The template makes a role, whose name CloudFormation makes up.
_CAPABILITIES = ["CAPABILITY_IAM"]


def changeable(stack: Stack | None, name: str) -> None:
    """Make sure that ``deploy`` may work on this stack, if there is one.

    Raises:
        AwsError: it is somebody else's, something is going on, or only its owner can say how it is to go on.
    """
    if stack is None:
        return
    if not stack.ours:
        raise AwsError(
            f"there is a stack {name} that this program did not make ({stack.status}): it stays as it is",
            "give another name: --stack NAME",
            code="ForeignStack",
        )
    if stack.in_progress:
        raise being_changed(stack, name)
    if not stack.usable and not stack.stillborn:
        raise AwsError(
            f"the stack {name} cannot be updated ({stack.status})",
            f"remove it with: resnet-bench destroy --stack {name}; then deploy again",
            code="StackFailed",
        )


def apply(
    cloudformation: Any, name: str, stack: Stack | None, parameters: Mapping[str, str], watching: Watching
) -> Outcome:
    """Bring the stack to what the template and ``parameters`` say, and wait until it is there.

    ``stack`` is what ``describe`` found and ``changeable`` let pass. One whose creation had failed is deleted first.

    Raises:
        AwsError: with the first resource that failed and its reason. A stack that could not be made is gone then, one
            that could not be updated is back at what it was: CloudFormation sees to both, also without this program,
            and goes on, as a note says, if it can be watched no longer.
        KeyboardInterrupt: with notes of what goes on in AWS and how to look at it and remove it.
    """
    if stack is not None and stack.stillborn:
        delete(cloudformation, name, stack, watching)
        stack = None
    given: dict[str, Any] = {
        "StackName": name,
        "TemplateBody": template.body(),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": _CAPABILITIES,
        # botocore repeats a call whose answer was lost: with this AWS knows it for the same.
        "ClientRequestToken": uuid.uuid4().hex,
    }
    follower = Follower(cloudformation, watching, stack.id if stack else None)
    try:
        if stack is None:
            with _perhaps_begun(name), aws_errors("cloudformation:CreateStack"):
                follower.stack_id = cloudformation.create_stack(**given, OnFailure="DELETE")["StackId"]
        elif not _update(cloudformation, given):
            return "unchanged"
        found = _at_rest(follower, name)
    except KeyboardInterrupt as interrupt:
        _note(interrupt, name)
        raise
    if found is not None and found.status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return "updated" if stack else "created"
    cause = follower.cause()
    if found is not None and found.stillborn:
        # CloudFormation was told to delete what it could not make; this is for the case that it left that to us.
        delete(cloudformation, name, found, watching)
        found = None
    raise _failed(name, found, cause)


def _at_rest(follower: Follower, name: str) -> Stack | None:
    try:
        return follower.until_at_rest()
    except AwsError as error:
        _note(error, name)
        raise


def _update(cloudformation: Any, given: Mapping[str, Any]) -> bool:
    """Whether there is anything to update."""
    try:
        with _perhaps_begun(given["StackName"]), aws_errors("cloudformation:UpdateStack"):
            cloudformation.update_stack(**given)
    except AwsError as error:
        if _UNCHANGED in error.message:
            return False
        raise
    return True


@contextmanager
def _perhaps_begun(name: str) -> Iterator[None]:
    """Where no answer came, the call may have come through all the same."""
    try:
        yield
    except AwsError as error:
        if error.transient and getattr(error.__cause__, "response", None) is None:
            error.add_note(f"AWS may have begun with the stack {name}: resnet-bench status --stack {name} tells")
        raise


def _failed(name: str, found: Stack | None, cause: str) -> AwsError:
    status, reason = (found.status, found.reason) if found else ("DELETE_COMPLETE", "")
    error = AwsError(
        f"the stack {name} failed: {cause or reason or status}", "mend the reason and repeat the command", code=status
    )
    error.add_note(_afterwards(name, status))
    return error


def _afterwards(name: str, status: str) -> str:
    """What is left of it."""
    if status == "DELETE_COMPLETE":
        return "all that was made of it has been deleted again"
    if status == "UPDATE_ROLLBACK_COMPLETE":
        return "it is back at what it was before"
    return f"it is left in {status}, remove it with: resnet-bench destroy --stack {name}"


def _note(ended: BaseException, name: str) -> None:
    """What ends the watching does not end the work."""
    ended.add_note(f"AWS goes on with the stack {name}: resnet-bench status --stack {name} tells how far it is")
    ended.add_note(f"remove it when it is at rest: resnet-bench destroy --stack {name}")
