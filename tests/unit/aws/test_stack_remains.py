"""Looking for leftovers: what services say of the past is not believed at once, and not doubted for ever."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from clocks import FalseClock
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.stack.remains import Names, verify

NAMES = Names("resnet-bench", "us-east-1", role="resnet-bench-Role-1", api="a1b2c3")
GROUP = {"logGroupName": "/aws/lambda/resnet-bench"}
GONE = {
    "cloudformation": ("describe_stacks", "ValidationError", "Stack with id resnet-bench does not exist"),
    "ecr": ("describe_repositories", "RepositoryNotFoundException", ""),
    "iam": ("get_role", "NoSuchEntity", ""),
    "lambda": ("get_function_configuration", "ResourceNotFoundException", ""),
    "apigatewayv2": ("get_api", "NotFoundException", ""),
    "cloudwatch": ("get_dashboard", "ResourceNotFound", ""),
}
ROLE = {
    "Role": {
        "Path": "/",
        "RoleName": NAMES.role,
        "RoleId": "AROA1234567890123456",
        "Arn": "arn:aws:iam::123456789012:role/r",
        "CreateDate": 0,
    }
}


class Account:
    """Each service answers as scripted; at the end all answers must have been asked for."""

    region = "us-east-1"

    def __init__(self):
        self._clients = {service: client(service, endpoint_url="http://127.0.0.1:9") for service in (*GONE, "logs")}
        self.stubs = {service: Stubber(made) for service, made in self._clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def client(self, service):
        return self._clients[service]

    def gone(self, *services):
        for service in services:
            operation, code, message = GONE[service]
            self.stubs[service].add_client_error(operation, code, message)

    def groups(self, *groups):
        self.stubs["logs"].add_response("describe_log_groups", {"logGroups": list(groups)})

    def checked(self, clock):
        found = {check.what: check for check in verify(self, NAMES, sleep=clock.sleep)}
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()
        return found


@pytest.fixture
def account():
    made = Account()
    yield made
    for each in made._clients.values():
        each.close()


def test_where_all_is_gone_each_service_is_asked_once_and_nobody_waits(account):
    account.gone(*GONE)
    account.groups()
    clock = FalseClock()
    assert {check.state for check in account.checked(clock).values()} == {"gone"}
    assert clock.slept == []


def test_a_service_that_answers_of_the_past_is_asked_again(account):
    for _ in range(3):
        account.stubs["iam"].add_response("get_role", ROLE)
    account.gone(*GONE)
    account.groups()
    clock = FalseClock()
    assert account.checked(clock)["IAM role"].state == "gone"
    assert clock.slept == [3.0, 3.0, 3.0]


def test_what_is_still_there_after_15_s_is_believed_to_stay(account):
    for _ in range(6):
        account.stubs["iam"].add_response("get_role", ROLE)
    account.gone(*(service for service in GONE if service != "iam"))
    account.groups()
    clock = FalseClock()
    found = account.checked(clock)
    assert [what for what, check in found.items() if check.state != "gone"] == ["IAM role"]
    assert found["IAM role"].state == "there"
    assert clock.now_s == 15


def test_what_may_not_be_looked_for_is_not_waited_for(account):
    account.stubs["iam"].add_client_error("get_role", "AccessDenied")
    account.gone(*(service for service in GONE if service != "iam"))
    account.groups()
    clock = FalseClock()
    assert account.checked(clock)["IAM role"].state == "unknown"
    assert clock.slept == []


def test_a_log_group_of_the_past_is_gone_and_had_not_come_back(account):
    account.gone(*GONE)
    account.groups(GROUP)
    account.stubs["logs"].add_client_error("delete_log_group", "ResourceNotFoundException")
    found = account.checked(FalseClock())["log group"]
    assert (found.state, found.reason) == ("gone", "")
