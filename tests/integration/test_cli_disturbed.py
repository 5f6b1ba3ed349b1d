"""A run that is stopped for a while, and during which the clock of the day is set."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from moments import Moment, at
from program import CAT, run, started
from resnet_bench.results.files import load
from resnet_bench.results.records import Answer
from resnet_bench.results.run import Run
from resnet_bench.sandbox.session import process_state
from sandboxes import wait_until
from stepped_clock import SteppedClock

pytestmark = pytest.mark.usefixtures("model")
RANDOM = ("--weights", "random")
TWO_HOURS_S = 7200


def stopped_after_the_first_sample(folder: Path, clock: SteppedClock, step_s: int) -> Run:
    """The clock is set while the run stands still."""
    stopping = Moment("resnet_bench.results.files", "ResultWriter.add", ((0.0, signal.SIGSTOP),))
    command = ("remote", CAT, "--runs", "2", *RANDOM)
    with started(*command, folder=folder, env=at(folder, stopping) | clock.environment) as running:
        wait_until(lambda: process_state(running.process.pid) == "T", "it is stopped", timeout_s=120)
        clock.step(step_s)
        done = running.end(signal.SIGCONT)
        running.assert_nothing_is_left()
    assert done.code == 0, done.err
    (path,) = (folder / "results").iterdir()
    return load(path)


@pytest.mark.parametrize(("step_s", "word"), [(-TWO_HOURS_S, "backwards"), (TWO_HOURS_S, "forwards")])
def test_both_are_told_and_durations_and_traces_stay_true(step_s: int, word: str, tmp_path: Path) -> None:
    found = stopped_after_the_first_sample(tmp_path, SteppedClock(tmp_path), step_s)
    told = {caveat.code: caveat.message for caveat in found.caveats}
    assert "was stopped and went on once" in told["stopped"]
    assert (
        f"went {word} by 2 h 00 min" in told["clock-stepped"] or f"went {word} by 1 h 59 min" in told["clock-stepped"]
    )
    assert "nesting-violated" not in told
    for sample in found.samples:
        assert isinstance(sample.outcome, Answer)
        assert 0 < sample.outcome.stages.total_s < TWO_HOURS_S / 2
    # Nothing is left pending: traces and REPORT lines were asked for where they are.
    assert not any(
        getattr(late, "pending", False) for sample in found.samples for late in (sample.trace, sample.report)
    )


@pytest.mark.parametrize("year", [1970, 2040])
def test_a_clock_that_is_years_off_is_lived_with(year: int, tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path, (year - 2026) * 365 * 86400)
    for _ in range(2):
        done = run("local", CAT, *RANDOM, "--quiet", cwd=tmp_path, env=clock.environment)
        assert done.code == 0, done.err
    names = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert len(names) == 2, "none was written over"
    assert all(abs(int(load(tmp_path / "results" / name).created_at[:4]) - year) <= 1 for name in names)
