"""A saved result written again with what arrived later: the old or the new one stands there, whole."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from msgspec.structs import replace

from disks import full_disk
from factories import make_run, make_samples
from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load, rewrite

OLD = make_run(samples=make_samples(runs=3, cold=0, warmup=0))
NEW = replace(OLD, finished=False)


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "out.json"
    with ResultWriter(replace(OLD, samples=()), place) as writer:
        for sample in OLD.samples:
            writer.add(sample)
    return place


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_the_new_run_stands_in_the_old_ones_place(path):
    assert rewrite(path, NEW) == path
    assert load(path) == NEW
    assert names(path.parent) == ["out.json"]


def test_permissions_stay(path):
    path.chmod(0o640)
    rewrite(path, NEW)
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(path):
    link = path.with_name("latest.json")
    link.symlink_to(path.name)
    rewrite(link, NEW)
    assert link.is_symlink()
    assert load(path) == NEW


def test_a_full_disk_leaves_the_old_one_and_says_so(path):
    with full_disk(1000), pytest.raises(ResultError, match="could not be written again") as caught:
        rewrite(path, NEW)
    assert "out.json is as it was" in caught.value.hint
    assert load(path) == OLD
    assert names(path.parent) == ["out.json"]


KILLED = """
import os, signal, sys
from pathlib import Path
from msgspec.structs import replace
from resnet_bench.results import disk
from resnet_bench.results.files import load, rewrite

path, victim = Path(sys.argv[1]), sys.argv[2]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if victim == "replace":
    Path.replace = die
elif victim == "second fsync":
    real, count = os.fsync, []
    os.fsync = lambda number: die() if count else (count.append(1), real(number))
else:
    setattr(os, victim, die)
rewrite(path, replace(load(path), finished=False))
"""


@pytest.mark.parametrize(
    ("victim", "expected"), [("fchmod", OLD), ("fsync", OLD), ("replace", OLD), ("second fsync", NEW)]
)
def test_a_kill_at_any_step_leaves_one_of_the_two_whole(path, victim, expected):
    done = subprocess.run([sys.executable, "-c", KILLED, path, victim], check=False)
    assert done.returncode == -signal.SIGKILL
    assert load(path) == expected


def test_a_journal_is_left_alone_and_its_run_saved_beside_it(tmp_path):
    writer = ResultWriter(replace(OLD, samples=()), tmp_path / "run.json")
    writer.add(OLD.samples[0])
    before = writer.journal_path.read_bytes()
    run = load(writer.journal_path)
    assert rewrite(writer.journal_path, run) == tmp_path / "run.json"
    assert load(tmp_path / "run.json") == run
    assert writer.journal_path.read_bytes() == before
    with pytest.raises(ResultError, match=r"run\.json exists already"):
        rewrite(writer.journal_path, run)
