"""The stack's commands where the network breaks in the middle: calls are lost, or the answers to what AWS has done."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

import pytest

from stack_commands import Aws, query_error

_TRIES = 4


def test_answers_that_are_lost_once_are_asked_for_again(aws: Aws) -> None:
    seen: Counter[str] = Counter()

    def loses(line: str) -> Literal["call", "answer"] | None:
        seen[line] += 1
        if seen[line] > 1:
            return None
        # moto does not know a second creation for the same as the first, as AWS does by its token.
        return "call" if line.endswith("CreateStack") else "answer"

    aws.world.loses = loses
    done = aws.deploy()
    assert done.code == 0, done.err
    assert "deployed: resnet-bench" in done.out
    assert min(seen.values()) > 1, seen
    assert aws.made()["stacks"] == ["resnet-bench"]


@pytest.mark.parametrize(
    ("pattern", "action", "note"),
    [
        ("CreateStack", "cloudformation:CreateStack", "AWS may have begun with the stack resnet-bench: "),
        ("configuration", "lambda:GetFunctionConfiguration", "the stack is there all the same: "),
    ],
)
def test_a_deployment_that_can_be_watched_no_longer_tells_how_to_look(
    pattern: str, action: str, note: str, aws: Aws
) -> None:
    """From the creation on nothing comes through any more; of the function's configuration that alone."""
    lost: list[str] = []

    def loses(line: str) -> Literal["call", "answer"] | None:
        if not (lost and pattern == "CreateStack") and not re.search(pattern, line):
            return None
        lost.append(line)
        return "call" if len(lost) > 1 else "answer"

    aws.world.loses = loses
    done = aws.deploy()
    assert done.code == 4
    assert f"{action} failed: the connection failed or timed out" in done.error()
    assert f"{note}resnet-bench status --stack resnet-bench" in done.err
    assert len(lost) >= _TRIES
    aws.world.loses = lambda _: None
    assert aws.made()["stacks"] == ["resnet-bench"]
    again = aws.deploy()
    assert again.code == 0, again.err


def test_a_call_that_was_refused_has_begun_nothing(aws: Aws) -> None:
    aws.interfere("CreateStack", query_error("ServiceUnavailable", "busy", 503))
    done = aws.deploy()
    assert done.code == 4
    assert "AWS had an internal error" in done.error()
    assert "may have begun" not in done.err
