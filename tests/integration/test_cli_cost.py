"""``cost`` as a process: from a saved result, with what is missing named."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace as changed
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from factories import make_deployment, make_enforcement, make_run
from program import run
from resnet_bench.prices.kept import keep
from resnet_bench.prices.table import packaged


@pytest.fixture
def result(tmp_path: Path) -> Path:
    path = tmp_path / "results" / "compare.json"
    path.parent.mkdir()
    path.write_bytes(msgspec.json.encode(make_run()))
    return path


def test_the_newest_result_is_taken_and_every_line_fits_80_columns(tmp_path: Path, result: Path) -> None:
    done = run("cost", cwd=tmp_path, env={"COLUMNS": "80"})
    assert done.code == 0
    assert "compare.json" in done.err
    assert "servers are, from" in done.out
    assert max(map(len, done.out.splitlines())) <= 80


def test_one_document_for_machines(tmp_path: Path, result: Path) -> None:
    asked = ("--json", "-q", "--requests-per-month", "2e6", "--engine", "onnx", "--own-price", "900")
    done = run("cost", str(result), *asked, cwd=tmp_path)
    (comparison,) = json.loads(done.out)["result"]["comparisons"]
    assert (comparison["engine"], comparison["server"]["name"]) == ("onnx", "your machine")
    assert [month["requests"] for month in comparison["months"]] == [2e6]


def test_a_month_can_be_checked_by_hand_from_the_lines_printed(tmp_path: Path, result: Path) -> None:
    """Every quantity as printed times its price as printed is the amount as printed; together they are the month."""
    asked = ("--requests-per-month", "1234567", "--engine", "onnx", "--own-price", "899", "--watts", "45")
    done = run("cost", str(result), *asked, cwd=tmp_path, env={"COLUMNS": "80"})
    bills = done.out.partition("Bills of")[2].partition("\nLambda: emulated")[0]
    sums: list[Decimal] = []
    amounts: list[Decimal] = []
    for line in bills.splitlines():
        if line.startswith("  together"):
            sums.append(_decimal(line.split()[-1]))
            assert abs(sum(amounts) - sums[-1]) <= Decimal("0.005") * (len(amounts) + 1)
            amounts = []
        elif found := re.fullmatch(r"  \S.*?  +([\d.,]+)  \S.*?  +([\d.,]+) +([\d.,]+)", line):
            quantity, price, usd = map(_decimal, found.groups())
            assert abs(quantity * price - usd) <= Decimal("0.005") + usd / 100_000
            amounts.append(usd)
    # By hand: 899 dollars over 48 months, and 45 W over 730 hours at 0.25 a kWh.
    assert sums[1] == (Decimal(899) / 48 + Decimal("0.045") * 730 / 4).quantize(Decimal("0.01"))
    verdict = " ".join(done.out.partition("Verdict\n")[2].split())
    assert f"1,234,567 requests a month cost {sums[0]} USD on Lambda" in verdict
    assert f"and {sums[1]} USD on your machine" in verdict


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def test_a_page_for_browsers_is_written(tmp_path: Path, result: Path) -> None:
    done = run("cost", str(result), "-q", "--html", "cost.html", cwd=tmp_path)
    assert done.code == 0
    assert "servers are cheaper from" in (tmp_path / "cost.html").read_text()


@pytest.mark.parametrize("command", ["cost", "show"])
def test_kept_prices_are_used_and_said_whose_they_are(command: str, tmp_path: Path, result: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    keep(changed(packaged(None), region="eu-west-1", notice="AWS's price list for eu-west-1, read 2026-11-24"), cache)
    done = run(command, str(result), cwd=tmp_path, env={"RESNET_BENCH_CACHE": str(cache)})
    assert "AWS's price list for eu-west-1, read" in done.out
    assert "(list prices of eu-west-1; an emulated Lambda;" in " ".join(done.out.split())


def test_a_result_of_explain_will_do(tmp_path: Path, result: Path) -> None:
    whole = make_run()
    result.write_bytes(msgspec.json.encode(replace(whole, settings=replace(whole.settings, command="explain"))))
    assert run("cost", "-q", cwd=tmp_path).out.startswith("With torch, 1024 MB of Lambda costs less than c7i.large")


def test_an_environment_that_is_dropped_sooner_starts_cold_more_often(tmp_path: Path, result: Path) -> None:
    asked = ("--json", "-q", "--engine", "onnx", "--requests-per-month", "2628", "--keep-alive")
    shares = []
    for minutes in ("1000", "10"):
        document = json.loads(run("cost", str(result), *asked, minutes, cwd=tmp_path).out)
        shares.append(document["result"]["comparisons"][0]["months"][0]["cold_share"])
        assert document["result"]["terms"]["keep_alive_s"] == float(minutes) * 60
    # 2628 a month are one in 1000 s.
    assert shares == [pytest.approx(math.exp(-60)), pytest.approx(math.exp(-0.6))]


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("--requests-per-month", "0"), 2, "--requests-per-month is 0"),
        (("--requests-per-month", "-1e6"), 2, "--requests-per-month is -1e6"),
        (("--requests-per-month", "many"), 2, "--requests-per-month is many"),
        (("--instance", "z9.huge"), 2, "--refresh-prices --instance z9.huge"),
        (("--engine", "tf"), 2, "no engine 'tf'"),
        (("--own-price", "-1"), 2, "--own-price is -1"),
        (("--watts", "45"), 2, "add --own-price"),
        (("--keep-alive", "0"), 2, "--keep-alive"),
        (("--refresh-prices", "--profile", "nobody"), 4, "nobody"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(tmp_path: Path, result: Path, asked, code: int, said: str) -> None:
    done = run("cost", str(result), *asked, cwd=tmp_path)
    assert done.code == code
    assert said in done.err
    assert done.out == ""


def test_a_result_without_cold_starts_says_how_to_measure_some(tmp_path: Path, result: Path) -> None:
    whole = make_run()
    warm = replace(whole, samples=tuple(one for one in whole.samples if one.phase != "cold"))
    result.write_bytes(msgspec.json.encode(warm))
    done = run("cost", str(result), cwd=tmp_path)
    assert done.code == 5
    assert "--cold" in done.err


def test_a_lambda_that_was_held_to_nothing_has_no_costs(tmp_path: Path, result: Path) -> None:
    free = make_run(deployment=make_deployment(enforcement=make_enforcement("none")))
    result.write_bytes(msgspec.json.encode(free))
    done = run("cost", str(result), cwd=tmp_path)
    assert done.code == 5
    assert "CPU was not limited" in done.error()


def test_without_any_result_the_command_to_run_first_is_named(tmp_path: Path) -> None:
    done = run("cost", cwd=tmp_path)
    assert done.code == 5
    assert "resnet-bench compare" in done.err
