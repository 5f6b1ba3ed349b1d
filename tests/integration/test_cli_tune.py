"""``tune`` as a process: sizes that die are rows, an interrupted sweep keeps its samples, bad sizes are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from program import CAT, run, started
from resnet_bench.results.files import load
from resnet_bench.results.records import Failed

pytestmark = pytest.mark.usefixtures("model")
ONNX = ("--engine", "onnx", "--weights", "random")
# ONNX Runtime maps its weights, which the kernel may drop: it lives in 128 MB.
TORCH = ("--engine", "torch", "--weights", "random")


def test_a_size_that_is_too_small_is_a_row_and_the_others_are_measured(tmp_path: Path) -> None:
    options = ("--memory", "1024,128,1024", "--runs", "2", "--cold", "1", "--html", "tune.html", "--save", "tune.json")
    done = run("tune", CAT, *TORCH, *options, cwd=tmp_path, env={"COLUMNS": "80"})
    assert done.code == 0, done.err
    assert max(map(len, done.out.splitlines())) <= 80
    assert "out of memory" in done.out
    assert "By balanced, take torch at 1024 MB" in done.out
    assert "Memory and cost at each memory size" in (tmp_path / "tune.html").read_text()
    saved = load(tmp_path / "tune.json")
    assert saved.finished
    assert saved.settings.command == "tune"
    assert saved.deployment is not None
    assert saved.deployment.memory_bytes is None
    (dead,) = [sample.outcome for sample in saved.samples if sample.variant == "128 MB"]
    assert isinstance(dead, Failed)
    assert (dead.error, "memory limit of 128 MB" in dead.message) == ("OutOfMemory", True)
    answered = [sample for sample in saved.samples if sample.variant == "1024 MB"]
    assert [sample.phase for sample in answered] == ["cold", "warmup", "warm", "warmup", "warm"]
    shown = run("show", "tune.json", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert "Time at each memory size" in shown.out


def test_where_no_size_works_it_is_an_error_that_says_why(tmp_path: Path) -> None:
    done = run("tune", CAT, *TORCH, "--memory", "128", "--runs", "1", "--cold", "0", "--json", cwd=tmp_path)
    assert done.code == 3
    assert done.error().startswith("no memory size works: the emulated Lambda was killed at its memory limit of 128 MB")
    assert json.loads(done.out), "the row is told all the same"


def test_ctrl_c_keeps_the_sizes_measured_so_far_and_leaves_nothing_running(tmp_path: Path) -> None:
    options = ("--memory", "1024,2048", "--runs", "100000", "--cold", "0", "--save", "cut.json")
    with started("tune", CAT, *ONNX, *options, folder=tmp_path) as running:
        running.wait_for("measuring [0-9]+ of")
        done = running.end()
        running.assert_nothing_is_left()
    assert done.code == 130, done.err
    assert "are safe: resnet-bench show cut.json" in done.err
    saved = load(tmp_path / "cut.json")
    assert not saved.finished
    assert saved.samples
    shown = run("show", "cut.json", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert "interrupted" in shown.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--memory", "64,512"), "--memory is 64 MB"),
        (("--memory", "512-3008"), "--memory is 512-3008"),
        (("--memory", "512,,1024"), "--memory is 512,,1024"),
        (("--memory", "20000"), "--memory is 20000 MB"),
        (("--strategy", "cheap"), "--strategy is cheap"),
        (("--url", "http://127.0.0.1:9"), "the memory of a function behind a URL cannot be set"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_started(
    options: tuple[str, str], told: str, tmp_path: Path
) -> None:
    done = run("tune", CAT, *options, cwd=tmp_path)
    assert done.code == 2
    assert done.error() == told
    assert not (tmp_path / "results").exists()
