"""The driver: what is broken is found, kept, recorded and told by the exit code; what is whole is counted."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz import record
from fuzz.planted import SEED
from fuzz.record import Broken, Sitting
from fuzz.target import FOLDER, Target, TooSlow

needs_atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this Python or processor"
)


def drive(folder: Path, name: str, seconds: float) -> tuple[subprocess.CompletedProcess[str], Sitting]:
    kept = folder / "record.json"
    command = [sys.executable, "-m", "fuzz.drive", name, f"--seconds={seconds}"]
    done = subprocess.run(
        [*command, f"--kept={folder}", f"--record={kept}"],
        env={**os.environ, "PYTHONPATH": str(FOLDER.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert kept.exists(), done.stderr
    (sitting,) = record.read(kept)
    return done, sitting


@needs_atheris
def test_a_planted_defect_is_found_kept_and_told(tmp_path: Path) -> None:
    done, sitting = drive(tmp_path, "fuzz.planted", 60)
    assert done.returncode == 1
    assert sitting.broken is not None
    assert sitting.broken.what == "Planted: found"
    assert sitting.broken.what in done.stderr
    assert sitting.broken.file is not None
    assert Path(sitting.broken.file).read_bytes() not in {b"", SEED}


@needs_atheris
def test_what_breaks_nothing_is_counted(tmp_path: Path) -> None:
    done, sitting = drive(tmp_path, "headers", 1)
    assert done.returncode == 0, done.stderr
    assert sitting.broken is None
    assert sitting.inputs > 100
    assert sitting.edges > 10
    assert sitting.peak_rss_bytes > 10_000_000
    assert f"| headers | {sitting.inputs:,} |" in done.stdout
    assert list((tmp_path / "headers" / "inputs").iterdir())


def test_a_small_input_that_takes_long_is_a_finding() -> None:
    def slow(data: bytes) -> None:
        sum(range(1_000_000))

    with pytest.raises(TooSlow, match="3 bytes took"):
        Target(slow, list, cpu_s=1e-6).exercise(b"abc")
    Target(slow, list, cpu_s=60.0).exercise(b"abc")


def test_sittings_add_up_in_the_record(tmp_path: Path) -> None:
    first = Sitting(
        target="a", at="x", python="3", inputs=1000, cpu_s=1.0, edges=5, peak_rss_bytes=2**20, grown_bytes=0
    )
    broken = Sitting(
        target="a",
        at="y",
        python="3",
        inputs=500,
        cpu_s=2.0,
        edges=7,
        peak_rss_bytes=0,
        grown_bytes=0,
        broken=Broken(what="w", file=None),
    )
    path = tmp_path / "record.json"
    for one in (first, broken):
        record.add(one, path)
    *_, a, everything = record.table(record.read(path)).splitlines()
    assert a == "| a | 1,500 | 3 | 7 | 1 | 1 |"
    assert everything == "| all | 1,500 | 3 |  | 1 | 1 |"
