"""What AWS refuses, and stacks that may not be touched: one line each, with a fix and exit code 4."""

from __future__ import annotations

import json
import os

import pytest

from program import started
from stack_commands import ACCOUNT, IMAGE, NOBODY, Aws, query_error, stack_in

COMMANDS = [("deploy", "--image", IMAGE, "--yes"), ("status",), ("destroy", "--yes")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("code", "words", "fix"),
    [
        ("AccessDenied", "AWS denied it", "allow cloudformation:DescribeStacks"),
        ("ExpiredToken", "credentials have expired", "log in again"),
        ("InvalidClientTokenId", "does not know these credentials", "aws configure"),
    ],
)
def test_what_aws_refuses_is_one_line_with_a_fix(
    aws: Aws, command: tuple[str, ...], code: str, words: str, fix: str
) -> None:
    aws.interfere("DescribeStacks", query_error(code, "no", 403))
    done = aws.run(*command)
    assert done.code == 4
    assert words in done.error()
    assert fix in done.err


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_without_credentials_or_region_it_is_one_line_too(aws: Aws, command: tuple[str, ...]) -> None:
    done = aws.run(*command, **NOBODY)
    assert (done.code, "no AWS credentials were found" in done.error()) == (4, True)
    done = aws.run(*command, AWS_REGION="", AWS_CONFIG_FILE=os.devnull)
    assert (done.code, "no AWS region is set" in done.error()) == (4, True)
    done = aws.run(*command, "--profile", "nobodys")
    assert (done.code, "nobodys" in done.error()) == (4, True)


@pytest.mark.parametrize("command", COMMANDS[1:], ids=lambda command: command[0])
def test_a_stack_that_is_not_there_is_said_to_be_missing(aws: Aws, command: tuple[str, ...]) -> None:
    done = aws.run(*command)
    assert (done.code, done.error()) == (4, "there is no stack resnet-bench in eu-west-1")


def test_a_stack_in_progress_can_be_looked_at_and_not_deployed(aws: Aws) -> None:
    aws.interfere("DescribeStacks", stack_in("UPDATE_IN_PROGRESS"))
    shown = aws.run("status")
    assert (shown.code, "UPDATE_IN_PROGRESS" in shown.out) == (0, True)
    done = aws.run(*COMMANDS[0])
    assert (done.code, done.error()) == (4, "the stack resnet-bench is being changed (UPDATE_IN_PROGRESS)")


def test_somebody_else_s_stack_is_neither_updated_nor_deleted(aws: Aws) -> None:
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    aws.client("cloudformation").create_stack(StackName="resnet-bench", TemplateBody=body)
    for command, words in ((COMMANDS[0], "did not make"), (COMMANDS[2], "not one that this program made")):
        done = aws.run(*command)
        assert (done.code, words in done.error()) == (4, True)
    assert aws.made()["stacks"] == ["resnet-bench"]


def test_a_rolled_back_stack_is_shown_with_the_next_step(aws: Aws) -> None:
    aws.interfere("DescribeStacks", stack_in("ROLLBACK_COMPLETE"))
    shown = aws.run("status")
    assert shown.code == 0
    assert "was never made to the end (ROLLBACK_COMPLETE)" in " ".join(shown.out.split())
    assert "next: resnet-bench deploy" in shown.out


def test_a_denied_creation_leaves_nothing(aws: Aws) -> None:
    message = f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: iam:CreateRole on resource: x"
    aws.interfere("CreateStack", query_error("AccessDenied", message, 403))
    done = aws.run(*COMMANDS[0])
    assert done.code == 4
    assert done.error() == "iam:CreateRole failed: AWS denied it (AccessDenied)"
    assert not any(aws.made().values())


def test_ctrl_c_says_what_goes_on_in_aws_and_how_to_look(aws: Aws) -> None:
    def in_progress():
        begun = any(line.endswith("CreateStack") for line in aws.world.calls)
        return stack_in("CREATE_IN_PROGRESS") if begun else None

    aws.interfere("DescribeStacks", in_progress)
    with started(*COMMANDS[0], folder=aws.folder, env=aws.environment) as running:
        running.wait_for("resnet-bench: create complete")  # which DescribeStacks denies
        done = running.end()
    assert done.code == 130
    assert "AWS goes on with the stack resnet-bench: resnet-bench status --stack resnet-bench" in done.err
    assert "remove it when it is at rest: resnet-bench destroy --stack resnet-bench" in done.err
    assert "Traceback" not in done.err
