"""What a deployment would change, found out without changing anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.stack import template
from resnet_bench.aws.stack.describe import Stack

Action = Literal["create", "update", "keep"]


class Part(NamedTuple):
    """``resources`` of the template that people take for one thing, and the ``parameters`` that they follow.

    ``what`` describes it, with parameters in braces.
    """

    title: str
    what: str
    resources: tuple[str, ...]
    parameters: tuple[str, ...] = ()


# In the order in which they are made. A test holds this against the template.
PARTS = (
    Part("ECR repository", "scans what is pushed, keeps ten images", ("Repository",)),
    Part("log group", "kept for 14 days", ("LogGroup",)),
    Part("IAM role", "may write that log and X-Ray traces, no more", ("Role",)),
    Part("metric filters", "initialisation and memory, out of the log", ("InitDurationMetric", "MaxMemoryUsedMetric")),
    Part(
        "Lambda function",
        "{MemorySize} MB, {Architecture}, traced by X-Ray",
        ("Function",),
        ("Architecture", "ImageUri", "MemorySize"),
    ),
    Part(
        "HTTP API",
        "POST /classify, {Authorization}, {ThrottleRate} requests a second",
        ("Api", "Integration", "Route", "Stage", "Permission"),
        ("Authorization", "ThrottleBurst", "ThrottleRate"),
    ),
    Part("dashboard", "of {Engine}: durations, calls, stages, memory", ("Dashboard",), ("Engine",)),
)


@dataclass(frozen=True)
class Known:
    """What there is of a stack: logical ids, parameters, and whether it was made of this very template."""

    resources: frozenset[str] = frozenset()
    parameters: Mapping[str, str] | None = None
    same_template: bool = True


@dataclass(frozen=True)
class Change:
    """``detail`` says what a part is, or why it is updated."""

    title: str
    action: Action
    detail: str = ""


def ask(cloudformation: Any, stack: Stack | None) -> Known:
    """What there is of ``stack``, which ``describe`` found. One that was never made counts as nothing.

    Raises:
        AwsError: AWS could not be asked.
    """
    if stack is None or stack.stillborn:
        return Known()
    with aws_errors("cloudformation:ListStackResources"):
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack.id)
        found = {each["LogicalResourceId"] for page in pages for each in page["StackResourceSummaries"]}
    with aws_errors("cloudformation:GetTemplate"):
        body = cloudformation.get_template(StackName=stack.id, TemplateStage="Original")["TemplateBody"]
    return Known(frozenset(found), stack.parameters, same_template=body == template.body())


def changes(known: Known, parameters: Mapping[str, str], *, new_image: bool) -> tuple[Change, ...]:
    """What happens to each part. ``new_image``: one is built now, whose digest nobody knows yet."""
    return tuple(_change(part, known, parameters, new_image) for part in PARTS)


def _change(part: Part, known: Known, parameters: Mapping[str, str], new_image: bool) -> Change:
    what = part.what.format(**parameters)
    if not known.resources.intersection(part.resources):
        return Change(part.title, "create", what)
    reasons = list(_differences(part, known.parameters or {}, parameters, new_image))
    if not known.same_template:
        reasons.append("the template of this version differs")
    return Change(part.title, "update" if reasons else "keep", ", ".join(reasons) or what)


def _differences(part: Part, before: Mapping[str, str], after: Mapping[str, str], new_image: bool) -> Iterable[str]:
    for name in part.parameters:
        if name == "ImageUri":
            if new_image or before.get(name) != after[name]:
                yield "another image"
        elif before.get(name) != after[name]:
            yield f"{name} {before.get(name, 'not set')} to {after[name]}"
