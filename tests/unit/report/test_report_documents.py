"""Machine output: one JSON document with the raw result, and raw samples as CSV."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pandas as pd
import pytest
from msgspec.structs import replace

from factories import make_failed, make_run, make_sample, make_samples
from resnet_bench.benchmark.diff import diff
from resnet_bench.errors import ResultError
from resnet_bench.report import diff_document, page_document, page_of, write_csv
from resnet_bench.report.csv import COLUMNS, line
from resnet_bench.report.tables import tables_for
from resnet_bench.results.records import Answer
from resnet_bench.results.run import Run


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def test_the_document_holds_the_result_the_tables_and_the_verdict() -> None:
    run = make_run(runs=6)
    found = json.loads(page_document(page_of(run)), parse_constant=refuse)
    assert list(found) == ["result", "tables", "caveats", "verdict"]
    assert msgspec.convert(found["result"], Run) == run
    assert found["verdict"] == page_of(run).verdict
    assert [one["name"] for one in found["tables"]] == [one.name for one in page_of(run).tables]


def test_the_documents_tables_hold_raw_numbers_under_stable_names() -> None:
    run = make_run(runs=6)
    latency = json.loads(page_document(page_of(run)))["tables"][0]
    first, row = latency["rows"][0], tables_for(run)[0].rows[0]
    assert first["group"] == "torch"
    assert first["cells"]["local"] == row.cells[1]
    assert set(first["cells"]["ratio_interval"]) == {"low", "high"}
    assert [column["name"] for column in latency["columns"]] == list(first["cells"])
    kinds = {column["name"]: column["kind"] for column in latency["columns"]}
    assert (kinds["local"], kinds["ratio"]) == ("seconds", "ratio")


def test_numbers_that_json_lacks_become_null() -> None:
    sample = make_sample("remote")
    sample = replace(sample, trace=replace(sample.trace, overhead_s=float("nan"), provisioning_s=float("inf")))
    text = page_document(page_of(make_run(samples=(sample,))))
    trace = json.loads(text, parse_constant=refuse)["result"]["samples"][0]["trace"]
    assert trace["overhead_s"] is None
    assert trace["provisioning_s"] is None


def test_a_comparison_of_two_runs_is_a_document_too() -> None:
    found = json.loads(diff_document(diff(make_run(), make_run())), parse_constant=refuse)
    assert [one["name"] for one in found["tables"]] == ["diff"]
    assert found["tables"][0]["rows"][0]["cells"]["ratio"] == 1
    assert found["unlike"] == []
    assert found["caveats"]


def test_csv_has_a_line_for_every_call_and_comes_back_as_it_was(tmp_path: Path) -> None:
    run = make_run(samples=(*make_samples(runs=4), make_failed(pair=4)))
    write_csv({"": run}, tmp_path / "samples.csv")

    frame = pd.read_csv(tmp_path / "samples.csv")

    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == len(run.samples)
    for position, sample in enumerate(run.samples):
        row = frame.iloc[position]
        assert (row["side"], row["engine"], row["phase"]) == (sample.side, sample.engine, sample.phase)
        if isinstance(sample.outcome, Answer):
            assert row["stage_inference_s"] == sample.outcome.stages.inference_s
            assert row["memory_peak_rss_bytes"] == sample.outcome.memory.peak_rss_bytes
            assert row["top1_name"] == "tabby"
    failed = frame.iloc[-1]
    assert (failed["failed_error"], failed["failed_status"]) == ("HttpError", 502)


def test_what_was_not_measured_is_empty_and_counts_stay_whole(tmp_path: Path) -> None:
    write_csv({"": make_run(samples=(make_sample(), make_sample("remote")))}, tmp_path / "samples.csv")
    header, local, remote = (tmp_path / "samples.csv").read_text().splitlines()
    here, there = (dict(zip(header.split(","), line.split(","), strict=True)) for line in (local, remote))
    assert here["client_total_s"] == here["cgroup_peak_bytes"] == here["stage_json_parse_s"] == ""
    assert there["client_http_status"] == "200"
    assert there["attempts_count"] == "0"
    assert there["client_connect_s"] == ""


def test_samples_of_several_results_are_told_apart_by_the_name_of_theirs(tmp_path: Path) -> None:
    plain = make_run(samples=(make_sample(), make_sample("remote")))
    swept = make_run(samples=(make_sample("remote", variant="512 MB"),))
    write_csv({"a.json": plain, "b.json": swept}, tmp_path / "samples.csv")

    frame = pd.read_csv(tmp_path / "samples.csv", keep_default_na=False)

    assert list(frame.columns) == ["result", *COLUMNS]
    assert list(frame["result"]) == ["a.json", "a.json", "b.json"]
    assert list(frame["variant"]) == ["", "", "512 MB"]


def test_every_numeric_column_says_its_unit() -> None:
    units = ("_s", "_bytes", "_count", "_status")
    # Plain numbers: no unit applies.
    bare = {"pair", "position", "memory_utilisation", "top1_probability"}
    write = {name: value for name, value in _filled().items() if isinstance(value, int | float)}
    without = {name for name, value in write.items() if not name.endswith(units) and not isinstance(value, bool)}
    assert without == bare


def _filled() -> dict[str, object]:
    return line(make_sample("remote", phase="cold")) | line(make_failed())


def test_a_csv_that_cannot_be_written_is_a_result_error(tmp_path: Path) -> None:
    with pytest.raises(ResultError, match="CSV"):
        write_csv({"": make_run(runs=1)}, tmp_path / "missing" / "samples.csv")
