"""Which side does what is asked at the least cost, and where that changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories import make_run
from resnet_bench.analysis.cost import Terms, lambda_month, requests_a_month
from resnet_bench.analysis.objective import parse
from resnet_bench.analysis.traffic.asked import Asked, lambda_bill
from resnet_bench.analysis.traffic.patterns import Steady, pattern
from resnet_bench.analysis.traffic.plan import Planner, keeps
from resnet_bench.analysis.workload import Workload, workloads
from resnet_bench.prices.costs import total
from resnet_bench.prices.servers import instance
from resnet_bench.prices.table import packaged

PRICES = packaged(None)
SERVER = instance(PRICES, "c7i.large")


@pytest.fixture(scope="module")
def workload() -> Workload:
    return next(one for one in workloads(make_run()) if one.engine == "onnx")


def planner(workload: Workload, **asked: object) -> Planner:
    return Planner(workload, PRICES, SERVER, Asked(**asked), lambda rate: Steady(rate, 20_000 / rate))  # type: ignore[arg-type]


def test_the_choice_changes_where_the_costs_cross(workload: Workload) -> None:
    made = planner(workload).plan((0.01, 30.0))
    (change,) = [one for one in made.changes if one.what == "choice"]
    assert (change.before, change.after) == ("lambda", "server")
    below, above = planner(workload).point(change.rate * 0.7), planner(workload).point(change.rate * 1.4)
    assert below.lambda_usd < below.servers_usd
    assert above.lambda_usd > above.servers_usd


def test_simulated_cost_is_the_calculated_one_where_both_know_it(workload: Workload) -> None:
    """Of steady traffic, ``cost`` knows the cold share by a formula, and ``plan`` by simulation."""
    rate = 1 / 600
    point = planner(workload, days=365 / 12).point(rate)
    calculated = float(total(lambda_month(workload, PRICES, requests_a_month(rate), Terms())))
    assert point.lambda_usd == pytest.approx(calculated, rel=0.05)
    lines = {cost.what for cost in lambda_bill(workload, PRICES, point.on_lambda, rate, 30)}
    assert lines == {cost.what for cost in lambda_month(workload, PRICES, 1000)}


def test_the_fewest_servers_that_keep_an_objective_are_found(workload: Workload) -> None:
    objective = parse("p99=100ms")
    rate = 60.0
    found = planner(workload, objective=objective).point(rate)
    count = round(found.count)
    assert found.servers_keep
    assert not planner(workload, objective=objective, servers=count - 1).point(rate).servers_keep


def test_an_objective_below_every_measured_call_is_not_searched_for(workload: Workload) -> None:
    point = planner(workload, objective=parse("p99=1ms")).point(5.0)
    assert (point.lambda_keeps, point.servers_keep, point.winner) == (False, False, "neither")


def test_a_side_that_refuses_does_not_keep_anything(workload: Workload) -> None:
    crowded = planner(workload, concurrency_limit=1).point(50.0)
    assert crowded.on_lambda.refused.value > 0.5
    assert not crowded.lambda_keeps
    assert crowded.winner == "server"
    assert not keeps(crowded.on_lambda, parse("p50=10s"))


def test_images_above_the_payload_limit_are_refused_by_lambda_alone(workload: Workload) -> None:
    half = replace(workload, upload_bytes=(1_000_000, 7_000_000))
    point = planner(half).point(1.0)
    assert point.on_lambda.refused.value == pytest.approx(0.5, abs=0.03)
    assert point.on_servers.refused.value == 0


def test_office_hours_cost_servers_nights_and_weekends_unless_they_scale(workload: Workload) -> None:
    def at(servers: str) -> float:
        asked = Asked(servers=servers)  # type: ignore[arg-type]
        made = Planner(workload, PRICES, SERVER, asked, lambda rate: pattern("office-hours", rate))
        return made.point(40.0).servers_usd

    assert at("scaling") < 0.9 * at("auto")
