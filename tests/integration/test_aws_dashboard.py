"""A stack's dashboard and its metrics over HTTP from moto's server, by the library and by the command."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.cloudwatch.models import Statistics

from aws_world import ENVIRONMENT, REGION, SECRET
from program import Done, run
from resnet_bench.aws.access.account import Account
from resnet_bench.aws.metrics.series import fetch_series
from resnet_bench.aws.stack import find
from resnet_bench.aws.stack.find import OUTPUTS
from resnet_bench.benchmark.stats import percentile
from resnet_bench.cli.dashboard import metrics_of_run
from resnet_bench.errors import AwsError
from resnet_bench.results.records import Skipped

STACK = "resnet-bench"
DASHBOARD = f"{STACK}-{REGION}"
STAGES = ["resnet-bench", "Inference", "FunctionName", STACK, "Engine", "onnx"]
LAMBDA = ["AWS/Lambda", "Duration", "FunctionName", STACK]
WIDGETS = {
    "Stages": [[*STAGES, {"stat": "Average", "label": "inference"}], [".", "Decode", ".", ".", ".", "."]],
    "Duration": [[*LAMBDA, {"stat": "p90", "label": "p90"}], [{"expression": "m1 / 2", "label": "half"}]],
    "Calls": [["AWS/Lambda", "Invocations", "FunctionName", STACK, {"stat": "Sum", "label": "invocations"}]],
    "Memory": [["resnet-bench", "MemoryUsed", *STAGES[2:], {"stat": "Maximum", "label": "peak RSS"}]],
}


def this_minute_s() -> int:
    return int(time.time()) // 60 * 60


@pytest.fixture
def account(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """One that has the stack, its dashboard and, for the last ten minutes, figures of all but one metric."""
    for name, value in {**ENVIRONMENT, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": moto_url}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Statistics, "get_statistics_for_type", _with_percentiles(Statistics.get_statistics_for_type))
    made = Account()
    outputs = {output: {"Value": f"a {field}"} for field, output in OUTPUTS.items()}
    template = {
        "Resources": {"Log": {"Type": "AWS::Logs::LogGroup"}},
        "Outputs": {**outputs, "DashboardName": {"Value": DASHBOARD}},
    }
    made.client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    cloudwatch = made.client("cloudwatch")
    widgets = [{"type": "metric", "properties": {"title": one, "metrics": WIDGETS[one]}} for one in WIDGETS]
    cloudwatch.put_dashboard(DashboardName=DASHBOARD, DashboardBody=json.dumps({"widgets": widgets}))
    put(cloudwatch, *STAGES, unit="Milliseconds", values=[120.0, 130.0])
    put(cloudwatch, *LAMBDA, unit="Milliseconds", values=[100.0 + 10 * step for step in range(11)])
    put(cloudwatch, "AWS/Lambda", "Invocations", *LAMBDA[2:], unit="Count", values=[1.0, 1.0])
    put(cloudwatch, "resnet-bench", "MemoryUsed", *STAGES[2:], unit="Megabytes", values=[300.0, 310.0])
    yield made
    for service in ("cloudformation", "cloudwatch"):
        made.client(service).close()


def _with_percentiles(known: Any) -> Any:
    """moto's statistics, with the percentiles that it answers with an internal error."""

    def statistic(self: Statistics, stat: str) -> Any:
        return (
            percentile(self.metric_single_values_list, float(stat[1:])) if stat.startswith("p") else known(self, stat)
        )

    return statistic


def put(cloudwatch: Any, namespace: str, name: str, *dimensions: str, unit: str, values: list[float]) -> None:
    """``values`` in each of the last ten minutes."""
    pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
    datum = {"MetricName": name, "Dimensions": [{"Name": key, "Value": value} for key, value in pairs], "Unit": unit}
    now_s = this_minute_s()
    data = [{**datum, "Timestamp": now_s - 60 * ago, "Value": value} for ago in range(1, 11) for value in values]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)


def by_label(account: Account) -> dict[str, Any]:
    return {one.label: one for one in fetch_series(account, DASHBOARD, *half_an_hour())}


def half_an_hour() -> tuple[float, float]:
    """Until now, which is in a later minute than the figures on a busy machine."""
    return time.time() - 1800, time.time()


def values(series: Any) -> list[float]:
    assert not isinstance(series.points, Skipped), series.points
    return [point.value for point in series.points]


def test_the_dashboards_metrics_arrive_in_seconds_and_bytes(account: Account) -> None:
    found = by_label(account)
    assert list(found) == ["inference", "Decode Average", "p90", "half", "invocations", "peak RSS"]
    assert values(found["inference"]) == [pytest.approx(0.125)] * 10
    assert values(found["p90"]) == [pytest.approx(0.19)] * 10
    assert values(found["invocations"]) == [2.0] * 10
    assert values(found["peak RSS"]) == [310 * 1024 * 1024] * 10
    first, last = (found["inference"].points[index].at_s for index in (0, -1))
    assert last - first == 540
    assert time.time() - 3600 < first <= this_minute_s() - 600


def test_what_has_no_data_has_no_points_and_what_is_no_metric_a_reason(account: Account) -> None:
    found = by_label(account)
    assert found["Decode Average"].points == ()
    assert isinstance(found["half"].points, Skipped)


def test_a_dashboard_that_does_not_exist_is_told_as_such(account: Account) -> None:
    with pytest.raises(AwsError, match="cloudwatch:GetDashboard failed: the resource does not exist"):
        fetch_series(account, "another", *half_an_hour())


def test_a_run_keeps_what_it_measured_when_cloudwatch_tells_nothing(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = find(account, STACK)
    assert len(metrics_of_run(account, deployed, *half_an_hour())) == 6
    assert capsys.readouterr().err.startswith("dashboard: https://eu-west-1.console.aws.amazon.com/")
    account.client("cloudwatch").delete_dashboards(DashboardNames=[DASHBOARD])
    assert metrics_of_run(account, deployed, *half_an_hour()) == ()
    assert "no CloudWatch metrics: cloudwatch:GetDashboard failed" in capsys.readouterr().err


def dashboard(account: Account, folder: Path, *arguments: str) -> Done:
    """The environment of the test leads it to moto too."""
    return run("dashboard", *arguments, cwd=folder, env={"PYTHONUTF8": "1"})


def test_the_command_prints_the_consoles_address_and_draws_every_metric(account: Account, tmp_path: Path) -> None:
    done = dashboard(account, tmp_path)
    assert done.code == 0, done.err
    url, empty, *lines = done.out.splitlines()
    assert (
        url
        == f"https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}#dashboards/dashboard/{DASHBOARD}"
    )
    assert empty == ""
    assert max(map(len, lines)) <= 80
    assert any(line.split()[:3] == ["inference", "125", "ms"] for line in lines)
    assert any(line.split()[:4] == ["Decode", "Average", "no", "data"] for line in lines)
    assert SECRET not in done.out + done.err
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_one_document_for_machines_and_one_file_for_browsers(
    account: Account, tmp_path: Path
) -> None:
    done = dashboard(account, tmp_path, "--since", "2h", "--json", "--html", "metrics.html")
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["console_url"].endswith(DASHBOARD)
    assert [one["label"] for one in document["metrics"]] == list(by_label(account))
    assert document["metrics"][0]["points"][0][1] == pytest.approx(0.125)
    assert document["metrics"][3]["points"]["kind"] == "skipped"
    (row, *_) = document["tables"][0]["rows"]
    assert row["cells"]["latest"] == pytest.approx(0.125)
    trend = [value for value in row["cells"]["trend"] if value is not None]
    assert trend
    assert trend == [pytest.approx(0.125)] * len(trend)
    assert done.err.splitlines() == ["HTML: metrics.html"]
    assert "inference" in (tmp_path / "metrics.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("since", ["", "30", "0m", "2w", "-1h", "456d", "1.5h", "٣m"])
def test_a_time_that_is_none_is_refused_before_aws_is_asked(since: str, tmp_path: Path) -> None:
    done = run("dashboard", f"--since={since}", cwd=tmp_path, env={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    assert done.code == 2
    assert done.error() == f"--since is {since}"


def test_a_report_that_cannot_be_written_is_refused_before_aws_is_asked(tmp_path: Path) -> None:
    place = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    done = run("dashboard", "--html", "missing/metrics.html", cwd=tmp_path, env=place)
    assert done.code == 5
    assert "the HTML report could not be saved to missing/metrics.html" in done.error()


def test_a_stack_that_does_not_exist_is_told_as_such(account: Account, tmp_path: Path) -> None:
    done = dashboard(account, tmp_path, "--stack", "another")
    assert done.code == 4
    assert done.error() == f"there is no stack another in {REGION}"
