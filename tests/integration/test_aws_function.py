"""A function's settings changed and put back: against moto over HTTP, and with botocore's Stubber for what it lacks."""

from __future__ import annotations

import json
import signal

import pytest
from botocore.stub import ANY, Stubber

from resnet_bench.aws.baseline import MARK, NONCE
from resnet_bench.aws.clients import client
from resnet_bench.aws.function import FunctionSettings
from resnet_bench.errors import AwsError

NAME = "resnet-bench"
SECRET = "s3cr3t-v4lue"
VARIABLES = {"RESNET_BENCH_ENGINE": "onnx", "TOKEN": SECRET}


class Clock:
    """Time passes only by sleeping."""

    def __init__(self):
        self.now_s, self.slept = 0.0, []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now_s += seconds

    def settings(self, of):
        return FunctionSettings(of, NAME, clock=lambda: self.now_s, sleep=self.sleep)


@pytest.fixture
def account(moto_url):
    """A Lambda client of an account that has the function, with the variables that ``variables`` says."""
    iam, functions = (client(service, endpoint_url=moto_url) for service in ("iam", "lambda"))
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.close()

    def make(variables):
        environment = {} if variables is None else {"Environment": {"Variables": variables}}
        functions.create_function(
            FunctionName=NAME,
            Role=role,
            PackageType="Image",
            Code={"ImageUri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/resnet-bench@sha256:" + "a" * 64},
            MemorySize=1024,
            Timeout=29,
            TracingConfig={"Mode": "Active"},
            **environment,
        )
        return functions

    yield make
    functions.close()


@pytest.fixture
def function(account):
    return account(VARIABLES)


def configured(functions):
    """What has to be the same before and after; of times and counters it is not."""
    found = functions.get_function_configuration(FunctionName=NAME)
    return {name: value for name, value in found.items() if name not in {"ResponseMetadata", "LastModified"}}


def variables(functions):
    return configured(functions).get("Environment", {}).get("Variables", {})


def test_a_functions_configuration_is_read(function):
    read = Clock().settings(function).configuration
    assert (read.memory_mb, read.timeout_s, read.architecture, read.tracing) == (1024, 29.0, "x86_64", "Active")
    assert read.log_group == "/aws/lambda/resnet-bench"
    assert read.variables == VARIABLES
    assert SECRET not in repr(read)


def test_memory_and_cold_starts_are_changed_and_put_back(function):
    before = configured(function)
    settings = Clock().settings(function)
    settings.set_memory(2048)
    assert configured(function)["MemorySize"] == settings.memory_mb == 2048
    settings.force_cold()
    first = variables(function)[NONCE]
    settings.force_cold()
    assert variables(function)[NONCE] != first
    assert {**variables(function), **VARIABLES} == variables(function)
    settings.restore()
    assert configured(function) == before
    assert settings.memory_mb == 1024


@pytest.mark.parametrize("found", [None, {}, {NONCE: "somebody's own"}])
def test_an_environment_is_put_back_as_it_was_whatever_it_held(account, found):
    function = account(found)
    before = configured(function)
    settings = Clock().settings(function)
    settings.force_cold()
    assert variables(function)[NONCE] not in {"", "somebody's own"}
    settings.restore()
    assert configured(function) == before


def calls_of(function, monkeypatch, at=None):
    """The names of the calls that are made; the one with number ``at`` is made and then interrupted, or before."""
    made = []
    original = function._make_api_call

    def call(operation, arguments):
        made.append(operation)
        if at == (len(made), "before"):
            raise KeyboardInterrupt
        answer = original(operation, arguments)
        if at == (len(made), "after"):
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(function, "_make_api_call", call)
    return made


def test_what_was_not_changed_is_put_back_without_a_call(function, monkeypatch):
    settings = Clock().settings(function)
    made = calls_of(function, monkeypatch)
    settings.restore()
    assert made == []


def test_the_memory_that_it_has_already_is_not_set(function, monkeypatch):
    settings = Clock().settings(function)
    made = calls_of(function, monkeypatch)
    settings.set_memory(1024)
    settings.restore()
    assert made == ["GetFunctionConfiguration"]


def test_putting_back_twice_makes_no_further_call(function, monkeypatch):
    settings = Clock().settings(function)
    settings.set_memory(512)
    settings.restore()
    made = calls_of(function, monkeypatch)
    settings.restore()
    assert made == []


# As many as a run of set_memory, force_cold and restore makes.
CALLS = 10


def test_a_run_makes_as_many_calls_as_are_interrupted_below(function, monkeypatch):
    made = calls_of(function, monkeypatch)
    use(Clock().settings(function))
    assert len(made) == CALLS


def use(settings):
    """A run with everything that changes the function, and with the user's patience."""
    try:
        settings.set_memory(2048)
        settings.force_cold()
    finally:
        try:
            settings.restore()
        except KeyboardInterrupt:
            settings.restore()
            raise


def use_unguarded(settings):
    settings.set_memory(2048)
    settings.force_cold()
    settings.restore()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_wherever_ctrl_c_comes_the_function_is_put_back(function, monkeypatch, number, moment):
    before = configured(function)
    with monkeypatch.context() as patch:
        calls_of(function, patch, at=(number, moment))
        with pytest.raises(KeyboardInterrupt):
            use(Clock().settings(function))
    assert configured(function) == before


def test_ctrl_c_while_it_is_put_back_waits_until_that_is_done(function, monkeypatch):
    before = configured(function)
    settings = Clock().settings(function)
    settings.set_memory(2048)
    original = function._make_api_call

    def call(operation, arguments):
        signal.raise_signal(signal.SIGINT)
        return original(operation, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(function, "_make_api_call", call)
        with pytest.raises(KeyboardInterrupt):
            settings.restore()
    assert configured(function) == before


@pytest.mark.parametrize("number", range(2, CALLS + 1))
def test_what_a_killed_run_has_left_is_put_back_by_the_next(function, monkeypatch, number):
    before = configured(function)
    with monkeypatch.context() as patch:
        calls_of(function, patch, at=(number, "after"))
        with pytest.raises(KeyboardInterrupt):
            use_unguarded(Clock().settings(function))
    left = configured(function) != before
    settings = Clock().settings(function)
    assert bool(settings.leftover) == left
    settings.restore()
    assert settings.leftover is None
    assert configured(function) == before


def test_a_leftover_is_told_with_its_memory_and_survives_the_next_runs_own_changes(function):
    before = configured(function)
    Clock().settings(function).set_memory(2048)
    settings = Clock().settings(function)
    assert settings.leftover == (
        "a run before this one was killed, or still runs, and left resnet-bench changed (memory 2048 MB, found 1024 MB)"
    )
    settings.set_memory(512)
    settings.force_cold()
    settings.restore()
    assert configured(function) == before


def test_a_mark_that_somebody_has_edited_is_removed_and_the_memory_left_alone(account):
    function = account({**VARIABLES, MARK: "{"})
    settings = Clock().settings(function)
    assert settings.leftover
    settings.restore()
    assert variables(function) == VARIABLES
    assert configured(function)["MemorySize"] == 1024


def test_what_somebody_else_changes_meanwhile_stays(function):
    settings = Clock().settings(function)
    settings.set_memory(2048)
    theirs = {**variables(function), "TOKEN": "another", "NEW": "1"}
    function.update_function_configuration(
        FunctionName=NAME, MemorySize=3008, Environment={"Variables": theirs}, Timeout=15
    )
    settings.force_cold()
    settings.restore()
    after = configured(function)
    assert (after["MemorySize"], after["Timeout"]) == (3008, 15)
    assert variables(function) == {**VARIABLES, "TOKEN": "another", "NEW": "1"}


def test_a_function_that_does_not_exist_says_so(account):
    functions = account(None)
    with pytest.raises(AwsError, match="lambda:GetFunctionConfiguration failed: the resource does not exist"):
        FunctionSettings(functions, "other")


def answer(**changes):
    return {
        "FunctionName": NAME,
        "MemorySize": 1024,
        "Timeout": 29,
        "Environment": {"Variables": VARIABLES},
        "LastUpdateStatus": "Successful",
        "State": "Active",
        "RevisionId": "r1",
        **changes,
    }


@pytest.fixture
def stubbed():
    functions = client("lambda", endpoint_url="http://127.0.0.1:9")
    with Stubber(functions) as stub:
        yield functions, stub
        stub.assert_no_pending_responses()
    functions.close()


def reads(stub, *answers):
    for each in answers:
        stub.add_response("get_function_configuration", each, {"FunctionName": NAME})


def updates(stub, revision="r1", **expected):
    wanted = {"FunctionName": NAME, "RevisionId": revision, "Environment": ANY, **expected}
    stub.add_response("update_function_configuration", answer(), wanted)


def refuses(stub, code, message=""):
    stub.add_client_error("update_function_configuration", code, message)


def test_a_change_is_waited_for_until_aws_says_successful(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    updates(stub, MemorySize=512)
    under_way = answer(MemorySize=512, LastUpdateStatus="InProgress")
    reads(stub, under_way, under_way, answer(MemorySize=512))
    clock = Clock()
    settings = clock.settings(functions)
    settings.set_memory(512)
    assert settings.memory_mb == 512
    assert len(clock.slept) == 2


def test_a_function_that_is_being_changed_is_waited_for_before(stubbed):
    functions, stub = stubbed
    reads(stub, answer(LastUpdateStatus="InProgress"), answer(State="Pending"), answer(RevisionId="r2"))
    updates(stub, "r2", MemorySize=512)
    reads(stub, answer(MemorySize=512))
    Clock().settings(functions).set_memory(512)


def test_a_change_that_aws_could_not_apply_gives_its_reason_and_can_be_put_back(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    updates(stub, MemorySize=512)
    failed = answer(
        MemorySize=512,
        Environment={"Variables": {**VARIABLES, MARK: "x"}},
        LastUpdateStatus="Failed",
        LastUpdateStatusReason="no image in 111122223333",
    )
    reads(stub, failed, failed)
    updates(stub, MemorySize=1024)
    reads(stub, answer())
    settings = Clock().settings(functions)
    with pytest.raises(AwsError, match=r"AWS could not apply it: no image in \[account\]"):
        settings.set_memory(512)
    settings.restore()


def test_a_revision_that_is_no_longer_the_last_is_read_again_and_merged(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    refuses(stub, "PreconditionFailedException")
    theirs = {**VARIABLES, "NEW": "1"}
    reads(stub, answer(RevisionId="r2", Environment={"Variables": theirs}))
    seen = []
    functions.meta.events.register(
        "provide-client-params.lambda.UpdateFunctionConfiguration", lambda params, **_: seen.append(params)
    )
    updates(stub, "r2", MemorySize=512)
    reads(stub, answer(MemorySize=512))
    Clock().settings(functions).set_memory(512)
    assert seen[-1]["Environment"]["Variables"]["NEW"] == "1"
    assert json.loads(seen[-1]["Environment"]["Variables"][MARK]) == {"found_mb": 1024, "set_mb": [512], "nonce": None}


def test_an_update_under_way_and_throttling_are_waited_out(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    for code in ("ResourceConflictException", "TooManyRequestsException"):
        refuses(stub, code)
        reads(stub, answer())
    updates(stub, MemorySize=512)
    stub.add_client_error("get_function_configuration", "ThrottlingException")
    reads(stub, answer(MemorySize=512))
    clock = Clock()
    clock.settings(functions).set_memory(512)
    assert len(clock.slept) == 3


def test_a_change_whose_answer_was_lost_is_not_made_twice(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    refuses(stub, "ServiceException", "lost")
    reads(stub, answer(MemorySize=512))
    Clock().settings(functions).set_memory(512)


def test_patience_has_an_end(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), *[answer(LastUpdateStatus="InProgress")] * 181)
    clock = Clock()
    settings = clock.settings(functions)
    with pytest.raises(AwsError, match="resnet-bench is still being changed by AWS"):
        settings.set_memory(512)
    assert clock.now_s == 180


def test_somebody_who_keeps_changing_it_back_wins(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    for _ in range(5):
        updates(stub, MemorySize=512)
        reads(stub, answer())
    with pytest.raises(AwsError, match="somebody else keeps changing resnet-bench"):
        Clock().settings(functions).set_memory(512)


def test_a_function_that_cannot_be_put_back_says_what_to_set_by_hand(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    updates(stub, MemorySize=512)
    changed = answer(MemorySize=512, Environment={"Variables": {**VARIABLES, MARK: "x"}})
    reads(stub, changed, changed)
    refuses(stub, "AccessDeniedException")
    settings = Clock().settings(functions)
    settings.set_memory(512)
    with pytest.raises(AwsError) as caught:
        settings.restore()
    assert caught.value.message.startswith("resnet-bench was not put back as it was found: lambda:Update")
    assert caught.value.hint == (
        "in the Lambda console, set its memory to 1024 MB and remove its environment variables RESNET_BENCH_NONCE and "
        "RESNET_BENCH_RESTORE"
    )


def test_variables_that_aws_cannot_decrypt_are_never_overwritten(stubbed):
    functions, stub = stubbed
    environment = {"Error": {"ErrorCode": "AccessDeniedException", "Message": "Lambda was unable to decrypt"}}
    reads(stub, *[answer(Environment=environment)] * 3)
    settings = Clock().settings(functions)
    for change in (settings.force_cold, lambda: settings.set_memory(512)):
        with pytest.raises(AwsError, match="cannot decrypt its environment variables") as caught:
            change()
        assert "kms:Decrypt" in caught.value.hint
    settings.restore()


def test_values_of_variables_that_aws_quotes_are_in_no_error(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    refuses(stub, "InvalidParameterValueException", f'exceeded the 4KB limit. String measured: {{"TOKEN":"{SECRET}"}}')
    with pytest.raises(AwsError, match="AWS refused the settings") as caught:
        Clock().settings(functions).force_cold()
    assert SECRET not in f"{caught.value.message}{caught.value.hint}{caught.value.__cause__}"
    assert caught.value.__suppress_context__
