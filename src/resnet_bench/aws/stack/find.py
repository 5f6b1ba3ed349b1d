"""A deployed Lambda by its stack's name: all that its callers need to know, from the stack's outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.stack.describe import Stack, describe
from resnet_bench.aws.stack.names import checked_name
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Decode

Authorization = Literal["AWS_IAM", "NONE"]

# Field of ``Deployed`` to output of the template.
OUTPUTS = {
    "url": "Url",
    "function": "FunctionName",
    "log_group": "LogGroupName",
    "repository_uri": "RepositoryUri",
    "dashboard": "DashboardName",
    "authorization": "Authorization",
    "engine": "Engine",
    "architecture": "Architecture",
    "image_uri": "ImageUri",
    "decode": "Decode",
}
# Outputs that stacks of earlier versions do not have, and what holds for those.
_LATER = {"Decode": "exact"}


@dataclass(frozen=True)
class Deployed:
    """``url`` is the HTTP API's, without ``/classify``; ``image_uri`` ends in the image's digest.

    ``authorization`` is ``AWS_IAM`` (requests must be signed) or ``NONE`` (anyone may call). ``architecture`` is
    ``x86_64`` or ``arm64``. ``engine`` is a variant's name; ``decode`` is how images are decoded.
    """

    name: str
    region: str
    url: str
    function: str
    log_group: str
    repository_uri: str
    dashboard: str
    authorization: Authorization
    engine: str
    architecture: str
    image_uri: str
    decode: Decode


def find(account: Account, name: str) -> Deployed:
    """The Lambda that ``deploy`` has made under this name.

    Raises:
        UsageError: no stack can have this name.
        AwsError: there is no such stack in this region, it is being changed, its creation or deletion failed, it is
            without a function yet, or it is not one of this program's; or AWS could not be asked.
    """
    wanted = checked_name(name)
    stack = describe(account.client("cloudformation"), wanted)
    if stack is None:
        raise missing(name, account.region)
    return deployed(stack, name, account.region)


def missing(name: str, region: str) -> AwsError:
    """There is no such stack."""
    return AwsError(
        f"there is no stack {name} in {region}",
        f"make it with: resnet-bench deploy --stack {name}; or give the --region and --profile it was made with",
        code="NoStack",
    )


def being_changed(stack: Stack, name: str) -> AwsError:
    """It is there, and something is going on."""
    return AwsError(
        f"the stack {name} is being changed ({stack.status})",
        f"wait until resnet-bench status --stack {name} says that it is complete, then repeat the command",
        code="StackInProgress",
        transient=True,
    )


def deployed(stack: Stack, name: str, region: str) -> Deployed:
    """What a stack's outputs say.

    Raises:
        AwsError: as ``find``.
    """
    if not stack.usable:
        raise _unusable(stack, name)
    outputs = _LATER | stack.outputs
    absent = [output for output in OUTPUTS.values() if not outputs.get(output)]
    if "RepositoryUri" in absent:
        raise AwsError(
            f"the stack {name} is not one of this program's: it has no output {absent[0]}",
            "give another --stack; resnet-bench status tells whether one of the usual name exists",
            code="ForeignStack",
        )
    if absent:
        raise AwsError(
            f"the stack {name} has no function yet: its deployment did not get that far",
            f"finish it with: resnet-bench deploy --stack {name}; or remove it: resnet-bench destroy --stack {name}",
            code="NoFunction",
        )
    values = {field: outputs[output] for field, output in OUTPUTS.items()}
    authorization = cast("Authorization", values.pop("authorization"))
    decode = cast("Decode", values.pop("decode"))
    return Deployed(name=name, region=region, authorization=authorization, decode=decode, **values)


def _unusable(stack: Stack, name: str) -> AwsError:
    if stack.in_progress:
        return being_changed(stack, name)
    if stack.stillborn:
        return AwsError(
            f"the stack {name} was never made to the end ({stack.status})",
            f"resnet-bench deploy --stack {name} starts afresh; resnet-bench destroy --stack {name} removes it",
            code="StackFailed",
        )
    return AwsError(
        f"the stack {name} is in a state that cannot be used ({stack.status})",
        f"remove it with: resnet-bench destroy --stack {name}; then deploy again",
        code="StackFailed",
    )
