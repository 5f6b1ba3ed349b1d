"""A dashboard's JSON to the metrics that it draws: full form, shorthand, what only the console draws, garbage."""

import itertools
import json
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.metrics.dashboards import Metric, Undrawn, console_url, metrics_of
from resnet_bench.aws.metrics.units import conversion

REGION = "eu-west-1"


def widget(*metrics, kind="metric", **properties):
    return {"type": kind, "properties": {"title": "T", **properties, **({"metrics": metrics} if metrics else {})}}


def read(*widgets):
    return metrics_of(json.dumps({"widgets": widgets}), REGION)


def metric(name="Duration", stat="Average", label=None, dimensions=(("FunctionName", "f"),)):
    return Metric("T", label, "AWS/Lambda", name, dimensions, stat)


def test_a_metric_is_read_with_its_options():
    full = ["AWS/Lambda", "Duration", "FunctionName", "f", {"stat": "p90", "label": "slow"}]
    assert read(widget(full)) == (metric(stat="p90", label="slow"),)


def test_options_of_the_widget_stand_for_those_that_a_line_does_not_give():
    lines = (
        ["AWS/Lambda", "Errors", "FunctionName", "f"],
        ["AWS/Lambda", "Duration", "FunctionName", "f", {"stat": "p99"}],
    )
    assert read(widget(*lines, stat="Sum")) == (metric("Errors", "Sum"), metric(stat="p99"))


def test_without_any_statistic_it_is_the_average():
    assert read(widget(["AWS/Lambda", "Duration"])) == (metric(dimensions=()),)


def test_a_dot_repeats_the_field_of_the_metric_before_and_three_all_that_come_first():
    lines = (
        ["AWS/Lambda", "Duration", "FunctionName", "f", {"stat": "p50"}],
        [".", "Errors", ".", "."],
        ["...", "g"],
        ["...", {"stat": "Sum"}],
    )
    others = (("FunctionName", "g"),)
    assert read(widget(*lines)) == (
        metric(stat="p50"),
        metric("Errors"),
        metric("Errors", dimensions=others),
        metric("Errors", "Sum", dimensions=others),
    )


def test_an_expression_is_not_drawn_and_the_shorthand_after_it_refers_to_the_metric_before_it():
    lines = (
        ["AWS/Lambda", "Errors", "FunctionName", "f", {"id": "e"}],
        [{"expression": "100 * e", "label": "rate"}],
        [".", "Duration", ".", "."],
    )
    first, rate, last = read(widget(*lines))
    assert (first, last) == (metric("Errors"), metric())
    assert isinstance(rate, Undrawn)
    assert rate.label == "rate"
    assert "expression" in rate.reason


def test_hidden_lines_are_left_out():
    assert read(widget(["AWS/Lambda", "Errors", {"visible": False}])) == ()


@pytest.mark.parametrize("options", [{"region": "us-east-1"}, {"accountId": "123456789012"}])
def test_what_is_of_another_region_or_account_is_not_asked_for(options):
    (found,) = read(widget(["AWS/Lambda", "Errors", options]))
    assert isinstance(found, Undrawn)
    assert REGION in found.reason
    assert "123456789012" not in found.reason


@pytest.mark.parametrize(
    "line", [["AWS/Lambda"], ["AWS/Lambda", "Errors", "FunctionName"], [".", "."], ["..."], [1, 2], "x"]
)
def test_a_line_of_another_syntax_is_told_and_not_guessed(line):
    (found,) = read(widget(line))
    assert isinstance(found, Undrawn)


def test_a_log_widget_is_told_and_a_text_is_not():
    (found,) = read(widget(kind="log", query="fields @message"), widget(kind="text", markdown="# T"))
    assert (found.title, found.label) == ("T", "log")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"widgets": 3}', "[" * 100_000])
def test_what_is_no_dashboard_is_a_value_error(body):
    with pytest.raises(ValueError):  # noqa: PT011 - json's own message or this module's
        metrics_of(body, REGION)


names = st.sampled_from(["a", "b", "c"])
metrics = st.builds(
    lambda ns, name, pairs: [ns, name, *(field for pair in pairs for field in pair)],
    names,
    names,
    st.lists(st.tuples(names, names), max_size=2),
)


@given(st.lists(metrics, min_size=1, max_size=5), st.data())
def test_every_way_to_shorten_a_metric_means_the_metric(lines, data):
    short = [lines[0]]
    for before, line in itertools.pairwise(lines):
        same = [index < len(before) and before[index] == field for index, field in enumerate(line)]
        kept = data.draw(st.lists(st.booleans(), min_size=len(line), max_size=len(line)))
        dotted = ["." if equal and shorten else field for field, equal, shorten in zip(line, same, kept, strict=True)]
        rest = len(line) - (same.index(False) if False in same else len(line))
        ellipsis = len(before) == len(line) and data.draw(st.booleans())
        short.append(["...", *line[len(line) - rest :]] if ellipsis else dotted)
    assert read(widget(*short)) == read(widget(*lines))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["metric", "log", ".", "..."]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "metrics", "title", "label", "stat"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@given(st.lists(json_values, max_size=4))
def test_no_widget_of_whatever_content_stops_the_reader(widgets):
    for found in metrics_of(json.dumps({"widgets": widgets}), REGION):
        assert isinstance(found, Metric | Undrawn)


def test_every_metric_of_our_own_dashboard_is_drawn_in_a_unit_that_is_known():
    text = resources.files("resnet_bench.aws.stack").joinpath("template.yaml").read_text(encoding="utf-8")
    body = text.split("DashboardBody: !Sub |\n", 1)[1].split("\n\nOutputs:", 1)[0]
    found = metrics_of(body.replace("${AWS::Region}", REGION).replace("${", "{"), REGION)
    assert len(found) > 10
    for one in found:
        assert isinstance(one, Metric)
        assert conversion(one.namespace, one.name, one.stat)[0] != "number", one


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_the_console_is_that_of_the_regions_partition(region, host):
    expected = f"https://{host}/cloudwatch/home?region={region}#dashboards/dashboard/resnet-bench-{region}"
    assert console_url(region, f"resnet-bench-{region}") == expected


def test_a_name_with_odd_characters_cannot_change_the_address():
    assert console_url("eu-west-1", "a b/#?").endswith("/dashboard/a%20b%2F%23%3F")
