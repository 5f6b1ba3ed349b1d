"""CloudFormation as a script: what it answers, call by call, through botocore's Stubber, which checks every shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.stub import ANY, Stubber

from resnet_bench.aws.access.clients import client
from resnet_bench.aws.stack.describe import MARK

NAME = "resnet-bench"
STACK_ID = f"arn:aws:cloudformation:us-east-1:123456789012:stack/{NAME}/1"
MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
REPOSITORY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/resnet-bench"
IMAGE = f"{REPOSITORY}@sha256:{'a' * 64}"
FIRST_OUTPUTS = {
    "RepositoryUri": REPOSITORY,
    "LogGroupName": f"/aws/lambda/{NAME}",
    "Engine": "onnx",
    "Decode": "exact",
    "Architecture": "x86_64",
    "Authorization": "AWS_IAM",
}
OUTPUTS = {
    **FIRST_OUTPUTS,
    "ImageUri": IMAGE,
    "FunctionName": NAME,
    "DashboardName": f"{NAME}-us-east-1",
    "Url": "https://a1b2c3.execute-api.us-east-1.amazonaws.com",
}


def stack_answer(status: str, **changes: Any) -> dict[str, Any]:
    """An answer of DescribeStacks."""
    outputs = changes.pop("outputs", OUTPUTS)
    parameters = changes.pop("parameters", {})
    return {
        "Stacks": [
            {
                "StackName": NAME,
                "StackId": STACK_ID,
                "Description": f"An image classifier, {MARK}",
                "StackStatus": status,
                "CreationTime": MOMENT,
                "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()],
                "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
                **changes,
            }
        ]
    }


def event(number: int, resource: str, status: str, reason: str = "", kind: str = "AWS::IAM::Role") -> dict[str, Any]:
    """One of DescribeStackEvents; a ``resource`` of the stack's name is the stack."""
    return {
        "StackId": STACK_ID,
        "EventId": f"{resource}-{number}",
        "StackName": NAME,
        "LogicalResourceId": resource,
        "ResourceType": "AWS::CloudFormation::Stack" if resource == NAME else kind,
        "Timestamp": MOMENT,
        "ResourceStatus": status,
        **({"ResourceStatusReason": reason} if reason else {}),
    }


class Script:
    """Each method adds one answer. Use it as a context manager; at the end all must have been asked for."""

    def __init__(self) -> None:
        self.client = client("cloudformation", endpoint_url="http://127.0.0.1:9")
        self._stubber = Stubber(self.client)
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Script:
        self._stubber.activate()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._stubber.assert_no_pending_responses()
        self._stubber.deactivate()
        self.client.close()

    def describe(self, status: str, **changes: Any) -> Script:
        self._stubber.add_response("describe_stacks", stack_answer(status, **changes))
        return self

    def answer(self, operation: str, response: dict[str, Any], expected: dict[str, Any]) -> Script:
        self._stubber.add_response(operation, response, expected)
        return self

    def missing(self) -> Script:
        self._stubber.add_client_error(
            "describe_stacks", "ValidationError", f"Stack with id {NAME} does not exist", http_status_code=400
        )
        return self

    def refuse(self, operation: str, code: str, message: str = "", status: int = 400) -> Script:
        self._stubber.add_client_error(operation, code, message, http_status_code=status)
        return self

    def events(self, *new: dict[str, Any]) -> Script:
        """All that have happened until now, ``new`` ones among them, the newest first, as AWS lists them."""
        self._events += new
        self._stubber.add_response(
            "describe_stack_events", {"StackEvents": self._events[::-1]}, {"StackName": STACK_ID}
        )
        return self

    def look(self, status: str, *new: dict[str, Any], **changes: Any) -> Script:
        """What one look of a follower asks."""
        return self.describe(status, **changes).events(*new)

    def create(self) -> Script:
        expected = {"StackName": NAME, "OnFailure": "DELETE", "Capabilities": ["CAPABILITY_IAM"]}
        self._stubber.add_response(
            "create_stack",
            {"StackId": STACK_ID},
            {**expected, "TemplateBody": ANY, "Parameters": ANY, "ClientRequestToken": ANY},
        )
        return self

    def update(self, parameters: Sequence[dict[str, str]] | None = None) -> Script:
        expected = {
            "StackName": NAME,
            "Capabilities": ["CAPABILITY_IAM"],
            "TemplateBody": ANY,
            "ClientRequestToken": ANY,
        }
        self._stubber.add_response("update_stack", {"StackId": STACK_ID}, {**expected, "Parameters": parameters or ANY})
        return self

    def delete(self) -> Script:
        self._stubber.add_response("delete_stack", {}, {"StackName": STACK_ID})
        return self


class ScriptedAccount:
    """An account of which only CloudFormation is asked."""

    region = "us-east-1"

    def __init__(self, script: Script) -> None:
        self._script = script

    def client(self, service: str) -> Any:
        assert service == "cloudformation"
        return self._script.client
