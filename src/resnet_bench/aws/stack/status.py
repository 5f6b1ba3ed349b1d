"""What is deployed under a name, and how it has been doing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.function.baseline import MARK
from resnet_bench.aws.function.configuration import read_configuration
from resnet_bench.aws.logs.recent import Recent, recent_calls
from resnet_bench.aws.stack.describe import describe
from resnet_bench.aws.stack.find import Deployed, deployed, missing
from resnet_bench.aws.stack.names import checked_name
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Decode, Skipped

_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class FunctionStatus:
    """The function as Lambda has it. ``changed_by_a_run``: a run that was killed has not put it back.

    ``image_digest`` is the function's, empty if Lambda does not tell it as one; ``stack_image_digest`` is what the
    stack was deployed with, which is another if somebody gave the function its image past the stack.
    """

    url: str
    authorization: str
    engine: str
    decode: Decode
    architecture: str
    memory_mb: int
    timeout_s: float
    image_digest: str
    stack_image_digest: str
    image_bytes: int | Skipped
    last_modified: str
    state: str
    changed_by_a_run: bool
    recent: Recent | Skipped

    @property
    def image_differs(self) -> bool:
        """Whether the function is known to run another image than the stack's."""
        return self.image_digest not in {"", self.stack_image_digest}


@dataclass(frozen=True)
class Status:
    """Without account ids and ARNs. ``function`` is ``None``, for ``why`` says which reason, if it cannot be called."""

    stack: str
    region: str
    stack_status: str
    changed_at: str
    function: FunctionStatus | None
    why: str = ""
    next_step: str = ""


def status(account: Account, name: str) -> Status:
    """
    Raises:
        UsageError: no stack can have this name.
        AwsError: there is no such stack, or AWS could not be asked for it or the function.
    """
    region = account.region
    stack = describe(account.client("cloudformation"), checked_name(name))
    if stack is None:
        raise missing(name, region)
    try:
        found = deployed(stack, name, region)
    except AwsError as error:
        return Status(name, region, stack.status, stack.changed_at, None, error.message, error.hint)
    return Status(name, region, stack.status, stack.changed_at, _function(account, found))


def _function(account: Account, found: Deployed) -> FunctionStatus:
    now = read_configuration(account.client("lambda"), found.function)
    repository, _, stack_digest = found.image_uri.partition("@")
    digest = f"sha256:{now.image_sha256}" if _SHA256.fullmatch(now.image_sha256) else ""
    return FunctionStatus(
        url=found.url,
        authorization=found.authorization,
        engine=found.engine,
        decode=found.decode,
        architecture=now.architecture,
        memory_mb=now.memory_mb,
        timeout_s=now.timeout_s,
        image_digest=digest,
        stack_image_digest=stack_digest,
        image_bytes=_image_bytes(account, f"{repository}@{digest or stack_digest}"),
        last_modified=now.last_modified,
        state=now.state if now.settled else f"{now.state}, being changed",
        changed_by_a_run=MARK in now.variables,
        recent=_recent(account, found.log_group),
    )


def _image_bytes(account: Account, uri: str) -> int | Skipped:
    """As ECR stores it, compressed; it may not tell, which is no reason to show nothing else."""
    repository, _, digest = uri.partition("/")[2].partition("@")
    try:
        with aws_errors("ecr:DescribeImages"):
            details = account.client("ecr").describe_images(
                repositoryName=repository, imageIds=[{"imageDigest": digest}]
            )
        return int(details["imageDetails"][0]["imageSizeInBytes"])
    except AwsError as error:
        return Skipped(error.message)


def _recent(account: Account, log_group: str) -> Recent | Skipped:
    try:
        return recent_calls(account.client("logs"), log_group)
    except AwsError as error:
        return Skipped(error.message)
