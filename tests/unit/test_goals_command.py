"""What ``benchmarks/goals.py`` writes and with which status it ends, over groups that measure nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import goals
from factories import make_environment
from suite.figures import Check, Figure, Finding, Goal
from suite.groups import Group
from suite.record import Machine

MACHINE = Machine(environment=make_environment(), cpu_flags=("avx2",), limiter="cgroup v2: CFS quota")
MET = Figure(what="quick enough", unit="s", value=0.1, goal=Goal(0.2))
MISSED = Figure(what="too slow", unit="s", value=0.3, goal=Goal(0.2))
WRONG = Check(what="alike", holds=False, found="nothing is")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results go that nobody wants elsewhere."""
    monkeypatch.setattr(goals, "HERE", tmp_path)
    monkeypatch.setattr(goals, "this_machine", lambda: MACHINE)
    return tmp_path


def ended(monkeypatch: pytest.MonkeyPatch, *arguments: str, **found: Finding) -> int:
    """The exit status of the program that has a group of each name, which finds this."""
    groups = {name: Group(name, name.title(), "By no clock.", f"measured_{name}", rounds=5, quick=2) for name in found}
    for name, finding in found.items():
        module = SimpleNamespace(figures=lambda _rounds, _progress, finding=finding: [finding])
        monkeypatch.setitem(sys.modules, f"measured_{name}", module)
    monkeypatch.setattr(goals, "GROUPS", groups)
    monkeypatch.setattr(sys, "argv", ["goals.py", "--quiet", *arguments])
    with pytest.raises(SystemExit) as end:
        goals.main()
    return int(end.value.code or 0)


def rounds_written(folder: Path) -> dict[str, int]:
    document = json.loads((folder / "results.json").read_text())
    return {group["name"]: group["rounds"] for group in document["groups"]}


def test_everything_measured_is_written_beside_the_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, fast=MET, slow=MISSED) == 0
    assert rounds_written(folder) == {"fast": 5, "slow": 5}
    page = (folder / "RESULTS.md").read_text()
    assert "**Goals: 1 met, 1 missed, 0 not measured.**" in page
    assert page.index("## Fast") < page.index("## Slow")


@pytest.mark.parametrize("arguments", [["fast"], ["--quick"], ["--rounds", "3"]])
def test_a_trial_is_printed_and_replaces_nothing(
    arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, *arguments, fast=MET, slow=MISSED) == 0
    assert not list(folder.iterdir())
    printed = capsys.readouterr().out
    assert "## Fast" in printed
    assert ("## Slow" in printed) == (arguments != ["fast"])


def test_a_trial_is_written_where_it_is_wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = folder / "elsewhere"
    assert ended(monkeypatch, "slow", "--quick", "--output", str(wanted), fast=MET, slow=MISSED) == 0
    assert rounds_written(wanted) == {"slow": 2}


def test_a_missed_goal_fails_only_where_that_is_wanted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, slow=MISSED) == 0
    assert ended(monkeypatch, "--strict", slow=MISSED) == 1
    assert ended(monkeypatch, "--strict", fast=MET) == 0


def test_a_wrong_answer_fails_always_and_keeps_what_was_measured(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ended(monkeypatch, fast=MET, wrong=WRONG) == 1
    assert "**does not hold**: alike (nothing is)" in (folder / "RESULTS.md").read_text()


def test_a_group_that_does_not_exist_is_refused_with_those_that_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(monkeypatch, "fats", fast=MET, slow=MISSED) == 2
    assert "no group is called fats; there are fast, slow" in capsys.readouterr().err
