"""From nothing, or from an earlier deployment, to a Lambda that can be called: repository, image, all the rest."""

from __future__ import annotations

from collections.abc import Callable

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.stack.apply import apply
from resnet_bench.aws.stack.delete import delete
from resnet_bench.aws.stack.describe import Stack, describe
from resnet_bench.aws.stack.events import Watching
from resnet_bench.aws.stack.find import Deployed, find
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.errors import AwsError, ResnetBenchError

# Takes the repository's URI, returns the image's with its digest.
Push = Callable[[str], str]

# CloudFormation's code where somebody else has made the stack in the meantime: it is not this deployment's to delete.
_MADE_BY_ANOTHER = "AlreadyExistsException"


def deploy(
    account: Account, name: str, stack: Stack | None, wanted: Wanted, *, image: str | Push, watching: Watching
) -> Deployed:
    """Make or update the stack ``name`` so that it runs ``image``: one in ECR by its URI, or one to push.

    ``stack`` is what ``describe`` found and ``changeable`` let pass.

    Raises:
        ResnetBenchError: something failed. A stack that this call made is gone again then, also after any other error,
            one that was there before is as it was; a note says which.
        KeyboardInterrupt: with notes of what is left in AWS.
    """
    cloudformation = account.client("cloudformation")
    anew = stack is None or stack.stillborn
    two_passes = callable(image) and anew
    if two_passes:
        apply(cloudformation, name, stack, wanted.parameters(), watching)
    try:
        if two_passes:
            stack = describe(cloudformation, name)
        uri = image if isinstance(image, str) else image(_repository(stack, name))
        apply(cloudformation, name, stack, wanted.parameters(uri), watching)
        return find(account, name)
    except Exception as error:
        if anew and getattr(error, "code", "") != _MADE_BY_ANOTHER:
            _undo(account, name, error, watching)
        raise
    except KeyboardInterrupt as interrupt:
        if anew and not getattr(interrupt, "__notes__", []):
            interrupt.add_note(f"the stack {name} exists, without a function: repeat the command to finish it,")
            interrupt.add_note(f"or remove it: resnet-bench destroy --stack {name}")
        raise


def _repository(stack: Stack | None, name: str) -> str:
    uri = "" if stack is None else stack.outputs.get("RepositoryUri", "")
    if not uri:
        raise AwsError(f"the stack {name} has lost its repository", "repeat the command", code="NoRepository")
    return uri


def _undo(account: Account, name: str, error: Exception, watching: Watching) -> None:
    """Delete what this deployment has made, and say so on ``error``."""
    cloudformation = account.client("cloudformation")
    try:
        left = describe(cloudformation, name)
        if left is None:
            return
        delete(cloudformation, name, left, watching)
    except ResnetBenchError as another:
        error.add_note(f"what had been made of the stack is still there: {another.message}")
        error.add_note(f"remove it: resnet-bench destroy --stack {name}")
    else:
        error.__notes__ = []  # they told of a state that has passed
        error.add_note(f"the stack {name}, made by this deployment, has been deleted again: nothing is left of it")
