"""A deployed Lambda by its stack's name, and every reason why there is none."""

from __future__ import annotations

import pytest

from resnet_bench.aws.stack.find import OUTPUTS as FIELDS
from resnet_bench.aws.stack.find import find
from resnet_bench.errors import AwsError, UsageError
from stacks import FIRST_OUTPUTS, NAME, OUTPUTS, Script, ScriptedAccount


def refused(script, name=NAME):
    with script, pytest.raises(AwsError) as caught:
        find(ScriptedAccount(script), name)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_all_that_callers_need_is_in_the_outputs(status):
    with Script().describe(status) as script:
        found = find(ScriptedAccount(script), NAME)
    assert {field: getattr(found, field) for field in FIELDS} == {field: OUTPUTS[key] for field, key in FIELDS.items()}
    assert (found.name, found.region) == (NAME, "us-east-1")


def test_a_stack_of_before_there_was_another_way_decodes_exactly():
    earlier = {key: value for key, value in OUTPUTS.items() if key != "Decode"}
    with Script().describe("CREATE_COMPLETE", outputs=earlier) as script:
        assert find(ScriptedAccount(script), NAME).decode == "exact"


def test_a_stack_that_is_not_there_is_looked_for_in_one_region():
    error = refused(Script().missing())
    assert error.message == f"there is no stack {NAME} in us-east-1"
    assert error.code == "NoStack"
    assert "--region" in error.hint


@pytest.mark.parametrize("status", ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"])
def test_a_stack_in_progress_is_to_be_waited_for(status):
    error = refused(Script().describe(status))
    assert error.message == f"the stack {NAME} is being changed ({status})"
    assert error.transient


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_was_never_made_can_be_started_afresh(status):
    error = refused(Script().describe(status, outputs={}))
    assert status in error.message
    assert "resnet-bench deploy" in error.hint


@pytest.mark.parametrize("status", ["DELETE_FAILED", "UPDATE_ROLLBACK_FAILED", "UPDATE_FAILED"])
def test_a_stack_that_is_broken_is_to_be_removed(status):
    assert "resnet-bench destroy" in refused(Script().describe(status)).hint


def test_a_stack_after_the_first_pass_has_no_function_yet():
    error = refused(Script().describe("CREATE_COMPLETE", outputs=FIRST_OUTPUTS))
    assert error.code == "NoFunction"
    assert "resnet-bench deploy" in error.hint


def test_somebody_else_s_stack_is_told_from_this_programs():
    error = refused(Script().describe("CREATE_COMPLETE", outputs={"WebsiteUrl": "https://example.com"}))
    assert error.code == "ForeignStack"


def test_a_denied_look_names_the_action():
    error = refused(Script().refuse("describe_stacks", "AccessDenied", "not authorized"))
    assert error.message == "cloudformation:DescribeStacks failed: AWS denied it (AccessDenied)"
    assert "allow cloudformation:DescribeStacks" in error.hint


def test_a_name_that_no_stack_can_have_is_not_asked_for():
    with Script() as script, pytest.raises(UsageError):
        find(ScriptedAccount(script), "No Such_Name")
