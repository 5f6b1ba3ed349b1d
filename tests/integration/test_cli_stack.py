"""``deploy`` and ``destroy`` as processes: what they make, change and leave, with moto in AWS's place."""

from __future__ import annotations

import json

from aws_world import REGION
from program import CAT
from resnet_bench.aws.function.baseline import MARK
from stack_commands import ACCOUNT, DENIED_PRICES, GROUP, IMAGE, Aws, query_error


def test_deploy_makes_everything_once_and_destroy_leaves_nothing(aws: Aws) -> None:
    first = aws.deploy()
    assert first.code == 0, first.err
    assert "plan: make the stack resnet-bench in eu-west-1" in first.out
    assert "deployed: resnet-bench in eu-west-1" in first.out
    assert "resnet-bench compare images/*.jpg --stack resnet-bench" in first.out
    assert "resnet-bench: create complete" in first.err
    made = aws.made()
    assert made == {
        "stacks": ["resnet-bench"],
        "repositories": ["resnet-bench"],
        "groups": [GROUP],
        "roles": made["roles"],
        "functions": ["resnet-bench"],
        "dashboards": [f"resnet-bench-{REGION}"],
    }
    assert len(made["roles"]) == 1
    again = aws.deploy()
    assert again.code == 0, again.err
    assert "plan: update the stack" in again.out
    assert aws.made() == made
    gone = aws.run("destroy", "--yes")
    assert gone.code == 0, gone.err
    for line in ("gone     stack resnet-bench", f"gone     log group {GROUP}", f"gone     IAM role {made['roles'][0]}"):
        assert line in gone.out
    assert "nothing is left of resnet-bench in eu-west-1" in gone.out
    assert not any(aws.made().values())


def test_deploy_again_updates_in_place(deployed: Aws) -> None:
    assert "MemorySize 1024 to 1769" in deployed.run("deploy", "--image", IMAGE, "--dry-run", "--memory", "1769").out
    done = deployed.deploy("--memory", "1769", "--json")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert (document["memory_mb"], document["authorization"]) == (1769, "AWS_IAM")
    function = deployed.client("lambda").get_function_configuration(FunctionName="resnet-bench")
    assert function["MemorySize"] == 1769


def test_deploy_puts_right_what_a_killed_run_has_left_and_tells_the_memory_that_is(deployed: Aws) -> None:
    functions = deployed.client("lambda")
    mark = {MARK: '{"found_mb":1024,"set_mb":[2048],"nonce":null}'}
    functions.update_function_configuration(
        FunctionName="resnet-bench", MemorySize=2048, Environment={"Variables": mark}
    )
    done = deployed.deploy("--json")
    assert done.code == 0, done.err
    assert "it is put back first" in done.err
    function = functions.get_function_configuration(FunctionName="resnet-bench")
    assert function["MemorySize"] == 1024
    assert MARK not in function.get("Environment", {}).get("Variables", {})
    assert json.loads(done.out)["memory_mb"] == 1024


def test_a_public_api_is_said_to_be_one(aws: Aws) -> None:
    done = aws.deploy("--public")
    assert "anyone on the internet can call it" in done.out
    assert "a day of strangers, about" in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert "anyone may call" in aws.run("status").out


def test_the_deployed_function_is_what_was_asked_for(aws: Aws) -> None:
    done = aws.deploy("--arch", "arm64", "--memory", "2048", "--json")
    assert json.loads(done.out)["architecture"] == "arm64"  # of the stack; moto's function does not take it over
    function = aws.client("lambda").get_function(FunctionName="resnet-bench")
    assert function["Code"]["ImageUri"] == IMAGE
    found = function["Configuration"]
    assert (found["MemorySize"], found["Timeout"]) == (2048, 30)
    (group,) = aws.client("logs").describe_log_groups()["logGroups"]
    assert group["retentionInDays"] == 14
    (repository,) = aws.client("ecr").describe_repositories()["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    body = aws.client("cloudwatch").get_dashboard(DashboardName=f"resnet-bench-{REGION}")["DashboardBody"]
    assert json.loads(body)["widgets"]


def test_a_stack_says_its_precision_and_decoding_and_is_not_called_for_others(aws: Aws) -> None:
    made = json.loads(aws.deploy("--precision", "int8", "--decode", "fast", "--json").out)
    assert (made["engine"], made["decode"]) == ("onnx-int8", "fast")
    assert "onnx-int8, x86_64, fast decoding" in aws.run("status").out
    call = ("remote", CAT, "--stack", "resnet-bench", "--no-save")
    for options, message in (
        (("--decode", "exact"), "decodes images the fast way"),
        (("--precision", "fp32"), "runs the onnx-int8 engine"),
        (("--engine", "torch"), "runs the onnx-int8 engine"),
    ):
        done = aws.run(*call, *options)
        assert (done.code, done.error()) == (2, f"the stack resnet-bench {message}")


def test_the_api_gateway_parts_are_taken_by_the_service_s_own_api(aws: Aws) -> None:
    """moto's CloudFormation skips them: here they are made of the same properties, one by one."""
    from cfnlint.decode import decode_str

    from resnet_bench.aws.stack import template

    resources = decode_str(template.body())[0]["Resources"]

    def given(name: str, **resolved):
        return {key: resolved.get(key, value) for key, value in resources[name]["Properties"].items()}

    api = aws.client("apigatewayv2")
    made = api.create_api(**given("Api", Name="resnet-bench"))
    identity = {"ApiId": made["ApiId"]}
    uri = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:resnet-bench"
    integration = api.create_integration(**given("Integration", IntegrationUri=uri, **identity))
    target = f"integrations/{integration['IntegrationId']}"
    route = api.create_route(**given("Route", AuthorizationType="AWS_IAM", Target=target, **identity))
    limits = {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 10}
    stage = api.create_stage(**given("Stage", DefaultRouteSettings=limits, **identity))
    assert (made["ProtocolType"], made["CorsConfiguration"]["AllowMethods"]) == ("HTTP", ["POST"])
    assert (integration["IntegrationType"], integration["PayloadFormatVersion"]) == ("AWS_PROXY", "2.0")
    assert (route["RouteKey"], route["AuthorizationType"]) == ("POST /classify", "AWS_IAM")
    assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)


def test_a_log_group_that_comes_back_is_deleted_again(deployed: Aws) -> None:
    def come_back():
        if not deployed.client("logs").describe_log_groups()["logGroups"]:
            deployed.client("logs").create_log_group(logGroupName=GROUP)

    deployed.interfere("DescribeLogGroups", come_back)
    done = deployed.run("destroy", "--yes")
    assert done.code == 0, done.err
    assert f"gone     log group {GROUP} (it had come back, and was deleted again)" in done.out
    assert not any(deployed.made().values())


def test_what_is_left_or_cannot_be_looked_for_is_an_error(deployed: Aws) -> None:
    said = 200, {"content-type": "application/x-amz-json-1.1"}
    groups = *said, json.dumps({"logGroups": [{"logGroupName": GROUP}]}).encode()
    of_the_past = [(*said, json.dumps({"repositories": [{"repositoryName": "resnet-bench"}]}).encode())]

    def answer(line: str):
        if line.startswith("pricing ") or "GetRole" in line:
            return query_error("AccessDenied", "no", 403)
        if "DescribeLogGroups" in line:
            return groups
        if "DeleteLogGroup" in line:
            return DENIED_PRICES
        return of_the_past.pop() if "DescribeRepositories" in line and of_the_past else None

    deployed.world.trouble = answer
    done = deployed.run("destroy", "--yes")
    assert done.code == 4
    assert not of_the_past, "looked for once more, and then gone"
    assert "gone     ECR repository resnet-bench" in done.out
    assert f"there    log group {GROUP} (" in done.out
    assert "unknown  IAM role resnet-bench-Role-" in done.out
    assert f"log group {GROUP}, IAM role resnet-bench-Role-" in done.error()
