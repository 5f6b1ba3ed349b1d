"""Finding and running a container tool, with scripts in the place of docker, podman and buildah."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_bench.container.tools import Tool, ask, find, run
from resnet_bench.errors import ContainerError, UsageError
from sandboxes import wait_until

WORKS = "echo 28.2.2"
NO_DAEMON = "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts shell scripts on a PATH on which nothing else is: ``install(podman="echo 1")``."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    def scripts(**bodies: str) -> None:
        for name, body in bodies.items():
            path = tmp_path / "bin" / name
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)

    return scripts


class Steps:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def step(self, text: str, fraction: float | None = None) -> None:
        self.texts.append(text)


def shell(path: Path, body: str) -> Tool:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return Tool("podman", str(path))


def test_the_first_tool_that_works_is_taken(install: Install) -> None:
    install(podman=WORKS, buildah=WORKS)
    assert find().name == "podman"
    assert find(("buildah", "podman")).name == "buildah"


def test_a_docker_client_without_a_daemon_is_passed_over(install: Install) -> None:
    install(docker=NO_DAEMON, buildah=WORKS)
    assert find().name == "buildah"


def test_a_docker_client_that_knows_of_no_server_is_passed_over(install: Install) -> None:
    install(docker="echo ''", buildah=WORKS)
    assert find().name == "buildah"


def test_no_tool_at_all_is_an_error_that_names_all_three(install: Install) -> None:
    with pytest.raises(ContainerError, match="docker, podman or buildah is needed, and not installed") as caught:
        find()
    assert caught.value.exit_code == 3
    assert caught.value.hint.startswith("install docker, podman or buildah")


def test_tools_that_do_not_work_are_an_error_with_their_own_reasons(install: Install) -> None:
    install(docker=NO_DAEMON, podman="exit 125")
    with pytest.raises(ContainerError, match=r"docker: Cannot connect to the Docker daemon.*podman: exit code 125"):
        find()


def test_the_tool_that_was_asked_for_is_not_replaced_by_another(install: Install) -> None:
    install(buildah=WORKS)
    with pytest.raises(ContainerError, match="podman is needed, and not installed"):
        find(wanted="podman")


def test_a_name_of_no_tool_is_a_usage_error(install: Install) -> None:
    with pytest.raises(UsageError, match="kaniko") as caught:
        find(wanted="kaniko")
    assert "docker, podman or buildah" in caught.value.hint


def test_each_line_is_a_step_without_what_only_a_terminal_understands(tmp_path: Path) -> None:
    steps = Steps()
    tool = shell(tmp_path / "tool", r"printf '\033[1mSTEP 1/2: FROM x\033[0m\n\n'; echo 'STEP 2/2: COPY' >&2")
    assert run(tool, [], doing="building", progress=steps) == "STEP 1/2: FROM x\nSTEP 2/2: COPY"
    assert steps.texts == ["building: STEP 1/2: FROM x", "building: STEP 2/2: COPY"]


def test_standard_input_and_variables_reach_the_tool(tmp_path: Path) -> None:
    tool = shell(tmp_path / "tool", 'read -r line; echo "$line $COLOUR $1"')
    assert run(tool, ["one"], doing="x", stdin=b"secret\n", env={"COLOUR": "red"}) == "secret red one"


def test_a_tool_that_does_not_read_its_input_is_no_error_by_itself(tmp_path: Path) -> None:
    assert run(shell(tmp_path / "tool", "exec 0<&-; echo done"), [], doing="x", stdin=b"a" * (1 << 20)) == "done"


def test_a_failure_carries_the_last_lines(tmp_path: Path) -> None:
    tool = shell(tmp_path / "tool", "for i in $(seq 30); do echo line $i; done; exit 7")
    with pytest.raises(ContainerError, match="building the image: podman failed with exit code 7") as caught:
        run(tool, [], doing="building the image")
    assert caught.value.details.splitlines() == [f"line {i}" for i in range(11, 31)]


def test_a_question_is_answered_without_what_the_tool_says_beside(tmp_path: Path) -> None:
    assert ask(shell(tmp_path / "tool", "echo warning >&2; echo '[]'"), [], doing="x") == "[]\n"


def test_a_question_that_fails_carries_what_the_tool_says(tmp_path: Path) -> None:
    with pytest.raises(ContainerError, match="asking: podman failed") as caught:
        ask(shell(tmp_path / "tool", "echo '[]'; echo no such image >&2; exit 125"), [], doing="asking")
    assert caught.value.details == "no such image"


def test_a_tool_that_is_no_program_is_explained(tmp_path: Path) -> None:
    (tmp_path / "tool").write_text("")
    with pytest.raises(ContainerError, match="podman cannot be started: Permission denied"):
        run(Tool("podman", str(tmp_path / "tool")), [], doing="x")


def test_an_interrupt_ends_the_tool_and_its_children(tmp_path: Path) -> None:
    tool = shell(tmp_path / "tool", "sleep 1000 & echo $! >child; echo $$ >own; wait")
    code = textwrap.dedent(f"""
        from resnet_bench.container.tools import Tool, run
        run(Tool("podman", {tool.path!r}), [], doing="building")
    """)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stderr=subprocess.DEVNULL)
    pids = [tmp_path / "child", tmp_path / "own"]
    wait_until(lambda: all(path.exists() and path.read_text().strip() for path in pids), "both to have started")
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    wait_until(lambda: not any(map(_runs, pids)), "both to have ended")


def _runs(pid_file: Path) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{int(pid_file.read_text())}/status").read_text()
    except OSError:
        return False
