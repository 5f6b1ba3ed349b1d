"""The page of ``cost``: figures marked as calculated, assumptions printed, bills that add up."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from factories import make_run, make_samples
from resnet_bench import report
from resnet_bench.analysis.cost import Terms, side_by_side
from resnet_bench.analysis.workload import workloads
from resnet_bench.prices.servers import instance, own_machine
from resnet_bench.prices.table import packaged
from resnet_bench.report.costed import cost_page
from resnet_bench.results.run import Run

PRICES = packaged("us-east-1")
OWN = own_machine(price_usd=900, watts=45, life_years=4, kwh_usd=0.25, vcpus=24)


def page_of(run: Run, terms: Terms | None = None, server=None) -> report.Page:
    terms = terms or Terms()
    servers = [server] if server else [instance(PRICES, "c7i.large"), OWN]
    found = [side_by_side(one, PRICES, each, [1e4, 1e6, 1e8], terms) for one in workloads(run) for each in servers]
    return cost_page(run, PRICES, found, terms)


def text_of(page: report.Page) -> str:
    notes = [note for table in page.tables for note in (*(one.text for one in table.captions), *table.notes)]
    return "\n".join([*page.headline, *notes, page.verdict])


def test_every_engine_stands_against_every_server_with_a_break_even_and_its_interval() -> None:
    page = page_of(make_run())
    months, crossings, _ = page.tables
    assert {row.group for row in months.rows} == {
        f"{engine}, {name}" for engine in ("torch", "onnx") for name in ("c7i.large", "your machine")
    }
    assert len(crossings.rows) == 4
    names = [column.name for column in crossings.columns]
    for row in crossings.rows:
        cells = dict(zip(names, row.cells, strict=True))
        assert cells["per_hour_interval"].low <= cells["per_hour"] <= cells["per_hour_interval"].high
        assert cells["first_per_hour"] <= cells["per_hour"] == pytest.approx(cells["per_month"] / 730)


@pytest.mark.parametrize(
    "said",
    [
        "list prices of us-east-1, read in November 2026",
        "as fast as this machine",
        "used to 60% on average",
        "lives 10 minutes",
        "free tier is not taken off",
        "No bill was seen: all is calculated",
        "Lambda: emulated",
        "billed time in Lambda's REPORT lines",
    ],
)
def test_what_is_assumed_or_from_a_price_list_is_said(said: str) -> None:
    assert said in text_of(page_of(make_run()))


def test_the_terms_that_were_asked_for_are_said() -> None:
    said = text_of(page_of(make_run(), Terms(free_tier=True, traced_share=0.0)))
    assert "free tier is taken off: 1,000,000 requests and 400,000 GB-s of the account." in said
    assert "X-Ray records 0% of the calls" in said


def test_the_bills_add_up_and_lambdas_is_there_once() -> None:
    page = page_of(make_run())
    comparison = page.record["comparisons"][0]["months"][1]
    for side in ("lambda", "servers"):
        items = comparison[side]["items"]
        assert sum(float(one["quantity"]) * float(one["price"]) for one in items) == pytest.approx(
            float(comparison[side]["usd"])
        )
    groups = [row.group for row in page.tables[-1].rows if row.cells[0] == "Lambda, time"]
    assert groups == ["torch, Lambda", "onnx, Lambda"]


def test_the_document_is_json_with_the_terms() -> None:
    document = json.loads(report.page_document(page_of(make_run())))
    assert document["result"]["terms"]["keep_alive_s"] == 600
    assert document["result"]["prices"]["region"] == "us-east-1"


def test_the_verdict_names_the_side_that_always_wins() -> None:
    free = own_machine(price_usd=0, watts=0, life_years=1, kwh_usd=0, vcpus=24)
    assert "costs more than your machine at any rate" in page_of(make_run(), server=free).verdict
    dear = own_machine(price_usd=10_000_000, watts=0, life_years=1, kwh_usd=0, vcpus=1)
    assert "costs less than your machine at any rate" in page_of(make_run(), server=dear).verdict
    for server, where in ((free, ("never", "at any rate")), (dear, ("at any rate", "never"))):
        assert [row.cells[1:3] for row in page_of(make_run(), server=server).tables[1].rows] == [where] * 2


def test_each_comparison_has_a_plot_told_in_words_with_its_break_even() -> None:
    figures = [figure for section in page_of(make_run()).sections for figure in section.figures]
    assert len(figures) == 4
    for figure in figures:
        assert [trace["name"] for trace in figure.traces][-1] == "servers are cheaper from"
        assert "they break even at" in figure.description
        at = [trace["x"][0] for trace in figure.traces[2:]]
        assert at == sorted(at)
        assert all(10 < requests < figure.traces[0]["x"][-1] for requests in at)
        assert figure.layout["xaxis"]["type"] == figure.layout["yaxis"]["type"] == "log"


def test_between_its_two_marks_neither_side_of_the_plot_is_always_lower() -> None:
    run = make_run(samples=make_samples(local_s=0.3, remote_s=0.32))
    (figure,) = (
        figure
        for section in page_of(run, server=instance(PRICES, "c7i.large")).sections
        for figure in section.figures
        if figure.title.startswith("onnx")
    )
    function, servers, first, last = figure.traces
    dearer = {x: here > there for x, here, there in zip(function["x"], function["y"], servers["y"], strict=True)}
    assert not any(more for x, more in dearer.items() if x < first["x"][0])
    assert all(more for x, more in dearer.items() if x > last["x"][0])
    assert any(before and not after for before, after in pairwise(dearer.values())), "cheaper again beyond a step"


def test_one_sentence_holds_all_comparisons_and_what_they_stand_on() -> None:
    verdict = page_of(make_run()).verdict
    assert verdict.count("; with ") == 3
    assert verdict.endswith(
        "(list prices of us-east-1; an emulated Lambda; servers taken to be as fast as this machine)."
    )
