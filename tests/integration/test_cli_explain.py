"""``explain`` as a user runs it: the ladder adds up, every rung is there, and what is saved is what is shown."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from factories import make_run
from html_page import parsed
from ladders import explained
from program import CAT, IMAGES, Done, run, started
from resnet_bench.analysis import ladder as rungs
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.records import Answer, ClientTimes
from resnet_bench.results.run import Run

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "result.schema.json").read_text())
RANDOM = ("--weights", "random")
pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture(scope="module")
def measured(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    folder = tmp_path_factory.mktemp("explained")
    arguments = ("--engine", "onnx", "--runs", "6", "--cold", "1", "--warmup", "1", "--json", "--html", "report.html")
    with started("explain", CAT, IMAGES / "rocket.jpg", *arguments, *RANDOM, folder=folder) as running:
        done = running.wait()
        running.assert_nothing_is_left()
    assert done.code == 0, done.err
    return done, folder


def saved(folder: Path) -> Run:
    (path,) = (folder / "results").iterdir()
    return load(path)


def table(document: Any, name: str) -> list[dict[str, Any]]:
    (found,) = (each for each in document["tables"] if each["name"] == name)
    return [row["cells"] for row in found["rows"]]


def test_every_rung_is_measured_on_the_same_pairs_and_cold_starts_at_both_ends_alone(
    measured: tuple[Done, Path],
) -> None:
    result = saved(measured[1])
    assert result.finished
    counted = Counter((sample.phase, sample.side, sample.variant) for sample in result.samples)
    near, far = ("", rungs.THREADS, rungs.SHARE, rungs.ENCODED), ("", rungs.RUNTIME)
    places = [("local", name) for name in near] + [("remote", name) for name in far]
    assert {key: count for key, count in counted.items() if key[0] == "warm"} == {
        ("warm", *place): 6 for place in places
    }
    assert {key: count for key, count in counted.items() if key[0] == "cold"} == {
        ("cold", "local", ""): 1,
        ("cold", "remote", ""): 1,
    }
    by_pair: dict[int, set[str]] = {}
    for sample in result.samples:
        assert isinstance(sample.outcome, Answer), sample
        if sample.phase == "warm":
            by_pair.setdefault(sample.pair, set()).add(sample.image)
    assert all(len(images) == 1 for images in by_pair.values())


def test_each_rung_has_the_conditions_that_it_is_named_after(measured: tuple[Done, Path]) -> None:
    result = saved(measured[1])
    told: dict[str, Answer] = {}
    for sample in result.samples:
        if sample.phase == "warm" and isinstance(sample.outcome, Answer):
            told[f"{sample.side} {sample.variant}"] = sample.outcome
            assert isinstance(sample.client, ClientTimes) == (
                sample.side == "remote" or sample.variant == rungs.ENCODED
            )
    lambdas = told["remote "].runtime.threads_count
    assert {name: answer.runtime.threads_count for name, answer in told.items() if name != "local "} == dict.fromkeys(
        [name for name in told if name != "local "], lambdas
    )
    limits = {name: answer.memory.limit_bytes for name, answer in told.items()}
    assert limits["local "] is limits[f"local {rungs.THREADS}"] is None
    assert limits[f"local {rungs.SHARE}"] == limits[f"local {rungs.ENCODED}"] == limits["remote "] == 1 << 30
    decoded = {name: answer.stages.base64_decode_s is not None for name, answer in told.items()}
    assert [name for name, found in decoded.items() if not found] == [
        name for name in told if name in {"local ", f"local {rungs.THREADS}", f"local {rungs.SHARE}"}
    ]
    invoked, called = told[f"remote {rungs.RUNTIME}"].identity, told["remote "].identity
    assert invoked.environment_id == called.environment_id, "the same function, past its gateway"


def test_the_document_holds_steps_that_add_up_to_the_gap(measured: tuple[Done, Path]) -> None:
    document = json.loads(measured[0].out)
    jsonschema.validate(document["result"], SCHEMA)
    assert document["result"] == json.loads(next((measured[1] / "results").iterdir()).read_text())
    rows = {row["step"]: row for row in table(document, "ladder")}
    steps = [rungs.THREADS, rungs.SHARE, rungs.ENCODED, rungs.RUNTIME, rungs.GATEWAY, "not explained"]
    assert list(rows) == ["local as it is", *steps, "Lambda as called", "the gap in all"]
    assert sum(rows[step]["adds"] for step in steps) == pytest.approx(rows["the gap in all"]["adds"])
    for step in steps:
        assert rows[step]["adds_interval"]["low"] <= rows[step]["adds"] <= rows[step]["adds_interval"]["high"]
    verdicts = {row["claim"]: row["verdict"] for row in table(document, "explanations")}
    assert verdicts["the network"] == verdicts["other hardware"] == "not measured"
    assert verdicts["cold starts"] == "does not hold"
    assert len(table(document, "memory_explanations")) == 1


def test_memory_is_taken_apart_with_the_largest_image_of_the_run(measured: tuple[Done, Path]) -> None:
    result = saved(measured[1])
    assert {step.image for step in result.memory_steps} == {"chelsea.png"}
    assert Counter(step.body for step in result.memory_steps) == {"json": 36, "file": 36}


def test_progress_names_the_rung_and_the_report_draws_the_waterfall(measured: tuple[Done, Path]) -> None:
    done, folder = measured
    for wanted in (
        "asking Lambda what it gives onnx",
        "measuring 5 of 10",
        "memory of onnx, process 1 of 12",
        "saved: results/",
    ):
        assert wanted in done.err
    page = parsed((folder / "report.html").read_text(encoding="utf-8"))
    assert "from the local total to Lambda's" in page.text()


def test_show_prints_the_same_page_within_80_columns(measured: tuple[Done, Path]) -> None:
    _, folder = measured
    (path,) = (folder / "results").iterdir()
    shown = run("show", path, cwd=folder)
    assert shown.code == 0, shown.err
    assert max(map(len, shown.out.splitlines())) <= 80
    for wanted in ("Where the gap comes from", "Cold start taken apart", "Memory taken apart", "Verdict"):
        assert wanted in shown.out
    brief = run("show", path, "--quiet", cwd=folder)
    assert brief.out.startswith("Against an emulated 1024 MB Lambda")


def test_ctrl_c_after_the_last_call_loses_none_of_them(tmp_path: Path) -> None:
    short = ("explain", CAT, "--engine", "onnx", "--runs", "2", "--warmup", "0", "--cold", "0", *RANDOM)
    with started(*short, folder=tmp_path) as running:
        running.wait_for("memory of onnx")
        done = running.end()
        running.assert_nothing_is_left()
    assert done.code == 130, done.err
    (path,) = (tmp_path / "results").iterdir()
    assert f"all calls were measured, and are safe: resnet-bench show results/{path.name}" in done.err
    result = load(path)
    assert result.finished
    assert len(result.samples) == 12
    assert result.memory_steps == ()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("missing.jpg",), 3, "no such image"),
        ((CAT, "--url", "http://127.0.0.1:9", "--engine", "onnx", "--cold", "1"), 2, "a cold start cannot be forced"),
        ((CAT, "--url", "http://127.0.0.1:9"), 2, "a URL is one function with one engine"),
        ((CAT, "--memory", "64"), 2, "--memory is 64 MB"),
        ((CAT, "--html", "missing/report.html"), 5, "the HTML report could not be saved"),
        ((CAT, "--engine", "onnx", "--url", "http://127.0.0.1:9", *RANDOM), 4, "cannot connect to 127.0.0.1:9"),
    ],
)
def test_what_cannot_be_explained_is_said_in_one_line(
    arguments: tuple[str, ...], code: int, says: str, tmp_path: Path
) -> None:
    done = run("explain", *arguments, cwd=tmp_path)
    assert done.code == code, done.err
    assert says in done.error()
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize("made", [explained(runs=0), explained(runs=3), explained(runs=8, engines=("torch", "onnx"))])
def test_a_saved_ladder_of_any_length_is_shown(made: Run, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(made))
    shown = run("show", "run.json", "--html", "report.html", cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert max(map(len, shown.out.splitlines())) <= 80
    assert made.settings.runs or "No verdict: no image has been through every rung" in shown.out


def test_a_comparison_is_still_shown_as_one(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(msgspec.json.encode(make_run()))
    assert "Where the gap comes from" not in run("show", "run.json", cwd=tmp_path).out
