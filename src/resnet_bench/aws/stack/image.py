"""An image in ECR that was built before, as ``deploy --image`` is given it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.privacy.account_data import strip_text
from resnet_bench.errors import UsageError

_URI = re.compile(
    r"(?P<repository_uri>\d{12}\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[a-z0-9._/-]+))"
    r"(:(?P<tag>[\w][\w.-]{0,127})|@(?P<digest>sha256:[0-9a-f]{64}))"
)


@dataclass(frozen=True)
class EcrImage:
    """One of ``tag`` and ``digest`` is empty."""

    repository_uri: str
    region: str
    repository: str
    tag: str
    digest: str


def parse(uri: str) -> EcrImage:
    """
    Raises:
        UsageError: it does not name an image in ECR by tag or digest.
    """
    match = _URI.fullmatch(uri)
    if match is None:
        raise UsageError(
            f"{strip_text(uri)!r} is not an image in ECR",
            "give --image ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY@sha256:DIGEST, or with :TAG",
        )
    parts = {name: value or "" for name, value in match.groupdict().items()}
    return EcrImage(**parts)


def by_digest(account: Account, image: EcrImage) -> str:
    """The image's URI with its digest. A tag is looked up: Lambda would not notice that it has moved on.

    Raises:
        UsageError: it is in another region than the account, where Lambda does not fetch it from.
        AwsError: no image has this tag, or AWS could not be asked.
    """
    if image.region != account.region:
        raise UsageError(
            f"the image is in {image.region}, the stack in {account.region}", "push it to the stack's region"
        )
    if image.digest:
        return f"{image.repository_uri}@{image.digest}"
    with aws_errors("ecr:DescribeImages"):
        answer = account.client("ecr").describe_images(
            repositoryName=image.repository, imageIds=[{"imageTag": image.tag}]
        )
    return f"{image.repository_uri}@{answer['imageDetails'][0]['imageDigest']}"
