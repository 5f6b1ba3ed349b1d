"""The CloudFormation template: valid, narrow, and what the program believes of it."""

import json
import re
from pathlib import Path

import cfnlint.api
import pytest
from cfnlint.decode import decode_str

from factories import make_answer
from resnet_bench import emf
from resnet_bench.aws.metrics.dashboards import Metric, metrics_of
from resnet_bench.aws.stack import template
from resnet_bench.aws.stack.describe import MARK
from resnet_bench.aws.stack.find import OUTPUTS
from resnet_bench.aws.stack.names import LONGEST, checked_name, dashboard, log_group
from resnet_bench.aws.stack.plan import PARTS
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.lambda_report import parse_report_record

REGIONS = ["us-east-1", "eu-central-1", "ap-northeast-1"]
# What the largest possible TemplateBody is (CreateStack, API reference).
LARGEST_BODY_BYTES = 51_200
TEXT = template.body()
TEMPLATE, _ = decode_str(TEXT)
RESOURCES = TEMPLATE["Resources"]
PSEUDO = {"AWS::StackName": "mine", "AWS::Region": "eu-west-1", "Engine": "onnx", "Api": "a1b2c3"}


def lint(text):
    return cfnlint.api.lint(text, regions=REGIONS)


def references(node):
    """Every name that a part of the template refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "Ref":
                yield value
            elif key == "Fn::GetAtt":
                yield value[0] if isinstance(value, list) else value.partition(".")[0]
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{([\w:]+)\}", value)
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def substituted(text):
    return re.sub(r"\$\{([\w:]+)\}", lambda match: PSEUDO[match[1]], text)


def drawn():
    return metrics_of(substituted(RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]), "eu-west-1")


def test_cfn_lint_has_nothing_to_say():
    assert lint(TEXT) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("RetentionInDays: 14", "RetentionInDays: 15"),
        ("AutoDeploy: true", "AutoDeploys: true"),
        ("ScanOnPush: true", "ScanOnPull: true"),
        ("!GetAtt Function.Arn", "!GetAtt Functional.Arn"),
    ],
)
def test_cfn_lint_would_find_a_mistake(right, wrong):
    assert right in TEXT
    assert lint(TEXT.replace(right, wrong)) != []


def test_the_template_can_be_sent_in_one_call():
    assert len(TEXT.encode()) < LARGEST_BODY_BYTES


def test_the_first_pass_needs_nothing_of_the_second():
    first = {name for name, resource in RESOURCES.items() if resource.get("Condition") != "HasImage"}
    assert {"Repository", "LogGroup", "Role"} <= first
    for name in first:
        assert not set(references(RESOURCES[name])) & (set(RESOURCES) - first), name
    for output in TEMPLATE["Outputs"].values():
        if "Condition" not in output:
            assert not set(references(output)) & (set(RESOURCES) - first)


def test_the_plan_has_every_resource_once_with_the_parameters_that_it_follows():
    planned = [resource for part in PARTS for resource in part.resources]
    assert sorted(planned) == sorted(RESOURCES)
    for part in PARTS:
        named = {name for resource in part.resources for name in references(RESOURCES[resource])}
        assert named & set(TEMPLATE["Parameters"]) == set(part.parameters), part.title
        assert part.what.format(**Wanted(1024, "onnx", "x86_64").parameters())


def test_every_parameter_is_given_and_every_output_is_there():
    for public in (False, True):
        given = Wanted(1024, "onnx-int8", "arm64", public=public, decode="fast").parameters("uri")
        assert set(given) == set(TEMPLATE["Parameters"])
        for name, value in given.items():
            assert value in TEMPLATE["Parameters"][name].get("AllowedValues", [value])
    assert set(TEMPLATE["Outputs"]) == set(OUTPUTS.values())


def test_the_description_marks_the_stack_as_this_programs():
    assert TEMPLATE["Description"].endswith(MARK)


def test_the_names_are_those_that_the_program_looks_for():
    names = {"LogGroup": "LogGroupName", "Dashboard": "DashboardName"}
    found = {each: substituted(RESOURCES[each]["Properties"][key]["Fn::Sub"]) for each, key in names.items()}
    assert found == {"LogGroup": log_group("mine"), "Dashboard": dashboard("mine", "eu-west-1")}


def test_the_role_may_write_its_own_log_and_traces_and_nothing_else():
    role = RESOURCES["Role"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    log, traces = policy["PolicyDocument"]["Statement"]
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert log["Resource"]["Fn::Sub"].endswith(":log-group:/aws/lambda/${AWS::StackName}:*")
    assert traces["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert traces["Resource"] == "*"


def test_only_this_api_and_route_may_call_the_function():
    permission = RESOURCES["Permission"]["Properties"]
    assert permission["Principal"] == "apigateway.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"].endswith(":${Api}/*/POST/classify")


def test_calls_must_be_signed_unless_it_is_said_otherwise():
    assert TEMPLATE["Parameters"]["Authorization"]["Default"] == "AWS_IAM"
    assert Wanted(1024, "onnx", "x86_64").parameters()["Authorization"] == "AWS_IAM"
    assert Wanted(1024, "onnx", "x86_64", public=True).parameters()["Authorization"] == "NONE"
    assert RESOURCES["Route"]["Properties"]["AuthorizationType"] == {"Ref": "Authorization"}


def test_what_the_price_is_computed_from_is_what_is_deployed():
    assert RESOURCES["Function"]["Properties"]["Timeout"] == template.TIMEOUT_S
    settings = RESOURCES["Stage"]["Properties"]["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == {"Ref": "ThrottleRate"}
    given = Wanted(1024, "onnx", "x86_64").parameters()
    assert given["ThrottleRate"] == str(template.SIGNED_RATE)


def test_so_many_images_are_kept_that_failed_updates_do_not_crowd_out_the_one_that_runs():
    """Pushes are counted, and not uses."""
    (rule,) = json.loads(RESOURCES["Repository"]["Properties"]["LifecyclePolicy"]["LifecyclePolicyText"])["rules"]
    assert rule["selection"] == {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    assert "ten images" in next(part for part in PARTS if "Repository" in part.resources).what


def test_the_metric_filters_read_what_a_report_record_holds():
    record = {
        "type": "platform.report",
        "record": {
            "requestId": "r",
            "metrics": {
                "durationMs": 100.0,
                "billedDurationMs": 101,
                "memorySizeMB": 1024,
                "maxMemoryUsedMB": 300,
                "initDurationMs": 2500.0,
            },
        },
    }
    report = parse_report_record(record)
    expected = {"InitDurationMetric": report.init_s * 1000, "MaxMemoryUsedMetric": report.max_memory_used_bytes / 2**20}
    for name, value in expected.items():
        properties = RESOURCES[name]["Properties"]
        (made,) = properties["MetricTransformations"]
        found = record
        for key in made["MetricValue"].removeprefix("$.").split("."):
            found = found[key]
        assert found == value
        assert f"({made['MetricValue']} >= 0)" in properties["FilterPattern"]
        assert '($.type = "platform.report")' in properties["FilterPattern"]


def test_the_dashboard_draws_metrics_that_exist(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "mine")
    line = json.loads(emf.metrics_line(make_answer()))
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    filtered = {
        (substituted(made["MetricNamespace"]["Fn::Sub"]), made["MetricName"])
        for each in ("InitDurationMetric", "MaxMemoryUsedMetric")
        for made in RESOURCES[each]["Properties"]["MetricTransformations"]
    }
    metrics = drawn()
    assert all(isinstance(metric, Metric) for metric in metrics)
    for metric in metrics:
        if metric.namespace == directive["Namespace"]:
            assert metric.name in line
            assert [name for name, _ in metric.dimensions] == directive["Dimensions"][0]
            assert dict(metric.dimensions)["FunctionName"] == line["FunctionName"]
        elif metric.namespace.startswith("AWS/"):
            assert metric.dimensions in {(("FunctionName", "mine"),), (("ApiId", "a1b2c3"),)}
        else:
            assert (metric.namespace, metric.name) in filtered
            assert metric.dimensions == ()


def test_the_dashboard_shows_what_it_promises():
    shown = {(metric.name, metric.stat) for metric in drawn()}
    assert {("Duration", "p50"), ("Duration", "p90"), ("Duration", "p99")} <= shown
    wanted = {"Invocations", "Errors", "Throttles", "ConcurrentExecutions", "InitDuration", "MaxMemoryUsed"}
    assert wanted | {"Inference", "MemoryUsed", "MemoryUtilisation"} <= {name for name, _ in shown}


def test_a_metric_is_written_out_in_full():
    """As ``resnet-bench dashboard`` asks for it, and as a reader can copy it."""
    assert '"."' not in TEXT
    assert '"..."' not in TEXT


@pytest.mark.parametrize("name", ["resnet-bench", "ab", "a" * LONGEST, "a1-b2-c3"])
def test_a_name_that_all_services_take_is_taken(name):
    assert checked_name(name) == name
    patterns = {
        "cloudformation": r"[a-zA-Z][-a-zA-Z0-9]{0,127}",
        "ecr": r"(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*",
        "lambda": r"[a-zA-Z0-9-_]{1,64}",
    }
    for service, pattern in patterns.items():
        assert re.fullmatch(pattern, name), service
    assert len(f"{name}-Role-{'X' * 12}") <= 64


def test_the_template_comes_with_the_package():
    assert Path(template.__file__).with_name("template.yaml").read_text() == TEXT


def test_the_stage_deploys_no_earlier_than_its_route():
    assert RESOURCES["Stage"]["DependsOn"] == "Route"


@pytest.mark.parametrize(("public", "rate"), [(False, "20"), (True, "5")])
def test_strangers_get_a_quarter_of_what_the_owner_gets(public, rate):
    assert Wanted(1024, "onnx", "x86_64", public=public).parameters()["ThrottleRate"] == rate
