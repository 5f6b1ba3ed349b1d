"""Disks that are full: what was measured is in a file that ``show`` reads, or printed, and the error says where."""

from __future__ import annotations

import json
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from disks import small_disk
from factories import make_run
from program import CAT, PROGRAM, Done, environment, run
from resnet_bench.results.files import load, written
from resnet_bench.results.records import Sample

RANDOM = ("--weights", "random")
FULL = Path("/dev/full")  # a device that takes nothing: ENOSPC, for everyone


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "saved.json"
    path.write_bytes(written(make_run(runs=2)))
    return path


def into(out: Path, err: Path, *arguments: str, cwd: Path) -> int:
    with out.open("w") as stdout, err.open("w") as stderr:
        command = [PROGRAM, *arguments]
        return subprocess.run(command, cwd=cwd, env=environment(), stdout=stdout, stderr=stderr, check=False).returncode


# Python tells of a stream that is not buffered elsewhere: while it is written, and not while it is flushed.
PRINTING = [
    ("show saved.json", ""),
    ("show saved.json --json", "1"),
    ("report saved.json --markdown -", ""),
    ("--help", "1"),
]


@pytest.mark.parametrize(("text", "unbuffered"), PRINTING)
def test_a_full_disk_behind_standard_output_is_no_defect(
    text: str, unbuffered: str, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    err = saved.with_name("err.txt")
    assert into(FULL, err, *text.split(), cwd=saved.parent) == 5
    assert "error: standard output could not be written: No space left on device" in err.read_text()
    assert "Traceback" not in err.read_text()


def test_a_full_disk_behind_standard_error_changes_nothing(saved: Path) -> None:
    out = saved.with_name("out.txt")
    assert into(out, FULL, "show", "saved.json", cwd=saved.parent) == 0
    assert "resnet-bench compare" in out.read_text()
    assert into(out, FULL, "show", "none.json", cwd=saved.parent) == 5


def test_what_is_opened_does_not_get_the_number_of_a_closed_stream(saved: Path) -> None:
    """The page was once opened as number 1, and the tables were printed into it."""
    script = f"'{PROGRAM}' show saved.json --html page.html <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", script], cwd=saved.parent, env=environment(), check=False)
    assert done.returncode == 0
    assert saved.with_name("page.html").read_text().startswith("<!doctype html>")


@pytest.mark.usefixtures("model")
def test_where_the_page_finds_no_room_the_tables_are_printed_and_the_results_safe(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64 << 10):
        done = run("local", CAT, "--html", "disk/page.html", *RANDOM, cwd=tmp_path)
        assert "the HTML report could not be saved to disk/page.html: No space left on device" in done.error()
        assert list((tmp_path / "disk").iterdir()) == []
    assert done.code == 5
    assert "resnet-bench local" in done.out
    (path,) = (tmp_path / "results").iterdir()
    assert f"the results are safe: resnet-bench show results/{path.name}" in done.err
    assert load(path).finished


def measured(folder: Path, size_bytes: int) -> tuple[Done, Path, list[Sample]]:
    """A run whose results have so much room; the file that is left, and its samples with the one that was printed."""
    with small_disk(folder / "results", size_bytes):
        done = run("local", CAT, "--runs", "60", "--limiter", "none", *RANDOM, cwd=folder)
        (path,) = (folder / "results").iterdir()
        samples = list(load(path).samples)
        shown = run("show", path, "--json", cwd=folder)
        assert len(json.loads(shown.out)["result"]["samples"]) == len(samples)
    printed = re.findall(r"^  \| (\{.+)$", done.err, re.MULTILINE)
    return done, path, samples + [msgspec.json.decode(text, type=Sample) for text in printed]


@pytest.mark.usefixtures("model")
def test_a_disk_that_becomes_full_in_the_middle_or_at_the_end_loses_nothing(tmp_path: Path) -> None:
    for name in ("middle", "end"):
        (tmp_path / name).mkdir()
    with ThreadPoolExecutor() as pool:
        middle = pool.submit(measured, tmp_path / "middle", 32 << 10)
        # Room for the journal of 63 samples, of some 1.5 kB each, and not for the document beside it.
        end = pool.submit(measured, tmp_path / "end", 160 << 10)
    done, path, samples = middle.result()
    assert "a sample could not be saved to results/" in done.error()
    assert path.name.endswith(".partial.jsonl")
    assert [sample.pair for sample in samples[3:]] == list(range(len(samples) - 3)), "the last one is printed"
    done, path, samples = end.result()
    assert "the results could not be saved to results/" in done.error()
    assert path.name.endswith(".partial.jsonl")
    assert len(samples) == 63
    for each in (middle.result()[0], done):
        assert each.code == 5
        assert "resnet-bench show results/" in each.err


def test_a_cache_without_room_is_told_and_left_empty(tmp_path: Path) -> None:
    with small_disk(tmp_path / "cache", 1 << 20):
        cache = {"RESNET_BENCH_CACHE": str(tmp_path / "cache")}
        done = run("local", CAT, "--no-save", *RANDOM, cwd=tmp_path, env=cache)
        left = [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert "cannot write to the cache" in done.error()
    assert "No space left on device" in done.error()
    assert "RESNET_BENCH_CACHE" in done.err
    assert done.code == 3
    assert left == [".lock"]
