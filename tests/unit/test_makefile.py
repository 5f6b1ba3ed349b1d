"""What a newcomer meets first: the targets of the Makefile, and what they say when Python does not suffice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from suite.groups import GROUPS

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    # As from a shell, also where the tests themselves run under `make test ARGS=...`.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_make_alone_lists_the_targets() -> None:
    listed = make().stdout
    for target in ("compare", "doctor", "test", "lint", "audit", "bench", "clean"):
        assert f"make {target} " in listed


@pytest.mark.parametrize(("target", "extra"), [("compare", "--editable ."), ("test", "--editable '.[dev]'")])
def test_a_target_installs_what_it_needs_and_no_more(target: str, extra: str, tmp_path: Path) -> None:
    commands = make("--dry-run", target, f"VENV={tmp_path / 'venv'}").stdout.splitlines()
    peers = ("--target .rie/", ".locust/bin/python")
    installs = [command for command in commands if "pip install" in command and not any(map(command.count, peers))]
    assert len(installs) == 1
    assert installs[0].endswith(extra)


def test_compare_gets_the_photographs_the_runs_and_the_arguments(tmp_path: Path) -> None:
    command = make("--dry-run", "compare", f"VENV={tmp_path}", "RUNS=7", "ARGS=--seed 1").stdout.splitlines()[-1]
    assert "images/chelsea.png" in command
    assert "SOURCES.md" not in command
    assert command.endswith("--runs 7 --seed 1")


def test_bench_measures_the_goals_first_and_no_script_of_theirs_again() -> None:
    first, _, then = make("--dry-run", "bench").stdout.partition("for script in")
    scripts = then.partition(";")[0].split()
    assert "benchmarks/goals.py" in first
    assert "benchmarks/load.py" in scripts
    again = {"benchmarks/goals.py", *(f"benchmarks/{group.module}.py" for group in GROUPS.values())}
    assert not again & {*scripts}


def test_what_is_installed_is_not_installed_again(tmp_path: Path) -> None:
    (tmp_path / "created").touch()
    (tmp_path / "installed").touch()
    assert "pip install" not in make("--dry-run", "compare", f"VENV={tmp_path}").stdout


def test_an_old_python_is_refused_with_the_version_that_is_needed(tmp_path: Path) -> None:
    old = script(tmp_path / "python3.9", "exit 1")
    done = make("venv", f"VENV={tmp_path / 'venv'}", f"PYTHON={old}")
    assert done.returncode != 0
    assert "No Python 3.11 or later" in done.stderr
    assert str(old) in done.stderr


def test_a_python_without_venv_is_refused_with_the_package_to_install(tmp_path: Path) -> None:
    bare = script(tmp_path / "python3.11", 'case "$2" in *version_info*) exit 0;; *) exit 1;; esac')
    done = make("venv", f"VENV={tmp_path / 'venv'}", f"PYTHON={bare}")
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr


def test_the_environment_is_made_with_the_python_that_was_asked_for(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    done = make("venv", f"VENV={venv}", f"PYTHON={sys.executable}")
    assert done.returncode == 0, done.stderr
    home = (venv / "pyvenv.cfg").read_text()
    assert str(Path(sys.executable).resolve().parent) in home or str(Path(sys.executable).parent) in home
