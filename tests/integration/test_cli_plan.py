"""``plan`` as a process, on a saved result: tables, JSON, plots, exit codes, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from factories import make_run, make_samples
from program import run


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "run.json"
    path.write_bytes(msgspec.json.encode(make_run()))
    return path


def test_both_sides_are_simulated_at_each_rate_and_the_choice_is_told_with_its_condition(saved: Path) -> None:
    done = run("plan", saved, "--rate", "1/h..10/s", "--html", "all.html", cwd=saved.parent)
    assert "p99 over the rate of requests" in (saved.parent / "all.html").read_text(encoding="utf-8")
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    assert "simulated, not measured" in done.out
    caption = "simulated from 60 warm and 3 cold calls of Lambda, 60 warm ones here"
    assert " ".join(done.out.split()).count(caption) == 3, "under every table, how many calls it stands on"
    verdict = " ".join(done.out.partition("Verdict\n")[2].split())
    assert verdict.startswith("Under about ")
    assert "take Lambda with 1024 MB and the onnx engine; above it, one c7i.large with onnx" in verdict
    assert "list prices of us-east-1; an emulated Lambda; servers taken to be as fast as this machine" in verdict


def test_the_document_has_every_estimate_with_its_interval(saved: Path) -> None:
    done = run("plan", saved, "--rate", "2/s", "--json", "--days", "7", cwd=saved.parent)
    (point,) = msgspec.json.decode(done.out)["result"]["points"]
    assert point["rate"] == 2.0
    assert point["lambda"]["p99_s"]["interval"]["low"] <= point["lambda"]["p99_s"]["value"]
    assert point["lambda"]["usd"] > 0
    assert point["servers"]["utilisation"] == pytest.approx(0.028, rel=0.1), "two calls of 28 ms a second, two workers"
    again = run("plan", saved, "--rate", "2/s", "--json", "--days", "7", cwd=saved.parent)
    assert again.out == done.out, "the same seed gives the same plan"


def test_an_objective_that_no_side_keeps_exits_with_1(saved: Path) -> None:
    kept = run("plan", saved, "--rate", "1/s", "--slo", "p99=1s", "-q", cwd=saved.parent)
    assert kept.code == 0
    assert kept.out.startswith("To keep p99=1s: at 1.00 /s, take ")
    done = run("plan", saved, "--rate", "1/s", "--slo", "p99=1ms", cwd=saved.parent)
    assert done.code == 1
    assert done.error() == "neither side keeps p99=1ms at 1.00 /s"


def test_recorded_traffic_and_plots_need_no_rate(saved: Path) -> None:
    times = saved.parent / "times.txt"
    times.write_text("\n".join(str(1_795_507_200 + 7 * number) for number in range(400)))
    done = run("plan", saved, "--pattern", times, "--html", "plan.html", "--servers", "scaling", cwd=saved.parent)
    assert done.code == 0
    assert "recorded: the 400 requests of times.txt" in done.out
    assert "recorded: the 400 requests of times.txt" in (saved.parent / "plan.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--rate", "-1/s"), "--rate -1/s is not a rate of requests"),
        (("--rate", "5/s..1/s"), "--rate 5/s..1/s ends below its beginning"),
        (("--pattern", "weekly"), "no traffic pattern is named weekly"),
        (("--servers", "0"), "--servers is 0"),
        (("--slo", "soon"), "--slo is 'soon', which is no objective"),
        (("--instance", "z9.tiny"), "no price of an instance z9.tiny is known in us-east-1"),
        (("--engine", "jax"), "the result has no engine 'jax' on both sides"),
    ],
)
def test_what_makes_no_sense_is_refused(saved: Path, arguments: tuple[str, str], why: str) -> None:
    done = run("plan", saved, *arguments, cwd=saved.parent)
    assert done.code == 2
    assert done.error() == why


@pytest.mark.parametrize("option", ["--days", "--keep-alive", "--scale-delay"])
def test_a_time_without_an_end_is_refused(saved: Path, option: str) -> None:
    done = run("plan", saved, option, "inf", cwd=saved.parent)
    assert done.code == 2
    assert f"Invalid value for '{option}'" in done.err


def test_a_file_of_times_is_refused_by_its_line(saved: Path) -> None:
    (saved.parent / "bad.txt").write_text("1\nyesterday\n")
    done = run("plan", saved, "--pattern", "bad.txt", cwd=saved.parent)
    assert (done.code, done.error()) == (2, "bad.txt, line 2: 'yesterday' is no timestamp")


def test_a_result_without_cold_starts_or_none_at_all_names_what_to_run_first(saved: Path, tmp_path: Path) -> None:
    warm = tmp_path / "warm.json"
    warm.write_bytes(msgspec.json.encode(make_run(samples=make_samples(cold=0))))
    done = run("plan", warm, cwd=tmp_path)
    assert done.code == 5
    assert "no cold start" in done.error()
    assert "resnet-bench compare IMAGE --cold 5" in done.err
    nothing = run("plan", cwd=tmp_path)
    assert nothing.code == 5
    assert "resnet-bench compare IMAGE" in nothing.err
