"""A table of samples opened in a spreadsheet: no text of others is a formula there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from msgspec.structs import replace

from factories import make_run, make_samples
from resnet_bench.report.csv import write_csv
from resnet_bench.results.records import Failed


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_stays_text(begin: str, tmp_path: Path) -> None:
    hostile = f'{begin}cmd|"/c calc"!A1'
    first, second, *rest = make_samples(runs=3, warmup=0, cold=0)
    samples = (
        replace(first, image=hostile),
        replace(second, outcome=Failed(error="HttpError", message=hostile)),
        *rest,
    )
    write_csv({hostile: make_run(samples=samples), "other": make_run(samples=samples)}, tmp_path / "samples.csv")
    with (tmp_path / "samples.csv").open(newline="") as file:
        lines = [*csv.DictReader(file)]
    assert lines[0]["result"] == f"'{hostile}"
    assert lines[0]["image"] == f"'{hostile}"
    assert hostile in lines[1]["failed_message"]
    for cell in (cell for line in lines for cell in line.values()):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_number_below_zero_stays_a_number(tmp_path: Path) -> None:
    samples = tuple(replace(one, pair=-1) for one in make_samples(runs=1, warmup=0, cold=0))
    write_csv({"one": make_run(samples=samples)}, tmp_path / "samples.csv")
    with (tmp_path / "samples.csv").open(newline="") as file:
        assert {line["pair"] for line in csv.DictReader(file)} == {"-1"}
