"""``report`` as a user runs it: several results on one page, a summary, raw samples, and what goes wrong."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from factories import make_run, make_sample, make_samples
from html_page import parsed
from program import run
from reports import disagreeing, one_side
from resnet_bench.report import page_of
from resnet_bench.results.run import Run


def save(folder: Path, name: str, made: Run) -> None:
    (folder / name).write_bytes(msgspec.json.encode(made))


# Its costs and traffic are not simulated, which takes seconds: one test below does that with a whole comparison.
WARM = make_run(samples=make_samples(runs=8, cold=0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path, "local.json", one_side("local", tuple(make_sample(pair=pair) for pair in range(8)), runs=8))
    save(tmp_path, "compare.json", WARM)
    return tmp_path


def test_several_results_stand_on_one_page_comparisons_first(folder: Path) -> None:
    done = run("report", "local.json", "compare.json", "-o", "all.html", cwd=folder)
    assert done.code == 0, done.err
    assert done.out == ""
    assert "HTML: all.html (4." in done.err.splitlines()[-1]
    root = parsed((folder / "all.html").read_text(encoding="utf-8"))
    titles = [one.text() for one in root.all("h2")]
    assert [title.split(",")[0] for title in titles[1:]] == ["resnet-bench compare", "resnet-bench local"]
    assert titles[0] == "Verdict"
    assert page_of(WARM).verdict in root.text()
    assert "from local.json, measured at 2026-11-22" in root.text()


def test_a_comparison_brings_its_costs_with_a_plot_and_without_a_place_the_page_is_report_html(tmp_path: Path) -> None:
    save(tmp_path, "compare.json", make_run(samples=make_samples(runs=8)))
    assert run("report", "compare.json", "-q", cwd=tmp_path).err == ""
    root = parsed((tmp_path / "report.html").read_text(encoding="utf-8"))
    headings = [one.text() for level in ("h2", "h3") for one in root.all(level)]
    assert {"Cost of a month", "Break-even", "Bills"} <= set(headings)
    assert "onnx: Lambda against c7i.large" in root.text()


def test_a_comparison_without_cold_starts_brings_no_costs(folder: Path) -> None:
    assert run("report", "compare.json", "-q", cwd=folder).code == 0
    assert "Cost of a month" not in (folder / "report.html").read_text(encoding="utf-8")


def test_a_summary_can_be_printed_and_nothing_else_is_then_written(folder: Path) -> None:
    done = run("report", "compare.json", "--markdown", "-", "--quiet", cwd=folder)
    assert done.code == 0
    assert done.out.startswith("## resnet-bench compare, torch and onnx")
    assert {one.name for one in folder.iterdir()} == {"local.json", "compare.json"}


def test_summary_and_samples_go_into_their_files(folder: Path) -> None:
    done = run("report", "compare.json", "local.json", "--markdown", "r.md", "--csv", "r.csv", cwd=folder)
    assert done.code == 0, done.err
    assert (folder / "r.md").read_text(encoding="utf-8").count("\n## ") == 1
    with (folder / "r.csv").open(newline="") as file:
        names = [row["result"] for row in csv.DictReader(file)]
    assert set(names) == {"compare.json", "local.json"}
    assert not (folder / "report.html").exists()


def test_results_of_one_name_are_told_apart_by_their_folders(folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        save(folder / name, "run.json", make_run(samples=make_samples(runs=1, cold=0, warmup=0)))
    assert run("report", "a/run.json", "b/run.json", "--csv", "r.csv", cwd=folder).code == 0
    with (folder / "r.csv").open(newline="") as file:
        assert {row["result"] for row in csv.DictReader(file)} == {"a/run.json", "b/run.json"}


def test_sides_that_disagree_get_their_report_and_an_exit_code(tmp_path: Path) -> None:
    save(tmp_path, "run.json", disagreeing())
    done = run("report", "run.json", cwd=tmp_path)
    assert done.code == 4
    assert done.error().startswith("the sides disagree on 1 pairs")
    assert "No verdict" in parsed((tmp_path / "report.html").read_text(encoding="utf-8")).text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.json",), "cannot read none.json"),
        (("compare.json", "-o", "no/r.html"), "the HTML file could not be saved to no/r.html"),
        (("compare.json", "--csv", "no/r.csv"), "the CSV file could not be saved to no/r.csv"),
        (("compare.json", "--markdown", "no/r.md"), "the Markdown file could not be saved to no/r.md"),
    ],
)
def test_what_cannot_be_read_or_written_ends_with_one_line(
    folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = run("report", *arguments, cwd=folder)
    assert done.code == 5
    assert done.error().startswith(message)
    assert not (folder / "report.html").exists()
