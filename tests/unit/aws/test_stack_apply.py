"""Making and updating a stack: what is told, what a failure says, and what it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from botocore.stub import ANY

from resnet_bench.aws.stack.apply import apply, changeable
from resnet_bench.aws.stack.delete import deletable, delete
from resnet_bench.aws.stack.describe import describe
from resnet_bench.aws.stack.events import Event, Watching
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.errors import AwsError
from stacks import MOMENT, NAME, Script, event

PARAMETERS = Wanted(1024, "onnx", "x86_64").parameters()
NO_UPDATES = ("update_stack", "ValidationError", "No updates are to be performed.")


@dataclass
class Watcher:
    """Keeps what it is told; time passes only by sleeping."""

    told: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    @property
    def watching(self) -> Watching:
        return Watching(on_event=self._tell, sleep=self.slept.append)

    def _tell(self, event: Event) -> None:
        self.told.append(f"{event.resource} {event.status}")


@pytest.fixture
def watcher():
    return Watcher()


def found(status, **changes):
    """The stack as ``describe`` finds it."""
    with Script().describe(status, **changes) as script:
        return describe(script.client, NAME)


def applied(script, stack, watcher):
    with script:
        return apply(script.client, NAME, stack, PARAMETERS, watcher.watching)


def failed(script, stack, watcher):
    with pytest.raises(AwsError) as caught:
        applied(script, stack, watcher)
    assert "\n" not in caught.value.message
    assert "123456789012" not in caught.value.message
    return caught.value


def test_a_new_stack_is_created_and_each_event_told_once(watcher):
    script = Script().create()
    script.look("CREATE_IN_PROGRESS", event(1, NAME, "CREATE_IN_PROGRESS"), event(2, "Role", "CREATE_IN_PROGRESS"))
    script.look("CREATE_IN_PROGRESS", event(3, "Role", "CREATE_COMPLETE"))
    script.look("CREATE_COMPLETE", event(4, NAME, "CREATE_COMPLETE"))
    assert applied(script, None, watcher) == "created"
    assert watcher.told == [
        f"{NAME} CREATE_IN_PROGRESS",
        "Role CREATE_IN_PROGRESS",
        "Role CREATE_COMPLETE",
        f"{NAME} CREATE_COMPLETE",
    ]
    assert watcher.slept == [3.0, 3.0]


def test_a_failed_creation_names_the_first_resource_that_failed_and_is_deleted_by_aws(watcher):
    script = Script().create()
    script.look(
        "DELETE_IN_PROGRESS",
        event(1, "LogGroup", "CREATE_FAILED", "Resource creation cancelled"),
        event(2, "Role", "CREATE_FAILED", "User: arn:aws:iam::123456789012:user/ann is not authorized"),
        event(3, "Repository", "CREATE_FAILED", "Too late to matter"),
        event(4, NAME, "DELETE_IN_PROGRESS", "The following resource(s) failed to create: [Role]."),
    )
    script.look("DELETE_COMPLETE", event(5, NAME, "DELETE_COMPLETE"))
    error = failed(script, None, watcher)
    assert error.message == f"the stack {NAME} failed: Role (AWS::IAM::Role): User: [arn] is not authorized"
    assert error.__notes__ == ["all that was made of it has been deleted again"]


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_failed_creation_that_aws_has_left_is_deleted(status, watcher):
    script = Script().create().look(status, event(1, "Role", "CREATE_FAILED", "No."))
    script.events().delete().look("DELETE_COMPLETE")
    error = failed(script, None, watcher)
    assert "Role (AWS::IAM::Role): No." in error.message
    assert error.__notes__ == ["all that was made of it has been deleted again"]


def test_a_creation_that_is_refused_says_why(watcher):
    script = Script().refuse("create_stack", "AccessDenied", "not authorized to perform: cloudformation:CreateStack")
    error = failed(script, None, watcher)
    assert error.message == "cloudformation:CreateStack failed: AWS denied it (AccessDenied)"
    assert "allow cloudformation:CreateStack" in error.hint


def test_an_update_tells_only_its_own_events(watcher):
    script = Script().events(event(1, NAME, "CREATE_COMPLETE")).update()
    script.look("UPDATE_IN_PROGRESS", event(2, NAME, "UPDATE_IN_PROGRESS"))
    script.look("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", event(3, "Function", "UPDATE_COMPLETE"))
    script.look("UPDATE_COMPLETE", event(4, NAME, "UPDATE_COMPLETE"))
    assert applied(script, found("CREATE_COMPLETE"), watcher) == "updated"
    assert watcher.told == [f"{NAME} UPDATE_IN_PROGRESS", "Function UPDATE_COMPLETE", f"{NAME} UPDATE_COMPLETE"]


def test_an_update_sends_the_template_s_parameters(watcher):
    sent = [{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()]
    script = Script().events().update(sent).look("UPDATE_COMPLETE")
    assert applied(script, found("UPDATE_COMPLETE"), watcher) == "updated"


def test_each_change_carries_a_token_of_its_own(watcher):
    """AWS takes two calls of one token for the same, which a second change is not."""
    tokens = []
    for script, stack in (
        (Script().create().look("CREATE_COMPLETE"), None),
        (Script().events().update().look("UPDATE_COMPLETE"), found("CREATE_COMPLETE")),
        (Script().events().update().look("UPDATE_COMPLETE"), found("UPDATE_COMPLETE")),
    ):
        script.client.meta.events.register(
            "provide-client-params.cloudformation",
            lambda params, **_: tokens.extend(filter(None, [params.get("ClientRequestToken")])),
        )
        applied(script, stack, watcher)
    assert len(set(tokens)) == len(tokens) == 3


def test_only_the_events_that_are_new_are_fetched(watcher):
    """Behind the first known one there is a further page, which nobody asks for."""
    told = [event(1, NAME, "CREATE_COMPLETE"), event(2, NAME, "UPDATE_IN_PROGRESS")]
    script = Script().events(told[0]).update().describe("UPDATE_COMPLETE")
    script.answer("describe_stack_events", {"StackEvents": told[::-1], "NextToken": "older"}, {"StackName": ANY})
    assert applied(script, found("CREATE_COMPLETE"), watcher) == "updated"
    assert watcher.told == [f"{NAME} UPDATE_IN_PROGRESS"]


def test_events_of_several_pages_are_all_told_the_oldest_first(watcher):
    new = [event(number, f"Part{number}", "CREATE_COMPLETE") for number in range(4)]
    script = Script().create().describe("CREATE_COMPLETE")
    script.answer("describe_stack_events", {"StackEvents": new[:1:-1], "NextToken": "older"}, {"StackName": ANY})
    script.answer("describe_stack_events", {"StackEvents": new[1::-1]}, {"StackName": ANY, "NextToken": "older"})
    applied(script, None, watcher)
    assert watcher.told == [f"Part{number} CREATE_COMPLETE" for number in range(4)]


def test_nothing_to_update_is_a_success(watcher):
    script = Script().events().refuse(*NO_UPDATES)
    assert applied(script, found("UPDATE_COMPLETE"), watcher) == "unchanged"


def test_another_refusal_of_an_update_is_none(watcher):
    script = Script().events().refuse("update_stack", "ValidationError", "Template error: no such thing")
    assert "Template error" in failed(script, found("UPDATE_COMPLETE"), watcher).message


def test_a_failed_update_is_waited_for_until_it_is_rolled_back(watcher):
    script = Script().events().update()
    script.look("UPDATE_IN_PROGRESS", event(1, "Function", "UPDATE_FAILED", "MemorySize is above the account's limit"))
    script.look("UPDATE_ROLLBACK_IN_PROGRESS")
    script.look("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    script.look("UPDATE_ROLLBACK_COMPLETE")
    error = failed(script, found("UPDATE_COMPLETE"), watcher)
    assert "Function (AWS::IAM::Role): MemorySize is above the account's limit" in error.message
    assert error.__notes__ == ["it is back at what it was before"]


def test_a_rollback_that_fails_is_told_with_the_way_out(watcher):
    script = Script().events().update().look("UPDATE_ROLLBACK_FAILED", StackStatusReason="Role is gone")
    error = failed(script, found("UPDATE_COMPLETE"), watcher)
    assert "Role is gone" in error.message
    assert "resnet-bench destroy" in error.__notes__[0]


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS"])
def test_what_an_earlier_attempt_has_left_is_deleted_first(status, watcher):
    script = Script().events().delete().look("DELETE_IN_PROGRESS").look("DELETE_COMPLETE")
    script.create().look("CREATE_COMPLETE")
    assert applied(script, found(status), watcher) == "created"


@pytest.mark.parametrize(
    ("status", "changes", "words"),
    [
        ("CREATE_COMPLETE", {"Description": "Somebody's website"}, "did not make"),
        ("REVIEW_IN_PROGRESS", {"Description": "Somebody's change set"}, "did not make"),
        ("CREATE_IN_PROGRESS", {}, "is being changed"),
        ("DELETE_IN_PROGRESS", {}, "is being changed"),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", {}, "is being changed"),
        ("UPDATE_ROLLBACK_FAILED", {}, "cannot be updated"),
        ("DELETE_FAILED", {}, "cannot be updated"),
    ],
)
def test_a_stack_that_may_not_be_touched_is_left_alone(status, changes, words):
    with pytest.raises(AwsError, match=words) as caught:
        changeable(found(status, **changes), NAME)
    assert status in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE"]
)
def test_a_stack_of_this_program_at_rest_may_be_changed(status):
    changeable(found(status), NAME)
    changeable(None, NAME)


def test_passing_trouble_while_waiting_is_passed_over(watcher):
    script = Script().create()
    for _ in range(5):
        script.refuse("describe_stacks", "Throttling", "Rate exceeded")
    script.look("CREATE_IN_PROGRESS")
    script.refuse("describe_stacks", "ServiceUnavailable", status=503)
    script.look("CREATE_COMPLETE")
    assert applied(script, None, watcher) == "created"


def test_trouble_that_does_not_pass_ends_the_waiting(watcher):
    script = Script().create()
    for _ in range(6):
        script.refuse("describe_stacks", "Throttling", "Rate exceeded")
    assert failed(script, None, watcher).code == "Throttling"


def test_a_denial_while_waiting_is_not_waited_for(watcher):
    script = Script().create().refuse("describe_stacks", "AccessDenied", "no")
    error = failed(script, None, watcher)
    assert (error.code, watcher.slept) == ("AccessDenied", [])
    assert f"resnet-bench status --stack {NAME}" in error.__notes__[0]


def test_ctrl_c_says_what_goes_on_how_to_look_and_how_to_remove_it():
    def interrupted(_seconds):
        raise KeyboardInterrupt

    with Script().create().look("CREATE_IN_PROGRESS") as script, pytest.raises(KeyboardInterrupt) as caught:
        apply(script.client, NAME, None, PARAMETERS, Watching(sleep=interrupted))
    text = "\n".join(caught.value.__notes__)
    assert f"resnet-bench status --stack {NAME}" in text
    assert f"resnet-bench destroy --stack {NAME}" in text


def test_a_deletion_is_followed_by_the_stack_s_id_to_its_end(watcher):
    script = Script().events(event(1, NAME, "CREATE_COMPLETE")).delete()
    script.look("DELETE_IN_PROGRESS", event(2, "Function", "DELETE_COMPLETE")).missing()
    with script:
        delete(script.client, NAME, found("CREATE_COMPLETE"), watcher.watching)
    assert watcher.told == ["Function DELETE_COMPLETE"]


def test_a_resource_that_cannot_be_deleted_is_named(watcher):
    script = Script().events().delete().look("DELETE_FAILED", event(1, "Role", "DELETE_FAILED", "It is in use"))
    with script, pytest.raises(AwsError) as caught:
        delete(script.client, NAME, found("CREATE_COMPLETE"), watcher.watching)
    assert "Role (AWS::IAM::Role): It is in use" in caught.value.message
    assert "repeat" in caught.value.hint


def test_the_moment_of_the_last_change_is_that_of_the_update():
    assert found("CREATE_COMPLETE").changed_at == "2026-11-24T10:00:00+00:00"
    later = MOMENT.replace(hour=12)
    assert found("UPDATE_COMPLETE", LastUpdatedTime=later).changed_at == "2026-11-24T12:00:00+00:00"


def test_deleting_a_stack_that_is_being_updated_is_refused_before_aws_refuses_it():
    with Script().describe("UPDATE_IN_PROGRESS") as script, pytest.raises(AwsError) as caught:
        deletable(script.client, NAME, "us-east-1")
    assert "UPDATE_IN_PROGRESS" in caught.value.message
