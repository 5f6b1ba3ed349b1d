"""What a stack may be called: its name is also that of the ECR repository, the function, the log group and the API."""

from __future__ import annotations

import re

from resnet_bench.errors import UsageError

# ECR wants lower case and single hyphens between other characters (at least 2 characters), CloudFormation a letter
# first, Lambda at most 64 characters, and IAM the same for "NAME-Role-<12 characters>", which CloudFormation makes up.
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SHORTEST, LONGEST = 2, 40


def checked_name(name: str) -> str:
    """``name``, if every service takes it.

    Raises:
        UsageError: one of them would not.
    """
    if not SHORTEST <= len(name) <= LONGEST or not _NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot be the name of a stack",
            f"use {SHORTEST} to {LONGEST} lower-case letters, digits and single hyphens, a letter first: resnet-bench",
        )
    return name


def log_group(name: str) -> str:
    """The log group of the stack's function."""
    return f"/aws/lambda/{name}"


def dashboard(name: str, region: str) -> str:
    """The stack's dashboard. Dashboards belong to the whole account, so two regions must not share a name."""
    return f"{name}-{region}"
