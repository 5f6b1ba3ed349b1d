"""All pages of an AWS answer, with an end even where each of them names another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.errors import AwsError

_LIMIT_S = 120.0

Page = dict[str, Any]


def pages(
    client: Any,
    operation: str,
    action: str,
    asked: Mapping[str, Any],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Page]:
    """``operation`` is boto3's name of it and ``action`` IAM's; ``asked`` its parameters.

    Raises:
        AwsError: a call failed, or there were still more pages after two minutes.
    """
    ends_s = clock() + _LIMIT_S
    with aws_errors(action):
        for page in client.get_paginator(operation).paginate(**asked):
            yield page
            if clock() > ends_s:
                raise without_end(action)


def without_end(action: str) -> AwsError:
    return AwsError(
        f"{action} failed: there were still more pages after {_LIMIT_S:g} s",
        "wait a minute and repeat the command",
        code="EndlessAnswer",
        transient=True,
    )


def entries(page: Page, name: str) -> Iterator[Page]:
    """The structures of the list ``name``. botocore hands on what it is sent: a list may be absent, or hold nulls."""
    return (each for each in page.get(name) or () if isinstance(each, dict))


def texts(page: Page, name: str) -> Iterator[str]:
    """The same of a list of texts."""
    return (each for each in page.get(name) or () if isinstance(each, str))
