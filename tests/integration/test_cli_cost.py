"""``cost`` as a process: from a saved result, with what is missing named."""

from __future__ import annotations

import json
from dataclasses import replace as changed
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from factories import make_run
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


def test_a_page_for_browsers_is_written(tmp_path: Path, result: Path) -> None:
    done = run("cost", str(result), "-q", "--html", "cost.html", cwd=tmp_path)
    assert done.code == 0
    assert "break-even" in (tmp_path / "cost.html").read_text()


def test_kept_prices_are_used_and_said_whose_they_are(tmp_path: Path, result: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    keep(changed(packaged(None), region="eu-west-1", notice="AWS's price list for eu-west-1, read 2026-11-24"), cache)
    done = run("cost", str(result), cwd=tmp_path, env={"RESNET_BENCH_CACHE": str(cache)})
    assert "price list for eu-west-1, read" in done.out


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (("--requests-per-month", "0"), 2, "--requests-per-month is 0"),
        (("--requests-per-month", "-1e6"), 2, "--requests-per-month is -1e6"),
        (("--requests-per-month", "many"), 2, "--requests-per-month is many"),
        (("--instance", "z9.huge"), 2, "--refresh-prices --instance z9.huge"),
        (("--engine", "tf"), 2, "no engine 'tf'"),
        (("--own-price", "-1"), 2, "--own-price is -1"),
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


def test_without_any_result_the_command_to_run_first_is_named(tmp_path: Path) -> None:
    done = run("cost", cwd=tmp_path)
    assert done.code == 5
    assert "resnet-bench compare" in done.err
