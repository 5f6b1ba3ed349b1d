"""The words by which docker and podman make a container."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_bench.container.tools import Tool
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits.base import Program
from resnet_bench.sandbox.limits.container.command import Plan, cpu_words, wrap

DOCKER, PODMAN = Tool("docker", "/bin/docker"), Tool("podman", "/bin/podman")
LAMBDA = Allowance(1024)
PLAN = Plan("cage-1", LAMBDA.cpu, LAMBDA.memory_bytes)
PROGRAM = Program(("image:1", "app.handler"), {"SECRET": "s3cret", "HOME": "/home"}, (0, 1))


@pytest.mark.parametrize("tool", [DOCKER, PODMAN], ids=lambda tool: tool.name)
def test_both_tools_are_told_lambdas_limits_and_then_the_image_with_its_command(tool: Tool) -> None:
    words = wrap(tool, PLAN, PROGRAM, {}).argv
    assert words[:3] == (tool.path, "run", "--name=cage-1")
    assert {"--cpu-period=20000", "--cpu-quota=11577"} < set(words)
    assert {f"--memory={1024 << 20}", f"--memory-swap={1024 << 20}"} < set(words)
    assert {"--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host"} < set(words)
    assert words[-2:] == ("image:1", "app.handler")
    assert all(word.startswith("--") for word in words[2:-2]), "a word of ours would be taken for the image"


def test_what_is_not_limited_is_not_mentioned() -> None:
    words = wrap(PODMAN, Plan("cage-1", None, None), PROGRAM, {}).argv
    assert not [word for word in words if word.startswith(("--cpu", "--memory"))]
    assert cpu_words(None) == ("--cpu-quota=-1",)


def test_values_of_variables_stay_off_the_command_line_unless_the_tool_needs_the_name_itself() -> None:
    wrapped = wrap(PODMAN, PLAN, PROGRAM, {"HOME": "/root", "PATH": "/bin"})
    assert "--env=SECRET" in wrapped.argv
    assert "s3cret" not in " ".join(wrapped.argv)
    assert "--env=HOME=/home" in wrapped.argv
    assert wrapped.env == {"SECRET": "s3cret", "HOME": "/root", "PATH": "/bin"}
    assert not [word for word in wrapped.argv if word.startswith("--env=PATH")]


def test_docker_gets_the_cpus_in_words_and_podman_by_inheritance() -> None:
    assert "--cpuset-cpus=0,1" in wrap(DOCKER, PLAN, PROGRAM, {}).argv
    assert wrap(PODMAN, PLAN, PROGRAM, {}).cpus == (0, 1)
    everywhere = Program(PROGRAM.argv, {})
    assert not [word for word in wrap(DOCKER, PLAN, everywhere, {}).argv if word.startswith("--cpuset")]


def test_podman_writes_the_pid_where_it_is_wanted() -> None:
    plan = Plan("cage-1", None, None, Path("/folder/pid"))
    assert "--pidfile=/folder/pid" in wrap(PODMAN, plan, PROGRAM, {}).argv
    assert not [word for word in wrap(DOCKER, PLAN, PROGRAM, {}).argv if "pidfile" in word]
