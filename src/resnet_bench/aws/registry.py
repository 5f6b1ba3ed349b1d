"""ECR's door: what a container tool logs in with."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors


@dataclass(frozen=True)
class Login:
    """For every registry of the account in one region, for twelve hours."""

    username: str
    password: str = field(repr=False)


def login(account: Account) -> Login:
    """
    Raises:
        AwsError: AWS could not be asked, or denied it.
    """
    with aws_errors("ecr:GetAuthorizationToken"):
        (data,) = account.client("ecr").get_authorization_token()["authorizationData"]
    username, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return Login(username, password)
