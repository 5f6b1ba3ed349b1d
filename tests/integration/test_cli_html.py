"""``show --html`` as a user runs it: the report stands beside what is printed, or a line says why not."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from factories import make_run
from html_page import parsed
from program import run
from reports import disagreeing
from resnet_bench.report import page_of


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_bytes(msgspec.json.encode(make_run()))
    return path


def test_the_report_is_written_beside_the_tables_and_named_on_standard_error(saved: Path) -> None:
    plain, done = (run("show", saved, *more, cwd=saved.parent) for more in ((), ("--html", "report.html")))
    assert done.code == 0, done.err
    assert done.out == plain.out
    assert done.err.splitlines() == ["HTML: report.html"]
    page = parsed((saved.parent / "report.html").read_text(encoding="utf-8"))
    assert page_of(make_run()).verdict in page.text()
    assert sorted(path.name for path in saved.parent.iterdir()) == ["report.html", "run.json"]


def test_sides_that_disagree_still_get_their_report(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(disagreeing()))
    done = run("show", "run.json", "--html", "report.html", cwd=tmp_path)
    assert done.code == 4
    assert "No verdict" in parsed((tmp_path / "report.html").read_text(encoding="utf-8")).text()


def test_a_report_that_cannot_be_written_ends_with_one_line(saved: Path) -> None:
    done = run("show", saved, "--html", "missing/report.html", cwd=saved.parent)
    assert done.code == 5
    assert done.error().startswith("the HTML report could not be saved to missing/report.html: No such file")
    assert "mkdir -p missing" in done.err
