"""``load`` as a user runs it: both sides in turns, saved call by call, and what it says when a level does not work."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from program import CAT, IMAGES, Done, Running, run, started
from resnet_bench.analysis.capacity import capacity
from resnet_bench.benchmark.load import refused
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.levels import LoadClients
from resnet_bench.results.records import Answer, ClientTimes, Failed, Skipped
from sandboxes import wait_until

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "result.schema.json").read_text())
RANDOM = ("--weights", "random")
pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture(scope="module")
def loaded(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """One load test of both sides, shared by the tests that look at it from different sides."""
    folder = tmp_path_factory.mktemp("loaded")
    arguments = ("--concurrency", "1,2", "--duration", "2s", "--threads", "1", "--memory", "1769", "--json")
    done = run("load", CAT, IMAGES / "rocket.jpg", *arguments, "--csv", "samples.csv", *RANDOM, cwd=folder)
    assert done.code == 0, done.err
    return done, folder


def saved(folder: Path) -> Path:
    (path,) = (folder / "results").glob("*-load.json")
    return path


def test_load_writes_one_valid_document_and_saves_the_same(loaded: tuple[Done, Path]) -> None:
    document = json.loads(loaded[0].out)
    jsonschema.validate(document["result"], SCHEMA)
    assert json.loads(saved(loaded[1]).read_text()) == document["result"]
    assert "load, 1 at once here: " in loaded[0].err
    assert "saved: results/" in loaded[0].err


def test_every_call_is_a_sample_of_its_level_with_the_clients_times(loaded: tuple[Done, Path]) -> None:
    result = load(saved(loaded[1]))
    assert [(level.side, level.concurrency) for level in result.levels] == [
        ("local", 1),
        ("remote", 1),
        ("local", 2),
        ("remote", 2),
    ]
    for level in result.levels:
        own = [each for each in result.samples if (each.side, each.variant) == (level.side, level.variant)]
        assert own
        assert {each.position for each in own} == set(range(level.concurrency))
        assert len({each.pair for each in own}) == len(own)
        assert {each.phase for each in own} == {"load"}
        assert all(isinstance(each.outcome, Answer) and isinstance(each.client, ClientTimes) for each in own)
        assert isinstance(level.clients, LoadClients)
        assert level.clients.elapsed_s >= level.duration_s
    images = {(each.pair, each.image) for each in result.samples}
    assert len(images) == len({pair for pair, _ in images}), "a number is one image, at each level and on both sides"


def test_the_two_sides_are_never_loaded_at_once(loaded: tuple[Done, Path]) -> None:
    result = load(saved(loaded[1]))
    spans = []
    for level in result.levels:
        assert isinstance(level.clients, LoadClients)
        began = datetime.fromisoformat(level.clients.began_at)
        spans.append((began, began + timedelta(seconds=level.clients.elapsed_s)))
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_a_server_has_no_cold_start_and_a_lambda_one_for_each_environment(loaded: tuple[Done, Path]) -> None:
    local, remote = capacity(load(saved(loaded[1])))
    assert sum(level.cold_count for level in local.levels) == 0
    assert sum(level.cold_count for level in remote.levels) >= 2
    environments = {
        each.outcome.identity.environment_id
        for each in load(saved(loaded[1])).samples
        if each.side == "remote" and isinstance(each.outcome, Answer)
    }
    assert len(environments) == sum(level.cold_count for level in remote.levels)


def test_show_prints_the_saved_load_test_in_80_columns_and_html_draws_it(loaded: tuple[Done, Path]) -> None:
    shown = run("show", saved(loaded[1]), "--html", "load.html", cwd=loaded[1])
    assert shown.code == 0, shown.err
    assert max(map(len, shown.out.splitlines())) <= 80
    for wanted in ("Under load", "onnx, local", "onnx, Lambda", "Scaling", "Verdict", "untrained weights"):
        assert wanted in shown.out
    assert "local: a server process here, " in shown.out
    assert "Throughput over callers at once" in (loaded[1] / "load.html").read_text()


def test_the_csv_has_one_line_for_each_sample(loaded: tuple[Done, Path]) -> None:
    with (loaded[1] / "samples.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["variant"] for row in rows] == [each.variant for each in load(saved(loaded[1])).samples]


def test_beyond_the_functions_concurrency_calls_are_refused_and_counted(tmp_path: Path) -> None:
    arguments = ("--concurrency", "4", "--duration", "2s", "--side", "remote", "--function-concurrency", "1")
    done = run("load", CAT, *arguments, "--memory", "3008", "--save", "out.json", *RANDOM, cwd=tmp_path)
    assert done.code == 0, done.err
    ((level,),) = [side.levels for side in capacity(load(tmp_path / "out.json"))]
    assert level.refused_count > 0
    assert not level.failures
    assert level.cold_count == 1
    assert "whoever was refused waited" in done.out
    outcomes = [each.outcome for each in load(tmp_path / "out.json").samples]
    assert all(refused(each) for each in outcomes if isinstance(each, Failed))


def test_a_level_that_would_not_fit_into_memory_is_left_out_before_it_starts(tmp_path: Path) -> None:
    arguments = ("--concurrency", "256", "--duration", "2s", "--side", "remote", "--memory", "10240")
    done = run("load", CAT, *arguments, "--save", "out.json", *RANDOM, cwd=tmp_path)
    assert done.code == 0, done.err
    result = load(tmp_path / "out.json")
    (level,) = result.levels
    assert isinstance(level.clients, Skipped)
    assert "256 environments of 10,240 MB may fill" in level.clients.reason
    assert result.samples == ()
    assert re.search("256 +left out", done.out)
    assert "No verdict" in done.out


def interrupted(folder: Path, running: Running) -> Done:
    def lines() -> int:
        assert running.process.poll() is None, running.err
        return sum(path.read_bytes().count(b"\n") for path in folder.glob("results/*.partial.jsonl"))

    wait_until(lambda: lines() > 5, "calls in the journal", timeout_s=120)
    return running.end()


@pytest.mark.parametrize("side", ["local", "remote"])
def test_ctrl_c_keeps_what_was_measured_and_says_so(side: str, tmp_path: Path) -> None:
    arguments = ("--concurrency", "3", "--duration", "2m", "--side", side, "--memory", "1769", "--threads", "1")
    with started("load", CAT, *arguments, *RANDOM, folder=tmp_path) as running:
        done = interrupted(tmp_path, running)
        assert done.code == 130, done.err
        assert "Traceback" not in done.err
        running.assert_nothing_is_left()
    path = saved(tmp_path)
    assert "samples measured before are safe: resnet-bench show results/" in done.err
    result = load(path)
    assert not result.finished
    (level,) = result.levels
    assert level.duration_s < 120
    shown = run("show", path, cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert "interrupted: the figures are those of the" in shown.out


def test_a_function_that_dies_of_its_memory_limit_is_told_as_that_and_not_as_what_its_neighbours_do(
    tmp_path: Path,
) -> None:
    arguments = ("--concurrency", "2", "--duration", "2s", "--side", "remote", "--memory", "128", "--no-save")
    done = run("load", CAT, *arguments, "--engine", "torch", *RANDOM, cwd=tmp_path)
    assert done.code == 3
    assert done.error() == "the emulated Lambda was killed at its memory limit of 128 MB"


def test_a_url_where_nobody_answers_is_an_error_and_leaves_no_file(tmp_path: Path) -> None:
    url = ("--url", "http://127.0.0.1:9", "--side", "remote", "--engine", "onnx")
    done = run("load", CAT, *url, "--concurrency", "2", *RANDOM, cwd=tmp_path)
    assert done.code == 4
    assert "cannot connect to 127.0.0.1:9" in done.error()
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--concurrency", "none"), "--concurrency is none"),
        (("--duration", "1s"), "--duration is 1s"),
        (("--side", "left"), "--side is left"),
        (("--url", "https://x.example", "--function-concurrency", "3"), "--function-concurrency is of the emulated"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    done = run("load", CAT, *arguments, cwd=tmp_path)
    assert done.code == 2
    assert says in done.error()
    assert list(tmp_path.iterdir()) == []
