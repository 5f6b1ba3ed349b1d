"""The two passes of a deployment, and that a failure in either leaves nothing half made."""

from __future__ import annotations

import pytest

from resnet_bench.aws.stack.deployment import deploy
from resnet_bench.aws.stack.describe import describe
from resnet_bench.aws.stack.events import Watching
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.errors import AwsError, ContainerError
from stacks import FIRST_OUTPUTS, IMAGE, NAME, REPOSITORY, Script, ScriptedAccount, event

WANTED = Wanted(1024, "onnx", "x86_64")
UNDONE = f"the stack {NAME}, made by this deployment, has been deleted again: nothing is left of it"


class Push:
    def __init__(self, fails=None):
        self.repositories, self._fails = [], fails

    def __call__(self, repository):
        self.repositories.append(repository)
        if self._fails:
            raise self._fails
        return IMAGE


def parameters(image):
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in WANTED.parameters(image).items()]


def deployed(script, image, stack=None, **watching):
    watching = Watching(sleep=lambda _seconds: None, **watching)
    with script:
        return deploy(ScriptedAccount(script), NAME, stack, WANTED, image=image, watching=watching)


def first_pass():
    """Made, and described once for the repository's address."""
    script = Script().create().look("CREATE_COMPLETE", outputs=FIRST_OUTPUTS)
    return script.describe("CREATE_COMPLETE", outputs=FIRST_OUTPUTS)


def existing():
    with Script().describe("UPDATE_COMPLETE") as script:
        return describe(script.client, NAME)


def test_a_new_stack_gets_its_repository_then_the_image_then_the_rest():
    push = Push()
    script = first_pass().events().update(parameters(IMAGE)).look("UPDATE_COMPLETE").describe("UPDATE_COMPLETE")
    made = deployed(script, push)
    assert push.repositories == [REPOSITORY]
    assert (made.name, made.function, made.image_uri) == (NAME, NAME, IMAGE)
    assert made.url.startswith("https://")


def test_a_stack_that_exists_is_updated_once_and_keeps_its_function_meanwhile():
    push = Push()
    script = Script().events().update(parameters(IMAGE)).look("UPDATE_COMPLETE").describe("UPDATE_COMPLETE")
    deployed(script, push, existing())
    assert push.repositories == [REPOSITORY]


def test_a_given_image_needs_one_pass():
    script = Script().create().look("CREATE_COMPLETE").describe("CREATE_COMPLETE")
    assert deployed(script, IMAGE).image_uri == IMAGE


def test_a_push_that_fails_leaves_no_new_stack_behind():
    script = first_pass().describe("CREATE_COMPLETE").events().delete().look("DELETE_COMPLETE")
    with pytest.raises(ContainerError) as caught:
        deployed(script, Push(ContainerError("the push failed", "look")))
    assert caught.value.__notes__ == [UNDONE]


@pytest.mark.parametrize("trouble", [OSError("no space left on device"), ValueError("a defect")])
def test_nor_does_any_other_error_of_the_push(trouble):
    script = first_pass().describe("CREATE_COMPLETE").events().delete().look("DELETE_COMPLETE")
    with pytest.raises(type(trouble)) as caught:
        deployed(script, Push(trouble))
    assert caught.value.__notes__ == [UNDONE]


def test_a_stack_that_cannot_be_read_after_the_first_pass_is_deleted_again():
    script = Script().create().look("CREATE_COMPLETE", outputs=FIRST_OUTPUTS).refuse("describe_stacks", "Throttling")
    script.describe("CREATE_COMPLETE").events().delete().look("DELETE_COMPLETE")
    with pytest.raises(AwsError, match="throttling") as caught:
        deployed(script, Push())
    assert caught.value.__notes__ == [UNDONE]


def test_a_second_pass_that_fails_leaves_no_new_stack_behind():
    script = first_pass().events().update()
    script.look("UPDATE_ROLLBACK_COMPLETE", event(1, "Function", "UPDATE_FAILED", "The image is too large"))
    script.describe("UPDATE_ROLLBACK_COMPLETE").events().delete().look("DELETE_COMPLETE")
    with pytest.raises(AwsError, match="The image is too large") as caught:
        deployed(script, Push())
    (note,) = caught.value.__notes__
    assert "nothing is left of it" in note


def test_a_stack_that_somebody_else_made_in_the_meantime_is_not_deleted():
    script = Script().refuse("create_stack", "AlreadyExistsException", f"Stack [{NAME}] already exists")
    with pytest.raises(AwsError) as caught:
        deployed(script, IMAGE)
    assert caught.value.code == "AlreadyExistsException"
    assert getattr(caught.value, "__notes__", []) == []  # neither deleted nor tried to


def test_a_push_that_fails_leaves_an_older_stack_as_it_is():
    with pytest.raises(ContainerError) as caught:
        deployed(Script(), Push(ContainerError("the push failed", "look")), existing())
    assert getattr(caught.value, "__notes__", []) == []


def test_what_could_not_be_deleted_again_is_told():
    script = first_pass().describe("CREATE_COMPLETE").events().refuse("delete_stack", "AccessDenied", "no")
    with pytest.raises(ContainerError) as caught:
        deployed(script, Push(ContainerError("the push failed", "look")))
    text = "\n".join(caught.value.__notes__)
    assert "is still there: cloudformation:DeleteStack failed" in text
    assert f"resnet-bench destroy --stack {NAME}" in text


def test_ctrl_c_during_the_push_says_what_is_there():
    with pytest.raises(KeyboardInterrupt) as caught:
        deployed(first_pass(), Push(KeyboardInterrupt()))
    text = "\n".join(caught.value.__notes__)
    assert "without a function" in text
    assert f"resnet-bench destroy --stack {NAME}" in text


def test_ctrl_c_between_the_passes_says_what_is_there(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("resnet_bench.aws.stack.deployment.describe", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        deployed(Script().create().look("CREATE_COMPLETE", outputs=FIRST_OUTPUTS), Push())
    assert f"the stack {NAME} exists, without a function" in caught.value.__notes__[0]


def test_ctrl_c_during_the_update_of_an_older_stack_says_what_goes_on():
    def interrupted(_event):
        raise KeyboardInterrupt

    script = Script().events().update().look("UPDATE_IN_PROGRESS", event(1, NAME, "UPDATE_IN_PROGRESS"))
    with pytest.raises(KeyboardInterrupt) as caught:
        deployed(script, Push(), existing(), on_event=interrupted)
    assert f"resnet-bench status --stack {NAME}" in caught.value.__notes__[0]
