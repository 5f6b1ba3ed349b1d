"""What AWS may say to a change of a function's settings, through botocore's Stubber: moto changes all at once."""

from __future__ import annotations

import json

import pytest
from botocore.stub import ANY, Stubber

from clocks import FalseClock
from function_settings import NAME, SECRET, VARIABLES, settings_of
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.function.baseline import MARK
from resnet_bench.errors import AwsError


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
    clock = FalseClock()
    settings = settings_of(functions, clock)
    settings.set_memory(512)
    assert settings.memory_mb == 512
    assert len(clock.slept) == 2


def test_a_function_that_is_being_changed_is_waited_for_before(stubbed):
    functions, stub = stubbed
    reads(stub, answer(LastUpdateStatus="InProgress"), answer(State="Pending"), answer(RevisionId="r2"))
    updates(stub, "r2", MemorySize=512)
    reads(stub, answer(MemorySize=512))
    settings_of(functions).set_memory(512)


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
    settings = settings_of(functions)
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
    settings_of(functions).set_memory(512)
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
    clock = FalseClock()
    settings_of(functions, clock).set_memory(512)
    assert len(clock.slept) == 3


def test_throttling_is_not_taken_for_somebody_elses_changes(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    for _ in range(7):
        refuses(stub, "TooManyRequestsException")
        reads(stub, answer())
    updates(stub, MemorySize=512)
    reads(stub, answer(MemorySize=512))
    settings_of(functions).set_memory(512)


def test_a_change_whose_answer_was_lost_is_not_made_twice(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    refuses(stub, "ServiceException", "lost")
    reads(stub, answer(MemorySize=512))
    settings_of(functions).set_memory(512)


def test_patience_has_an_end(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), *[answer(LastUpdateStatus="InProgress")] * 181)
    clock = FalseClock()
    settings = settings_of(functions, clock)
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
        settings_of(functions).set_memory(512)


def test_a_function_that_cannot_be_put_back_says_what_to_set_by_hand(stubbed):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    updates(stub, MemorySize=512)
    changed = answer(MemorySize=512, Environment={"Variables": {**VARIABLES, MARK: "x"}})
    reads(stub, changed, changed)
    refuses(stub, "AccessDeniedException")
    settings = settings_of(functions)
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
    settings = settings_of(functions)
    for change in (settings.force_cold, lambda: settings.set_memory(512)):
        with pytest.raises(AwsError, match="cannot decrypt its environment variables") as caught:
            change()
        assert "kms:Decrypt" in caught.value.hint
    settings.restore()


@pytest.mark.parametrize(
    "code", ["InvalidParameterValueException", "ValidationException", "RequestEntityTooLargeException"]
)
def test_values_of_variables_that_aws_quotes_are_in_no_error(stubbed, code):
    functions, stub = stubbed
    reads(stub, answer(), answer())
    refuses(stub, code, f'exceeded the 4KB limit. String measured: {{"TOKEN":"{SECRET}"}}')
    with pytest.raises(AwsError, match="AWS refused the settings") as caught:
        settings_of(functions).force_cold()
    assert SECRET not in f"{caught.value.message}{caught.value.hint}{caught.value.__cause__}"
    assert caught.value.__suppress_context__
