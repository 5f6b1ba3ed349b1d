"""The stack's commands as processes, with moto's server in AWS's place and an account of one's own in it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from aws_world import ENVIRONMENT, KEY, REGION, SECRET, AwsWorld
from program import Done, run

ACCOUNT = "123456789012"  # moto's
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/resnet-bench@sha256:{'0' * 64}"
GROUP = "/aws/lambda/resnet-bench"
DENIED_PRICES = (400, {"content-type": "application/x-amz-json-1.1"}, b'{"__type":"AccessDeniedException"}')
NOBODY = {
    "AWS_ACCESS_KEY_ID": "",
    "AWS_SECRET_ACCESS_KEY": "",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Aws:
    """moto behind ``world``, and the command line of somebody who has an account there."""

    world: AwsWorld
    folder: Path

    def run(self, *arguments: str, **variables: str) -> Done:
        done = run(*arguments, cwd=self.folder, env=self.environment | variables)
        for private in (KEY, SECRET, ACCOUNT, "arn:aws"):
            assert private not in done.out + done.err
        return done

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "AWS_ENDPOINT_URL": self.world.url}

    def deploy(self, *arguments: str) -> Done:
        return self.run("deploy", "--image", IMAGE, "--yes", *arguments)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.world.moto_url,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
        )

    def interfere(self, pattern: str, answer: Answer | Callable[[], Answer | None] | None) -> None:
        """``answer`` (or what it returns, called) stands for AWS's own to each call whose line matches."""

        def trouble(line: str) -> Answer | None:
            if line.startswith("pricing "):
                return DENIED_PRICES
            if re.search(pattern, line):
                return answer() if callable(answer) else answer
            return None

        self.world.trouble = trouble

    def made(self) -> dict[str, list[str]]:
        """What exists, by the services' own lists."""
        stacks = self.client("cloudformation").describe_stacks()["Stacks"]
        return {
            "stacks": [each["StackName"] for each in stacks],
            "repositories": [
                each["repositoryName"] for each in self.client("ecr").describe_repositories()["repositories"]
            ],
            "groups": [each["logGroupName"] for each in self.client("logs").describe_log_groups()["logGroups"]],
            "roles": [each["RoleName"] for each in self.client("iam").list_roles()["Roles"]],
            "functions": [each["FunctionName"] for each in self.client("lambda").list_functions()["Functions"]],
            "dashboards": [
                each["DashboardName"] for each in self.client("cloudwatch").list_dashboards()["DashboardEntries"]
            ],
        }


def query_error(code: str, message: str, status: int = 400) -> Answer:
    """As CloudFormation and IAM answer."""
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    return status, {"content-type": "text/xml"}, text.encode()


def stack_in(status: str, description: str = "x, made and removed by resnet-bench.") -> Answer:
    """An answer of DescribeStacks."""
    text = (
        "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>"
        f"<StackName>resnet-bench</StackName><StackId>arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/resnet-bench/1"
        f"</StackId><Description>{description}</Description><StackStatus>{status}</StackStatus>"
        "<CreationTime>2026-11-24T10:00:00Z</CreationTime>"
        "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
    )
    return 200, {"content-type": "text/xml"}, text.encode()
