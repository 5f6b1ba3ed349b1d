"""The policy that users are told to attach: nothing missing, nothing made up, nothing wider than the stack."""

import json
import re
from pathlib import Path

import pytest
from botocore.loaders import Loader
from cfnlint.decode import decode
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

ROOT = Path(__file__).parents[3]
SRC = ROOT / "src" / "resnet_bench"
POLICY = json.loads((ROOT / "docs" / "aws-policy.json").read_text())
TEMPLATE, _ = decode(str(SRC / "aws" / "stack" / "template.yaml"))
ACTION = re.compile(r'"([a-z-]+:[A-Z]\w+)"')


def listed(value):
    return [value] if isinstance(value, str) else value


ALLOWED = {action for statement in POLICY["Statement"] for action in listed(statement["Action"])}
CALLED = {action for path in (SRC / "aws").rglob("*.py") for action in ACTION.findall(path.read_text())}

# Actions that are not the name of an API call: by the service authorization reference.
NO_OPERATION = {
    *(f"apigateway:{method}" for method in ("DELETE", "GET", "PATCH", "POST", "PUT")),
    "execute-api:Invoke",
    "iam:PassRole",
    "lambda:InvokeFunction",
}
# What CloudFormation's handlers may call for features that the template does not use.
UNUSED = re.compile(
    r"(s3|s3files|kms|ec2|elasticfilesystem|firehose):.*"
    r"|iam:.*(PermissionsBoundary|AttachRolePolicy|DetachRolePolicy)"
    r"|logs:.*(DataProtection|IndexPolicy|ResourcePolicy|LogDelivery|KmsKey|DeletionProtection|BearerToken).*"
    r"|lambda:(Put|Delete)\w*(Concurrency|CodeSigningConfig|ManagementConfig|RecursionConfig|ScalingConfig)"
    r"|lambda:(PublishVersion|PassCapacityProvider|AssociateRuntimeAlias|GetLayerVersion|GetCodeSigningConfig)"
)
MODELS = {"apigateway": "apigatewayv2"}


@pytest.mark.parametrize("action", sorted(CALLED))
def test_what_this_program_calls_is_allowed(action):
    assert action in ALLOWED


def test_the_calls_are_found():
    assert {"cloudformation:CreateStack", "xray:BatchGetTraces", "ecr:GetAuthorizationToken"} <= CALLED


@pytest.mark.parametrize("kind", sorted({resource["Type"] for resource in TEMPLATE["Resources"].values()}))
def test_what_cloudformation_needs_for_a_resource_is_allowed(kind):
    """By the permissions that AWS's own resource schemas list, which come with cfn-lint."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    lists = [handler["permissions"] for name, handler in schema["handlers"].items() if name != "list"]
    # CloudFormation puts its own tags on what it makes.
    lists.append(schema.get("tagging", {}).get("permissions", []))
    needed = {action for permissions in lists for action in permissions if not UNUSED.fullmatch(action)}
    assert needed
    assert needed <= ALLOWED


@pytest.mark.parametrize("action", sorted(ALLOWED - NO_OPERATION))
def test_an_action_is_one_of_the_service(action):
    service, _, operation = action.partition(":")
    model = Loader().load_service_model(MODELS.get(service, service), "service-2")
    assert operation in model["operations"]


def test_only_actions_without_resources_are_allowed_on_all():
    everywhere = [statement for statement in POLICY["Statement"] if listed(statement["Resource"]) == ["*"]]
    assert [statement["Sid"] for statement in everywhere] == ["WhatKnowsNoResources"]
    assert not [action for action in ALLOWED if "*" in action]


def test_a_role_can_be_given_to_lambda_only():
    (statement,) = (each for each in POLICY["Statement"] if "iam:PassRole" in listed(each["Action"]))
    assert statement["Action"] == "iam:PassRole"
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def test_the_parts_of_an_http_api_may_be_tagged():
    """CloudFormation tags what it makes; the tags have a path of their own (API Gateway's authorization reference)."""
    (statement,) = (each for each in POLICY["Statement"] if "apigateway:POST" in listed(each["Action"]))
    assert "arn:aws:apigateway:*::/tags/*" in statement["Resource"]


def test_the_only_linked_role_that_can_be_made_is_api_gateways():
    (statement,) = (each for each in POLICY["Statement"] if "iam:CreateServiceLinkedRole" in listed(each["Action"]))
    assert statement["Action"] == "iam:CreateServiceLinkedRole"
    assert statement["Resource"] == "arn:aws:iam::*:role/aws-service-role/ops.apigateway.amazonaws.com/*"
    assert statement["Condition"] == {"StringEquals": {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}}


def test_the_policy_fits_into_one_managed_policy():
    """6,144 characters, white space not counted (IAM quotas)."""
    assert len(re.sub(r"\s", "", json.dumps(POLICY))) <= 6144
