"""What a deployment would change, by what is there."""

from __future__ import annotations

import pytest

from resnet_bench.aws.stack import template
from resnet_bench.aws.stack.describe import describe
from resnet_bench.aws.stack.plan import PARTS, Known, ask, changes
from resnet_bench.aws.stack.template import Wanted
from stacks import IMAGE, NAME, STACK_ID, Script

ALL = frozenset(resource for part in PARTS for resource in part.resources)
WANTED = Wanted(1024, "onnx", "x86_64")


def actions(known, wanted=WANTED, *, image=IMAGE, new_image=False):
    found = changes(known, wanted.parameters(image), new_image=new_image)
    return {each.title: (each.action, each.detail) for each in found}


def there(wanted=WANTED, image=IMAGE, **changes):
    return Known(**{"resources": ALL, "parameters": wanted.parameters(image), "same_template": True, **changes})


def test_where_nothing_is_all_is_created():
    found = actions(Known())
    assert {action for action, _ in found.values()} == {"create"}
    assert found["Lambda function"][1] == "1024 MB, x86_64, traced by X-Ray"


def test_after_the_first_pass_the_rest_is_created():
    first = there(resources=frozenset({"Repository", "LogGroup", "Role", "InitDurationMetric", "MaxMemoryUsedMetric"}))
    found = {title: action for title, (action, _) in actions(first).items()}
    assert found["ECR repository"] == found["IAM role"] == "keep"
    assert found["Lambda function"] == found["HTTP API"] == found["dashboard"] == "create"


def test_where_all_is_as_wanted_all_is_kept():
    assert {action for action, _ in actions(there()).values()} == {"keep"}


@pytest.mark.parametrize(
    ("wanted", "updated"),
    [
        (Wanted(2048, "onnx", "x86_64"), {"Lambda function": "MemorySize 1024 to 2048"}),
        (Wanted(1024, "onnx", "arm64"), {"Lambda function": "Architecture x86_64 to arm64"}),
        (
            Wanted(1024, "onnx", "x86_64", public=True),
            {"HTTP API": "Authorization AWS_IAM to NONE, ThrottleBurst 40 to 10, ThrottleRate 20 to 5"},
        ),
        (Wanted(1024, "torch", "x86_64"), {"dashboard": "Engine onnx to torch"}),
    ],
)
def test_another_wish_updates_what_follows_it_and_says_how(wanted, updated):
    found = actions(there(), wanted)
    assert {title: detail for title, (action, detail) in found.items() if action == "update"} == updated


def test_an_image_updates_the_function_if_it_is_another_or_not_known_yet():
    for found in (actions(there(), image=IMAGE.replace("a", "b")), actions(there(), image="", new_image=True)):
        assert {title for title, (action, _) in found.items() if action == "update"} == {"Lambda function"}
        assert found["Lambda function"][1] == "another image"


def test_another_version_of_the_template_may_update_anything():
    found = actions(there(same_template=False))
    assert {action for action, _ in found.values()} == {"update"}


@pytest.mark.parametrize(("body", "same"), [(template.body(), True), ("Resources: {}", False)])
def test_what_is_there_is_asked_of_aws(body, same):
    summaries = [
        {
            "LogicalResourceId": "Role",
            "ResourceType": "AWS::IAM::Role",
            "LastUpdatedTimestamp": 0,
            "ResourceStatus": "CREATE_COMPLETE",
        }
    ]
    with Script().describe("CREATE_COMPLETE", parameters={"Engine": "onnx"}) as script:
        stack = describe(script.client, NAME)
    script = Script()
    script.answer("list_stack_resources", {"StackResourceSummaries": summaries}, {"StackName": STACK_ID})
    script.answer("get_template", {"TemplateBody": body}, {"StackName": STACK_ID, "TemplateStage": "Original"})
    with script:
        known = ask(script.client, stack)
    assert known == Known(frozenset({"Role"}), {"Engine": "onnx"}, same_template=same)


def test_a_stack_that_was_never_made_counts_as_nothing():
    with Script().describe("ROLLBACK_COMPLETE") as script:
        assert ask(script.client, describe(script.client, NAME)) == Known()
    assert ask(None, None) == Known()
