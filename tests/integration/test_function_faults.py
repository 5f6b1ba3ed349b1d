"""Processes killed, and a handler that fails at every tenth call: the run goes on, and says what was lost."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from emulated import FUNCTIONS, limiter
from handlers import variables
from program import CAT, Done, run, started
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.model import Model
from sandboxes import wait_until

pytestmark = pytest.mark.usefixtures("model")
WARM = ("--warmup", "0", "--cold", "0", "--save", "run.json", "--weights", "random")


def children(parent: int, pattern: str) -> list[int]:
    """Of this parent's, those whose command line matches."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            of = int((entry / "stat").read_text().rpartition(") ")[2].split()[1]) if entry.name.isdecimal() else 0
            command = (entry / "cmdline").read_bytes().decode(errors="replace") if of == parent else ""
        except OSError:
            continue
        if of == parent and re.search(pattern, command):
            found.append(int(entry.name))
    return found


def samples(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "run.json").read_text())["samples"]
    return found


def lost(folder: Path) -> list[tuple[str, str]]:
    """The side and the reason of each failed call."""
    outcomes = [(sample["side"], sample["outcome"]) for sample in samples(folder)]
    return [(side, outcome["message"]) for side, outcome in outcomes if "error" in outcome]


VICTIMS = {
    "auto": {r"runners\.worker": "the local onnx process ended: signal: killed", "sweeper import": None},
    "throttle": {"throttler import": "the throttle's helper process does not answer"},
}


@pytest.mark.parametrize("mechanism", VICTIMS)
def test_a_comparison_goes_on_when_one_of_its_processes_is_killed(mechanism: str, tmp_path: Path) -> None:
    command = ("compare", CAT, "--engine", "onnx", "--runs", "12", "--limiter", mechanism, *WARM)
    journal = tmp_path / "run.partial.jsonl"
    with started(*command, folder=tmp_path) as running:
        wait_until(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 5, "samples", timeout_s=120)
        for pattern in VICTIMS[mechanism]:
            victims = children(running.process.pid, pattern)
            assert victims, pattern
            for pid in victims:
                os.kill(pid, signal.SIGKILL)
        done = running.wait()
        running.assert_nothing_is_left()
    assert done.code == 0, done.err
    assert len(samples(tmp_path)) == 24
    reasons = [reason for reason in VICTIMS[mechanism].values() if reason]
    assert lost(tmp_path)
    for reason in reasons:
        assert any(reason in told for _, told in lost(tmp_path)), lost(tmp_path)
    assert "failed" in done.out


def at_every_tenth(way: str, model: Model, folder: Path) -> Done:
    function = Function(
        "flaky.handler",
        memory_mb=3008,
        timeout_s=5.0,
        variables={**variables(model, "onnx"), "FLAKY": way},
        task_root=str(FUNCTIONS),
        init_limit_s=60.0,
    )
    with EmulatedLambda(function, limiter()) as emulated:
        return run("remote", CAT, "--url", emulated.url, "--runs", "12", *WARM[:2], *WARM[4:6], cwd=folder)


@pytest.mark.parametrize("way", ["fail", "die", "hang"])
def test_a_handler_that_fails_at_every_tenth_call_costs_no_other_call(way: str, model: Model, tmp_path: Path) -> None:
    done = at_every_tenth(way, model, tmp_path)
    assert done.code == 0, done.err
    answered = [sample for sample in samples(tmp_path) if "error" not in sample["outcome"]]
    tries = [sample for sample in samples(tmp_path) if sample["attempts"]]
    assert len(samples(tmp_path)) == 12
    assert len(answered) + len(lost(tmp_path)) == 12
    assert tries or lost(tmp_path), "nothing failed, and nothing was tested"
    assert len({sample["outcome"]["identity"]["environment_id"] for sample in answered}) == (1 if way == "fail" else 2)
