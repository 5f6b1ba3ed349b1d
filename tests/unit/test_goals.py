"""The record of the speed goals and its page. What the benchmarks measure is not tested: a machine may be busy."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from factories import make_environment
from resnet_bench.benchmark.reduced import Reduced
from resnet_bench.benchmark.stats import Interval
from resnet_bench.progress import SILENT
from resnet_bench.report.agreements import in_words
from resnet_bench.results.records import Agreement, Compared, Skipped
from suite.figures import Check, Figure, Goal, Reading, Series, Unit, alone, compared, missing
from suite.groups import GROUPS, Group
from suite.markdown import markdown, text
from suite.record import Machine, Measured, Results, document
from suite.turns import Turns

GOLDEN = Path(__file__).parents[1] / "golden" / "goals.md"


def make_figure(
    what: str = "cold call: onnx", value: float = 0.12, interval: Interval | None = None, goal: Goal | None = None
) -> Figure:
    return Figure(what=what, unit="ratio", value=value, interval=interval, n=12, goal=goal)


def make_results() -> Results:
    ratio = Figure(
        what="cold call: onnx",
        unit="ratio",
        value=0.1234,
        interval=Interval(0.11, 0.13),
        n=12,
        goal=Goal(0.14),
        medians=(Reading("onnx", 0.905, "s"), Reading("plain", 5.487, "s")),
    )
    speed = Measured(
        name="lambda",
        title="Emulated Lambda",
        how="By the client's clock.",
        rounds=12,
        findings=(
            ratio,
            make_figure("cold call: torch", 0.62, Interval(0.58, 0.66), Goal(0.60)),
            missing("cold call: onnx-int8", Skipped("it needs a|b"), Goal(0.09)),
            make_figure("cold call: openvino", 0.3),
            Check(what="onnx answers as the plain design", holds=True, found="top five the same"),
            Check(what="torch answers as the plain design", holds=False, found="top five different"),
        ),
    )
    rates = Figure(what="FLOP/s", unit="ratio", value=0.7, n=3, goal=Goal(0.85, at_least=True))
    length = Figure(what="--help", unit="s", value=0.2, interval=Interval(0.19, 0.21), n=15, goal=Goal(0.25))
    growth = Figure(what="memory a sample", unit="B", value=1500, goal=Goal(2048))
    rest = Measured(
        name="cli", title="Command line", how="By the parent's.", rounds=3, findings=(rates, length, growth)
    )
    broken = Measured(name="gateway", title="Gateway", how="By nobody.", rounds=3, trouble="no port is free (wait)")
    machine = Machine(environment=make_environment(), cpu_flags=("avx2", "avx512_vnni"), limiter="cgroup v2: CFS quota")
    return Results(created_at="2026-11-24T22:00:00+00:00", machine=machine, groups=(speed, rest, broken))


def test_the_page_is_the_golden_one() -> None:
    assert markdown(make_results()) == GOLDEN.read_text(encoding="utf-8")


def test_what_a_speed_was_given_up_for_stands_below_it_in_the_reports_words() -> None:
    half = Compared(images_count=8, same_top1_count=4, same_top5_count=2, max_probability_difference=0.01)
    agreement = Agreement(subject="onnx-int8", calibration=None, held_out=half, trained=False, images_sha256="c" * 64)
    group = Measured(name="lambda", title="Lambda", how="By nobody's clock.", rounds=1, findings=(agreement,))
    page = markdown(Results(created_at="", machine=make_results().machine, groups=(group,)))
    clauses = in_words([Reduced("onnx-int8", agreement)])
    assert clauses
    assert all(f"- {clause}\n" in page for clause in clauses)


def test_the_document_says_of_each_figure_whether_it_meets_its_goal() -> None:
    written = json.loads(document(make_results()))
    assert written["version"] == 1
    met = {row["what"]: (row["met"], row["certain"]) for row in written["groups"][0]["findings"] if "unit" in row}
    assert met == {
        "cold call: onnx": (True, True),
        "cold call: torch": (False, False),
        "cold call: onnx-int8": (None, True),
        "cold call: openvino": (None, True),
    }
    assert written["groups"][0]["findings"][2]["value"] == {"kind": "skipped", "reason": "it needs a|b"}


@pytest.mark.parametrize(
    ("goal", "value", "interval", "judged"),
    [
        (Goal(0.5), 0.5, Interval(0.4, 0.5), (True, True)),
        (Goal(0.5), 0.49, Interval(0.4, 0.6), (True, False)),
        (Goal(0.5), 0.51, Interval(0.4, 0.6), (False, False)),
        (Goal(0.5), 0.7, Interval(0.6, 0.8), (False, True)),
        (Goal(0.5), 0.7, None, (False, True)),
        (Goal(0.85, at_least=True), 0.9, Interval(0.86, 0.95), (True, True)),
        (Goal(0.85, at_least=True), 0.8, Interval(0.7, 0.9), (False, False)),
        (Goal(0.85, at_least=True), 0.8, Interval(0.7, 0.84), (False, True)),
        (None, 0.8, Interval(0.7, 0.84), (None, True)),
    ],
)
def test_a_goal_is_met_by_the_value_and_certain_by_the_interval(
    goal: Goal | None, value: float, interval: Interval | None, judged: tuple[bool | None, bool]
) -> None:
    figure = make_figure(value=value, interval=interval, goal=goal)
    assert (figure.met, figure.certain) == judged


def test_a_ratio_is_taken_pair_by_pair_and_tells_both_medians() -> None:
    # What made a round slow made it slow for both.
    slow = [1.0, 5.0, 2.0, 9.0, 3.0, 7.0]
    figure = compared("half", Series("ours", [0.5 * each for each in slow]), Series("theirs", slow), Goal(0.5))
    assert figure.value == pytest.approx(0.5)
    assert figure.interval is not None
    assert figure.interval.high - figure.interval.low < 1e-9
    assert figure.medians == (Reading("ours", 2.0, "s"), Reading("theirs", 4.0, "s"))


def test_a_series_by_itself_is_its_median() -> None:
    figure = alone("memory", Series("ours", [3.0, 1.0, 2.0], "B"), Goal(2.0))
    assert (figure.value, figure.unit, figure.n, figure.interval, figure.met) == (2.0, "B", 3, None, True)


@pytest.mark.parametrize("broken", ["check", "trouble"])
def test_results_are_not_sound_where_a_check_fails_or_a_group_could_not_be_measured(broken: str) -> None:
    fine = Measured(name="cli", title="", how="", rounds=1, findings=(Check(what="a", holds=True, found=""),))
    wrong = {
        "check": Measured(name="b", title="", how="", rounds=1, findings=(Check(what="b", holds=False, found=""),)),
        "trouble": Measured(name="c", title="", how="", rounds=1, trouble="no port is free"),
    }[broken]
    machine = make_results().machine
    assert Results(created_at="", machine=machine, groups=(fine,)).sound
    assert not Results(created_at="", machine=machine, groups=(fine, wrong)).sound


def test_a_missed_goal_leaves_results_sound() -> None:
    missed = Measured(name="a", title="", how="", rounds=1, findings=(make_figure(value=0.9, goal=Goal(0.5)),))
    results = Results(created_at="", machine=make_results().machine, groups=(missed,))
    assert results.sound
    assert results.with_goal(met=False) == [missed.findings[0]]


def test_what_the_program_refuses_becomes_the_groups_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "refusing_group.py"
    module.write_text(
        "from resnet_bench.errors import SetupError\n"
        "def figures(rounds, progress):\n    raise SetupError('no port is free', 'wait')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    measured = Group("a", "A", "How.", "refusing_group", rounds=1, quick=1).measure(1, SILENT)
    assert measured.trouble == "no port is free (wait)"
    assert not measured.findings


def test_every_subject_has_its_turn_in_each_round_in_changing_order() -> None:
    heard: list[str] = []

    def subject(name: str) -> float:
        heard.append(name)
        return float(len(heard))

    took = Turns("test", 20, SILENT).take({name: lambda name=name: subject(name) for name in "abc"}, warmup=1)
    assert heard[:3] == ["a", "b", "c"]
    rounds = ["".join(heard[start : start + 3]) for start in range(3, len(heard), 3)]
    assert len(rounds) == 20
    assert all(sorted(each) == ["a", "b", "c"] for each in rounds)
    assert any(first != second for first, second in pairwise(rounds))
    assert all(len(series) == 20 and min(series) > 3 for series in took.values())


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (0.0905, "ratio", "0.090"),
        (1.019, "ratio", "1.02"),
        (0.0000215, "s", "21.5 us"),
        (2.03e11, "FLOP/s", "203 GFLOP/s"),
    ],
)
def test_a_value_is_told_in_its_unit(value: float, unit: Unit, told: str) -> None:
    assert text(value, unit) == told


def test_groups_are_found_by_the_names_that_they_are_told_by() -> None:
    assert all(GROUPS[name].name == name for name in GROUPS)
    assert all(group.quick < group.rounds for group in GROUPS.values())
