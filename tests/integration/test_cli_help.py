"""What the program says about itself: quickly, with examples, and with completion for shells."""

from __future__ import annotations

from pathlib import Path

import pytest

from program import run
from resnet_bench import __version__

COMMANDS = [
    "local",
    "remote",
    "compare",
    "explain",
    "tune",
    "load",
    "cost",
    "plan",
    "report",
    "serve",
    "emulate",
    "show",
    "diff",
    "engines",
    "doctor",
    "dashboard",
    "collect",
    "deploy",
    "status",
    "destroy",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_says_what_it_does_and_shows_examples(command: str, tmp_path: Path) -> None:
    done = run(command, "--help", cwd=tmp_path)
    assert done.code == 0
    assert f"Usage: resnet-bench {command}" in done.out
    assert done.out.count(f"  resnet-bench {command} ") >= 2
    assert max(map(len, done.out.splitlines())) <= 80
    assert done.err == ""
    assert list(tmp_path.iterdir()) == []


def test_the_help_lists_the_commands_and_shows_examples(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.out
    assert done.out.count("\n  resnet-bench ") >= 4
    assert max(map(len, done.out.splitlines())) <= 80


def test_without_a_command_the_help_is_shown(tmp_path: Path) -> None:
    done = run(cwd=tmp_path)
    assert done.code == 2
    assert "Usage: resnet-bench" in done.out + done.err


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    done = run("--version", cwd=tmp_path)
    assert (done.code, done.out) == (0, f"resnet-bench {__version__}\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str, tmp_path: Path) -> None:
    script = run("--show-completion", shell, cwd=tmp_path, env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"})
    assert script.code == 0, script.err
    assert "resnet-bench" in script.out
    words = {"COMP_WORDS": "resnet-bench com", "COMP_CWORD": "1", "_RESNET_BENCH_COMPLETE": "complete_bash"}
    assert run(cwd=tmp_path, env=words).out.split() == ["compare"]
