"""What to choose: the sentence, its condition, and what it stands on."""

from __future__ import annotations

import dataclasses
import re

import pytest
from msgspec.structs import replace

from factories import make_deployment, make_enforcement, make_run, make_samples
from reports import rows
from resnet_bench.analysis.objective import parse
from resnet_bench.prices.table import packaged
from resnet_bench.report import page_of
from resnet_bench.report.advised import advice_for, advice_sentence, advice_table
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

PRICES = packaged(None)


def said(run: Run, *objectives: str) -> str:
    """The first sentence of the verdict: up to the sources in brackets."""
    verdict = page_of(run, objectives=tuple(map(parse, objectives))).verdict
    return verdict.partition(" (list prices")[0]


def test_it_names_the_rate_the_first_answer_the_size_and_the_engine() -> None:
    assert re.fullmatch(
        r"Under about [\d,]+ requests an hour, and if a first answer after 3\.[12] s is acceptable, take Lambda with "
        r"1024 MB and the onnx engine; above it, one c7i\.large with onnx",
        said(make_run()),
    )


def test_it_says_what_is_emulated_assumed_and_from_a_price_list() -> None:
    verdict = page_of(make_run()).verdict
    assert "(list prices of us-east-1; an emulated Lambda; servers taken to be as fast as this machine)" in verdict
    real = make_run(deployment=make_deployment(kind="aws", enforcement=make_enforcement("lambda")))
    assert "emulated" not in page_of(real).verdict


def test_the_condition_is_where_the_costs_cross() -> None:
    advice = advice_for(make_run(), PRICES)
    assert not isinstance(advice, Skipped)
    rate = advice.crossing.first_rate
    assert rate is not None
    hourly = float(re.sub(r"[^\d.]", "", said(make_run()).partition(" requests")[0]))
    assert hourly == pytest.approx(rate * 3600, rel=0.05), "two digits of it"


def test_where_servers_are_cheaper_for_good_only_later_that_is_said() -> None:
    advice = advice_for(make_run(), PRICES)
    assert not isinstance(advice, Skipped)
    first = 2.0
    for rate, again in ((first, ""), (2 * first, ", Lambda is cheaper again, up to about 14,000)")):
        crossing = dataclasses.replace(advice.crossing, winner=None, first_rate=first, rate=rate)
        told = advice_sentence(dataclasses.replace(advice, crossing=crossing), PRICES)
        assert told.startswith("Under about 7,200 requests an hour")
        assert (again in told) if again else ("again" not in told)


def test_a_side_that_alone_keeps_the_objective_is_taken_at_any_rate() -> None:
    run = make_run()
    assert said(run, "p95=60ms") == "Take one c7i.large with onnx, since Lambda misses p95=60ms"
    faster = make_run(samples=make_samples(local_s=0.4, remote_s=0.1))
    only = said(faster, "p95=200ms")
    assert only.startswith(
        "Take Lambda with 1024 MB and the onnx engine, since only it keeps p95=200ms, and if a first"
    )
    neither = said(run, "p95=1ms", "p99=2ms")
    assert neither.startswith("Neither side keeps p95=1ms and p99=2ms: take a faster machine")


def test_objectives_that_both_sides_keep_change_nothing() -> None:
    assert said(make_run(), "p95=2s") == said(make_run())


@pytest.mark.parametrize(
    ("run", "why"),
    [
        (
            make_run(samples=make_samples(cold=0)),
            "no cold start of torch on Lambda (measure some first: resnet-bench",
        ),
        (make_run(deployment=make_deployment(enforcement=make_enforcement("none"))), "CPU was not limited"),
    ],
    ids=["no cold start", "not limited"],
)
def test_where_there_is_no_ground_for_advice_it_says_what_is_missing(run: Run, why: str) -> None:
    page = page_of(run)
    assert why in page.verdict.partition("What to choose is left open: ")[2]
    assert "choice" not in [table.name for table in page.tables]


def test_the_table_has_figures_of_every_engine_in_place_of_opinions() -> None:
    run = make_run()
    advice = advice_for(run, PRICES)
    assert not isinstance(advice, Skipped)
    found = rows(advice_table(advice, run, PRICES))
    assert [row["what"] for row in found if row["server"] == ""] == ["performance", "cost", "scalability"] * 2
    warm = next(row for row in found if row["what"] == "warm call, p50")
    assert warm["lambda"] > warm["server"]
    assert re.fullmatch(r"server, \d\.\d to \d\.\d x", warm["better"])
    idle = next(row for row in found if row["what"] == "a month without a call")
    assert idle["lambda"] < 1 < idle["server"]
    assert idle["better"] == "Lambda"


def test_no_advice_is_given_of_a_run_whose_sides_disagree() -> None:
    run = make_run()
    last = run.samples[-1]
    assert not isinstance(last.outcome, Skipped)
    wrong = replace(last, outcome=replace(last.outcome, predictions=last.outcome.predictions[::-1]))
    page = page_of(replace(run, samples=(*run.samples[:-1], wrong)))
    assert page.verdict.startswith("No verdict: the two sides classify differently")
    assert "choice" not in [table.name for table in page.tables]
