"""Threads, and the age of a process."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_bench.inference.coldstart import loaded, mark, process_age_s
from resnet_bench.inference.threads import auto_threads


@pytest.fixture
def eight_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))


@pytest.mark.usefixtures("eight_cpus")
@pytest.mark.parametrize(
    ("share", "threads"), [(None, 8), (0.07, 1), (0.58, 1), (1.3, 1), (1.7, 2), (2.4, 2), (5.8, 6), (12, 8)]
)
def test_threads_are_what_the_share_pays_for_or_every_cpu(share: float | None, threads: int) -> None:
    assert auto_threads(share) == threads


def test_a_fresh_process_is_young_and_grows_older() -> None:
    code = (
        "import time\n"
        "from resnet_bench.inference.coldstart import process_age_s\n"
        "first = process_age_s(); time.sleep(0.25); print(process_age_s() - first)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) >= 0.24


def test_the_age_counts_from_the_fork_whatever_the_program_is_called(tmp_path: Path) -> None:
    fields = ["S", *["0"] * 18, str(0), *["0"] * 5]
    stat = tmp_path / "stat"
    stat.write_text(f"7 (a) S (b c) {' '.join(fields)}")
    age = process_age_s(stat)
    assert age is not None
    assert age == pytest.approx(float(Path("/proc/uptime").read_text().split()[0]), rel=0.05, abs=30)


def test_without_proc_the_age_is_not_known(tmp_path: Path) -> None:
    assert process_age_s(tmp_path / "none") is None


def test_under_the_launcher_the_age_counts_from_the_exec_that_it_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESNET_BENCH_STARTED_NS", str(time.monotonic_ns() - 1_000_000_000_000))
    age = process_age_s()
    assert age is not None
    assert 1000 <= age < 1100


@pytest.fixture
def collector() -> Iterator[None]:
    """Python's, which works again afterwards, also for objects that a test has frozen."""
    yield
    gc.unfreeze()
    gc.enable()


def test_the_collector_rests_from_the_mark_until_all_is_loaded(collector: None) -> None:
    mark()
    assert not gc.isenabled()
    loaded()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_a_mark_is_the_age_and_the_moment_of_the_call(monkeypatch: pytest.MonkeyPatch, collector: None) -> None:
    monkeypatch.setenv("RESNET_BENCH_STARTED_NS", str(time.monotonic_ns()))
    before_s = time.perf_counter()
    start = mark()
    assert start.interpreter_s is not None
    assert before_s <= start.begun_s <= time.perf_counter()
