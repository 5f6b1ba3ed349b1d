"""The commands that measure, as a user runs them: what they print where, what they save, and that it is true."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from program import CAT, IMAGES, Done, run, started
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.records import Answer, ClientTimes, ReportLine, TraceTimes

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "result.schema.json").read_text())
RANDOM = ("--weights", "random")
pytestmark = pytest.mark.usefixtures("model")


@pytest.fixture(scope="module")
def compared(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, Path]:
    """One comparison with all its outputs, shared by the tests that look at it from different sides."""
    folder = tmp_path_factory.mktemp("compared")
    arguments = ("--engine", "onnx", "--runs", "8", "--cold", "1", "--warmup", "1", "--json", "--csv", "samples.csv")
    done = run("compare", CAT, IMAGES / "rocket.jpg", *arguments, *RANDOM, cwd=folder)
    assert done.code == 0, done.err
    return done, folder


def test_compare_writes_one_valid_document_to_standard_output(compared: tuple[Done, Path]) -> None:
    document = json.loads(compared[0].out)
    jsonschema.validate(document["result"], SCHEMA)
    assert compared[0].out.count("\n") == compared[0].out.rstrip("\n").count("\n") + 1
    counts: dict[tuple[str, str], int] = {}
    for sample in document["result"]["samples"]:
        key = sample["side"], sample["phase"]
        counts[key] = counts.get(key, 0) + 1
    assert {key: count for key, count in counts.items() if key[1] != "warmup"} == {
        ("local", "cold"): 1,
        ("remote", "cold"): 1,
        ("local", "warm"): 8,
        ("remote", "warm"): 8,
    }


def test_compare_tells_progress_and_places_on_standard_error(compared: tuple[Done, Path]) -> None:
    err = compared[0].err
    for wanted in (
        "warming up 1 of 11: ",
        "cold start 2 of 11: ",
        "measuring 4 of 11: onnx ",
        "saved: results/",
        "CSV: samples.csv",
    ):
        assert wanted in err
    assert "\r" not in err, "a log gets whole lines"
    assert "\x1b" not in err


def test_compare_saves_what_it_prints_under_a_dated_name(compared: tuple[Done, Path]) -> None:
    done, folder = compared
    (saved,) = (folder / "results").iterdir()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-compare\.json", saved.name)
    document = json.loads(saved.read_text())
    assert document == json.loads(done.out)["result"]
    assert document["finished"] is True


def test_every_sample_of_a_comparison_is_whole(compared: tuple[Done, Path]) -> None:
    (saved,) = (compared[1] / "results").iterdir()
    result = load(saved)
    answers: dict[str, set[tuple[int, ...]]] = {}
    for sample in result.samples:
        answer = sample.outcome
        assert isinstance(answer, Answer)
        if sample.phase != "warmup":
            assert answer.identity.cold_start == (sample.phase == "cold")
        assert not answer.runtime.trained
        answers.setdefault(sample.image, set()).add(tuple(each.index for each in answer.predictions))
        assert isinstance(sample.cgroup_peak_bytes, int) or result.deployment is None or sample.side == "local"
        if sample.side == "remote":
            assert isinstance(sample.client, ClientTimes)
            assert isinstance(sample.report, ReportLine)
            assert sample.client.total_s >= answer.stages.total_s
            if answer.identity.sampled:  # X-Ray takes the first of each second, and 5 % of the others
                assert isinstance(sample.trace, TraceTimes)
                assert sample.client.total_s >= sample.trace.total_s >= answer.stages.total_s
            assert sample.report.request_id == answer.identity.request_id
    assert {len(seen) for seen in answers.values()} == {1}, "both sides give the same top five"
    assert {image.name for image in result.images} == set(answers) == {"chelsea.png", "rocket.jpg"}


def test_the_csv_has_one_line_for_each_sample(compared: tuple[Done, Path]) -> None:
    with (compared[1] / "samples.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    samples = json.loads(compared[0].out)["result"]["samples"]
    assert [(row["side"], row["phase"], row["image"]) for row in rows] == [
        (sample["side"], sample["phase"], sample["image"]) for sample in samples
    ]


def test_show_prints_a_saved_result_again(compared: tuple[Done, Path]) -> None:
    done, folder = compared
    (saved,) = (folder / "results").iterdir()
    again = run("show", saved, "--json", cwd=folder)
    assert again.code == 0
    assert json.loads(again.out)["result"] == json.loads(done.out)["result"]
    text = run("show", saved, cwd=folder)
    assert text.code == 0
    assert "untrained weights" in text.out
    assert max(map(len, text.out.splitlines())) <= 80
    assert "\x1b" not in text.out
    assert text.err == ""


def test_diff_of_a_result_with_itself_finds_nothing_and_of_unlike_ones_refuses(
    compared: tuple[Done, Path], tmp_path: Path
) -> None:
    (saved,) = (compared[1] / "results").iterdir()
    same = run("diff", saved, saved, "--json", cwd=tmp_path)
    assert same.code == 0, same.err
    json.loads(same.out)
    document: dict[str, Any] = json.loads(saved.read_text())
    document["environment"]["cpu_model"] = "Another CPU"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    refused = run("diff", saved, other, cwd=tmp_path)
    assert refused.code == 5
    assert "--force" in refused.err
    assert refused.error()
    assert run("diff", saved, other, "--force", cwd=tmp_path).code == 0


def test_local_classifies_and_saves_where_it_is_told(tmp_path: Path) -> None:
    arguments = ("--runs", "2", "--warmup", "0", "--top", "3", "--save", "mine.json", "--threads", "1", *RANDOM)
    done = run("local", CAT, *arguments, cwd=tmp_path)
    assert done.code == 0, done.err
    assert "chelsea.png" in done.out
    assert "saved: mine.json" in done.err
    result = load(tmp_path / "mine.json")
    assert [sample.phase for sample in result.samples] == ["cold", "warm"]
    assert (result.settings.runs, result.settings.cold, result.settings.threads) == (1, 1, 1)
    again = run("local", CAT, "--save", "mine.json", *RANDOM, cwd=tmp_path)
    assert again.code == 5
    assert "exists already" in again.error()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.json"]


def test_local_without_warm_up_still_measures_every_image(tmp_path: Path) -> None:
    done = run("local", CAT, IMAGES / "rocket.jpg", "--warmup", "0", "--no-save", "--json", *RANDOM, cwd=tmp_path)
    samples = json.loads(done.out)["result"]["samples"]
    assert [sample["phase"] for sample in samples] == ["cold", "warm", "warm"]
    assert {sample["image"] for sample in samples[1:]} == {"chelsea.png", "rocket.jpg"}
    assert list(tmp_path.iterdir()) == [], "--no-save"


def test_quiet_says_only_the_essential(tmp_path: Path) -> None:
    done = run("local", CAT, "--quiet", "--warmup", "1", *RANDOM, cwd=tmp_path)
    assert done.code == 0
    assert done.err == ""
    assert 1 <= len(done.out.splitlines()) <= 3
    assert len(list((tmp_path / "results").iterdir())) == 1


def test_local_is_held_to_lambdas_share_if_asked(tmp_path: Path) -> None:
    done = run("local", CAT, "--memory", "1024", "--warmup", "1", "--no-save", "--json", *RANDOM, cwd=tmp_path)
    result = json.loads(done.out)["result"]
    assert result["local_enforcement"]["mechanism"] != "none"
    assert result["samples"][-1]["outcome"]["memory"]["limit_bytes"] == 1024**3


def test_remote_forces_cold_starts_and_runs_torch(tmp_path: Path) -> None:
    arguments = ("--cold", "--engine", "torch", "--memory", "1769", "--json", "--no-save", *RANDOM)
    done = run("remote", CAT, *arguments, cwd=tmp_path)
    assert done.code == 0, done.err
    (sample,) = json.loads(done.out)["result"]["samples"]
    assert sample["phase"] == "cold"
    assert sample["outcome"]["identity"]["cold_start"] is True
    assert sample["outcome"]["cold"]["imports_s"] > 0
    assert sample["outcome"]["runtime"]["engine"] == "torch"
    assert sample["trace"]["initialization_s"] > 0
    assert sample["report"]["init_s"] > 0
    assert sample["outcome"]["memory"]["limit_bytes"] == 1769 * 1024**2


def test_raw_sends_the_files_bytes_and_json_a_third_more(tmp_path: Path) -> None:
    size = Path(CAT).stat().st_size
    sent = {}
    for option in ((), ("--raw",)):
        done = run("remote", CAT, *option, "--warmup", "0", "--json", "--no-save", *RANDOM, cwd=tmp_path)
        (sample,) = json.loads(done.out)["result"]["samples"]
        assert sample["phase"] == "cold", "the first call of a new function is measured as what it is"
        sent[option] = sample["client"]["sent_bytes"]
        assert (sample["outcome"]["stages"].get("json_parse_s") is None) == bool(option)
    assert sent["--raw",] == size
    assert 4 / 3 * size < sent[()] < 1.34 * size


def test_two_comparisons_at_once_share_a_cache(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    arguments = ("compare", CAT, "--engine", "onnx", "--runs", "2", "--cold", "0", "--warmup", "0", *RANDOM)
    with (
        started(*arguments, folder=folders[0]) as one,
        started(*arguments, folder=folders[1]) as two,
    ):
        for running in (one, two):
            done = running.wait()
            assert done.code == 0, done.err
            running.assert_nothing_is_left()
