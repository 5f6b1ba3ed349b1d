"""Looking whether a deleted stack has left anything: every kind of resource is asked for by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.aws.stack.describe import describe
from resnet_bench.aws.stack.names import dashboard, log_group
from resnet_bench.errors import AwsError

# What seems to be there is looked for so often again, so many seconds apart: IAM and others can be seconds behind.
_MORE_LOOKS, _BETWEEN_LOOKS_S = 5, 3.0
# How each service says that there is no such thing.
_GONE = {
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
    "ResourceNotFound",
    "DashboardNotFoundError",
    "NoSuchEntity",
    "NotFoundException",
}


@dataclass(frozen=True)
class Names:
    """What has to be asked for by name. CloudFormation makes up those of the role and the API: empty if unknown."""

    stack: str
    region: str
    role: str = ""
    api: str = ""


@dataclass(frozen=True)
class Check:
    """``state``: gone, still there, or unknown because AWS would not tell (``reason``)."""

    what: str
    name: str
    state: Literal["gone", "there", "unknown"]
    reason: str = ""


def names_of(account: Account, name: str, stack_id: str) -> Names:
    """The names of a stack's resources, while it still exists.

    Raises:
        AwsError: AWS could not be asked.
    """
    with aws_errors("cloudformation:ListStackResources"):
        pages = account.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack_id)
        found = {
            each["LogicalResourceId"]: each.get("PhysicalResourceId", "")
            for page in pages
            for each in page["StackResourceSummaries"]
        }
    return Names(name, account.region, role=found.get("Role", ""), api=found.get("Api", ""))


def verify(account: Account, names: Names, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Check]:
    """One check for each kind of resource, in turn.

    What seems to be there is asked for a few times more: some services answer of the past for seconds. A log group can
    come back: a line that was on its way when the stack went makes it anew. It is deleted again.
    """
    yield _patiently("stack", names.stack, _stack_is_there, account, sleep)
    yield _patiently("ECR repository", names.stack, _repository_is_there, account, sleep)
    yield _log_group(account, log_group(names.stack))
    if names.role:
        yield _patiently("IAM role", names.role, _role_is_there, account, sleep)
    yield _patiently("Lambda function", names.stack, _function_is_there, account, sleep)
    if names.api:
        yield _patiently("HTTP API", names.stack, lambda account, _: _api_is_there(account, names.api), account, sleep)
    yield _patiently("dashboard", dashboard(names.stack, names.region), _dashboard_is_there, account, sleep)


def _log_group(account: Account, name: str) -> Check:
    found = _check("log group", name, _log_group_is_there, account)
    if found.state != "there":
        return found
    try:
        with aws_errors("logs:DeleteLogGroup"):
            account.client("logs").delete_log_group(logGroupName=name)
    except AwsError as error:
        if error.code in _GONE:  # the answer before was of the past
            return replace(found, state="gone")
        return replace(found, reason=error.message)
    return replace(found, state="gone", reason="it had come back, and was deleted again")


def _patiently(
    what: str, name: str, is_there: Callable[[Account, str], bool], account: Account, sleep: Callable[[float], None]
) -> Check:
    found = _check(what, name, is_there, account)
    for _ in range(_MORE_LOOKS):
        if found.state != "there":
            break
        sleep(_BETWEEN_LOOKS_S)
        found = _check(what, name, is_there, account)
    return found


def _check(what: str, name: str, is_there: Callable[[Account, str], bool], account: Account) -> Check:
    try:
        return Check(what, name, "there" if is_there(account, name) else "gone")
    except AwsError as error:
        if error.code in _GONE:
            return Check(what, name, "gone")
        return Check(what, name, "unknown", error.message)


def _stack_is_there(account: Account, name: str) -> bool:
    return describe(account.client("cloudformation"), name) is not None


def _repository_is_there(account: Account, name: str) -> bool:
    with aws_errors("ecr:DescribeRepositories"):
        return bool(account.client("ecr").describe_repositories(repositoryNames=[name])["repositories"])


def _log_group_is_there(account: Account, name: str) -> bool:
    with aws_errors("logs:DescribeLogGroups"):
        found = account.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return any(group["logGroupName"] == name for group in found)


def _role_is_there(account: Account, name: str) -> bool:
    with aws_errors("iam:GetRole"):
        return bool(account.client("iam").get_role(RoleName=name))


def _function_is_there(account: Account, name: str) -> bool:
    with aws_errors("lambda:GetFunctionConfiguration"):
        return bool(account.client("lambda").get_function_configuration(FunctionName=name))


def _api_is_there(account: Account, api: str) -> bool:
    with aws_errors("apigateway:GET"):
        return bool(account.client("apigatewayv2").get_api(ApiId=api))


def _dashboard_is_there(account: Account, name: str) -> bool:
    with aws_errors("cloudwatch:GetDashboard"):
        return bool(account.client("cloudwatch").get_dashboard(DashboardName=name))
