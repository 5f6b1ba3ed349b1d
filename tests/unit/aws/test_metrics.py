"""GetMetricData through botocore's Stubber, for what moto's answers never hold: pages, parts, messages, refusals."""

import json
from datetime import UTC, datetime

import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.access.clients import client
from resnet_bench.aws.metrics.series import fetch_series, period_for
from resnet_bench.aws.metrics.units import conversion
from resnet_bench.errors import AwsError
from resnet_bench.results.metrics import Point
from resnet_bench.results.records import Skipped

START_S = 1_795_500_000
END_S = START_S + 1800
DAY_S = 86_400


class Account:
    """As ``aws.account.Account``, with one client that talks to nobody."""

    region = "us-east-1"

    def __init__(self):
        self.cloudwatch = client("cloudwatch", endpoint_url="http://127.0.0.1:1")

    def client(self, service):
        assert service == "cloudwatch"
        return self.cloudwatch


@pytest.fixture
def account():
    made = Account()
    yield made
    made.cloudwatch.close()


@pytest.fixture
def script(account):
    with Stubber(account.cloudwatch) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def show(script, *metrics):
    body = {"widgets": [{"type": "metric", "properties": {"title": "T", "metrics": metrics}}]}
    script.add_response("get_dashboard", {"DashboardBody": json.dumps(body)}, {"DashboardName": "d"})


def answer(script, *results, token=None, messages=(), **expected):
    page = {"MetricDataResults": list(results), "Messages": [{"Code": "c", "Value": text} for text in messages]}
    wanted = {"MetricDataQueries": ANY, "StartTime": ANY, "EndTime": ANY, "ScanBy": "TimestampAscending", **expected}
    script.add_response("get_metric_data", {**page, **({"NextToken": token} if token else {})}, wanted)


def result(*minutes, key="m0", status="Complete", messages=(), **changes):
    """Values of 100 at each of the minutes."""
    return {
        "Id": key,
        "Label": "from CloudWatch",
        "Timestamps": [datetime.fromtimestamp(START_S + 60 * minute, UTC) for minute in minutes],
        "Values": [100.0] * len(minutes),
        "StatusCode": status,
        "Messages": [{"Code": "c", "Value": text} for text in messages],
        **changes,
    }


def fetch(account):
    return fetch_series(account, "d", START_S, END_S)


DURATION = ["AWS/Lambda", "Duration", "FunctionName", "f", {"stat": "p90", "label": "slow"}]


def test_the_pages_of_an_answer_make_one_series_in_the_order_of_time(account, script):
    show(script, DURATION)
    answer(script, result(3, 4, status="PartialData"), token="more")
    answer(script, result(0, 1), NextToken="more")
    (series,) = fetch(account)
    assert series.points == tuple(Point(START_S + 60 * minute, 0.1) for minute in (0, 1, 3, 4))
    assert series.remark == ""


def test_exactly_what_the_dashboard_draws_is_asked_for(account, script):
    show(script, DURATION)
    query = {
        "Id": "m0",
        "Label": "slow",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/Lambda",
                "MetricName": "Duration",
                "Dimensions": [{"Name": "FunctionName", "Value": "f"}],
            },
            "Period": 60,
            "Stat": "p90",
        },
    }
    moments = {"StartTime": datetime.fromtimestamp(START_S, UTC), "EndTime": datetime.fromtimestamp(END_S, UTC)}
    answer(script, result(0), MetricDataQueries=[query], **moments)
    (series,) = fetch(account)
    assert (series.title, series.label, series.stat, series.unit) == ("T", "from CloudWatch", "p90", "seconds")


def test_periods_begin_at_round_times_whenever_one_asks(account, script):
    show(script, DURATION)
    answer(script, result(0), StartTime=datetime.fromtimestamp(START_S, UTC))
    (series,) = fetch_series(account, "d", START_S + 59.9, END_S)
    assert (series.start_s, series.end_s, series.period_s) == (START_S, END_S, 60)


def test_a_label_that_nobody_gave_names_metric_and_statistic(account, script):
    show(script, DURATION[:4])
    answer(script, result(0))
    assert fetch(account)[0].label == "Duration Average"


def test_a_part_that_is_missing_is_told(account, script):
    show(script, DURATION)
    answer(script, result(0, status="PartialData", messages=("Metric math was cut",)), messages=("Too many metrics",))
    (series,) = fetch(account)
    assert series.points == (Point(START_S, 0.1),)
    assert series.remark == "CloudWatch gave only a part of the data; Metric math was cut; Too many metrics"


def test_no_data_is_neither_a_failure_nor_zero(account, script):
    show(script, DURATION)
    answer(script, result())
    (series,) = fetch(account)
    assert series.points == ()
    assert series.remark == ""


@pytest.mark.parametrize(
    ("results", "reason"),
    [
        ((), "did not answer"),
        ((result(status="Forbidden"),), "denied"),
        ((result(status="InternalError"),), "internal error"),
        ((result(0, key="another"),), "did not answer"),
    ],
)
def test_a_metric_without_an_answer_says_why(account, script, results, reason):
    show(script, DURATION)
    answer(script, *results)
    (series,) = fetch(account)
    assert isinstance(series.points, Skipped)
    assert reason in series.points.reason


def test_expressions_keep_their_place_among_the_metrics(account, script):
    show(script, DURATION, [{"expression": "m * 2", "label": "twice"}], ["AWS/Lambda", "Errors", {"stat": "Sum"}])
    answer(script, result(0), result(1, key="m1"))
    first, twice, errors = fetch(account)
    assert first.points == (Point(START_S, 0.1),)
    assert isinstance(twice.points, Skipped)
    assert errors.points == (Point(START_S + 60, 100.0),)


def test_more_metrics_than_one_call_takes_are_asked_for_in_several(account, script):
    # A widget takes 100; nothing here depends on that.
    show(script, *([f"N{number}", "M"] for number in range(501)))
    answer(script, *(result(0, key=f"m{number}") for number in range(500)))
    answer(script, result(7))
    found = fetch(account)
    assert len(found) == 501
    assert [one.points[0].at_s for one in (found[0], found[499], found[500])] == [START_S, START_S, START_S + 420]


def test_no_account_id_of_a_label_or_a_message_is_kept(account, script):
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    show(script, [*DURATION[:4], {"label": f"of {arn}"}])
    answer(script, result(status="Forbidden", messages=(f"{arn} is not yours",), Label=f"of {arn}"))
    (series,) = fetch(account)
    assert "123456789012" not in f"{series.label} {series.points}"


def test_a_dashboard_that_cannot_be_read_is_an_aws_error(account, script):
    script.add_response("get_dashboard", {"DashboardBody": "{}"}, {"DashboardName": "d"})
    with pytest.raises(AwsError, match="dashboard d cannot be read"):
        fetch(account)


def test_a_denied_action_is_named(account, script):
    show(script, DURATION)
    script.add_client_error("get_metric_data", "AccessDenied", "no", 403)
    with pytest.raises(AwsError, match="cloudwatch:GetMetricData failed: AWS denied it"):
        fetch(account)


@pytest.mark.parametrize(
    ("ago_s", "length_s", "period_s"),
    [
        (1800, 1800, 60),
        (2 * 3600, 2 * 3600, 60),
        (DAY_S, DAY_S, 900),
        (7 * DAY_S, 7 * DAY_S, 3600),
        (16 * DAY_S, 1800, 300),  # minutes are kept for 15 days
        (64 * DAY_S, 1800, 3600),  # and five minutes for 63
    ],
)
def test_the_period_suits_the_window_and_what_cloudwatch_still_has(ago_s, length_s, period_s):
    start_s = END_S - ago_s
    assert period_for(start_s, start_s + length_s, now_s=END_S) == period_s


@given(st.integers(60, 455 * DAY_S), st.integers(0, 400 * DAY_S))
def test_one_call_of_500_metrics_never_needs_more_points_than_it_may_have(length_s, ago_s):
    end_s = END_S - ago_s
    period_s = period_for(end_s - length_s, end_s, now_s=END_S)
    assert period_s % 60 == 0
    assert length_s / period_s <= 200 or period_s == DAY_S


@pytest.mark.parametrize(
    ("namespace", "name", "stat", "expected"),
    [
        ("AWS/Lambda", "Duration", "p99", ("seconds", 1e-3)),
        ("AWS/Lambda", "Duration", "SampleCount", ("count", 1.0)),
        ("AWS/Lambda", "Invocations", "Sum", ("count", 1.0)),
        ("resnet-bench", "MemoryUsed", "Maximum", ("bytes", 1024.0**2)),
        ("resnet-bench", "MemoryUtilisation", "Maximum", ("percent", 0.01)),
        ("resnet-bench/mine", "InitDuration", "Average", ("seconds", 1e-3)),
        ("somebody/else", "Duration", "Average", ("number", 1.0)),
    ],
)
def test_units_are_known_by_name(namespace, name, stat, expected):
    assert conversion(namespace, name, stat) == expected
