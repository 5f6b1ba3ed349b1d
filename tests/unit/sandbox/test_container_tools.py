"""What a container's cage asks of its tool where it may not do it itself, against a script in the tool's place."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_bench.container.tools import Tool
from resnet_bench.errors import ContainerError, SandboxError, UsageError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.containers import remove_container
from resnet_bench.sandbox.limits.cgroup2_files import Cgroup2Files
from resnet_bench.sandbox.limits.container import Container, find_container
from resnet_bench.sandbox.limits.container.cage import ContainerCage
from resnet_bench.sandbox.limits.container.command import Plan
from resnet_bench.sandbox.limits.container.end import AtEnd
from resnet_bench.units import MIB

Script = Callable[..., Tool]
CPU = Allowance(1024).cpu


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a tool that keeps its calls, and does what ``code`` says; the only one of its name in ``PATH``."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")

    def make(name: str = "docker", code: str = "echo 28.0") -> Tool:
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n{code}\n')
        path.chmod(0o755)
        return Tool(name, str(path))

    return make


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


def cage_of(tool: Tool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> ContainerCage:
    """Its container runs, in a cgroup that only root may write."""
    cage = ContainerCage(tool, Plan("cage-1", CPU, None))
    cage.files = Cgroup2Files(folder)
    monkeypatch.setattr(Cgroup2Files, "writable", lambda _: False)
    return cage


def test_a_cgroup_that_may_not_be_written_is_left_to_the_tool(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cage = cage_of(script(), tmp_path, monkeypatch)
    cage.thaw()  # it was never frozen, of which docker would complain
    cage.freeze()
    cage.freeze()
    cage.thaw()
    cage.set_cpu(CPU)
    cage.set_cpu(None)
    cage.close()
    cage.close()
    assert calls(tmp_path) == [
        "pause cage-1",
        "unpause cage-1",
        "update --cpu-period=20000 --cpu-quota=11577 cage-1",
        "update --cpu-quota=-1 cage-1",
        "rm --force cage-1",
    ]


def test_a_tool_that_refuses_is_told_in_its_own_words(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cage = cage_of(script(code="echo no cgroup driver >&2; exit 1"), tmp_path, monkeypatch)
    with pytest.raises(ContainerError, match="pause of the sandbox: docker failed with exit code 1") as caught:
        cage.freeze()
    assert caught.value.details == "no cgroup driver"
    with pytest.raises(SandboxError, match="the container cage-1 could not be removed: no cgroup driver"):
        cage.close()


def test_a_cgroup_that_is_gone_is_no_failure_of_the_limits(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cage = cage_of(script(), tmp_path / "gone", monkeypatch)
    monkeypatch.setattr(Cgroup2Files, "writable", lambda _: True)
    cage.set_cpu(CPU)
    cage.freeze()
    cage.thaw()
    assert not cage.memory_killed()
    assert cage.processes(1) == []
    assert not (tmp_path / "calls").exists()


def test_a_limit_that_the_kernel_refuses_is_an_error(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cage = cage_of(script(), tmp_path, monkeypatch)
    monkeypatch.setattr(Cgroup2Files, "writable", lambda _: True)
    (tmp_path / "cpu.max").mkdir()
    with pytest.raises(SandboxError, match="the container's limits could not be changed: Is a directory"):
        cage.set_cpu(CPU)


def test_before_its_container_runs_a_cage_holds_nothing(script: Script, tmp_path: Path) -> None:
    cage = ContainerCage(script(), Plan("cage-1", CPU, None))
    cage.set_cpu(CPU)
    cage.freeze()
    assert cage.processes(1) == []
    assert cage.peak_memory_bytes() == Skipped("the sandbox was never started")
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize(("code", "meant"), [(0, 0), (3, 3), (127, 127), (128, 128), (137, -9), (143, -15), (-9, -9)])
def test_a_signal_is_told_from_the_tools_exit_code(script: Script, code: int, meant: int) -> None:
    assert ContainerCage(script(), Plan("cage-1", CPU, None)).exit_code(code) == meant


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("echo cage-1", None),
        ('echo "Error: No such container: cage-1" >&2; exit 1', None),
        ('echo "Error: no container with name or ID \\"cage-1\\" found: no such container" >&2; exit 1', None),
        ("echo in use >&2; exit 1", "in use"),
        ("exit 2", "exit status 2"),
    ],
)
def test_a_container_that_is_not_there_is_as_good_as_removed(script: Script, code: str, failure: str | None) -> None:
    assert remove_container(f"{script(code=code).path} cage-1") == failure


def test_a_container_that_ends_while_podman_is_about_to_end_it_is_removed_at_the_next_attempt(
    script: Script, tmp_path: Path
) -> None:
    words = "Error: cannot remove container as it could not be stopped: container state improper: stopped"
    fail = f'echo "{words}" >&2; exit 2'
    tool = script("podman", f"test -e {tmp_path}/stopped && exit; touch {tmp_path}/stopped; {fail}")
    assert remove_container(f"{tool.path} cage-1") is None
    assert calls(tmp_path) == ["rm --force cage-1"] * 2
    assert remove_container(f"{script('podman', fail).path} cage-1") == words


def test_a_tool_removes_a_container_only_when_what_was_killed_in_it_is_dead(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = f"import time; block = b'x' * {256 * MIB}; print(flush=True); time.sleep(600)"
    with subprocess.Popen([sys.executable, "-S", "-c", held], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        tool = script(code=f"read _ _ state _ < /proc/{process.pid}/stat; echo $state >> {tmp_path}/calls")
        cage = cage_of(tool, tmp_path, monkeypatch)
        monkeypatch.setattr(Cgroup2Files, "writable", lambda _: True)
        (tmp_path / "cgroup.procs").write_text(f"{process.pid}\n")
        cage._at_end = AtEnd(process.pid, int)
        cage.close()
        assert calls(tmp_path) == ["rm --force cage-1", "Z"]  # a zombie: this test has not yet asked how it ended
        assert process.wait() == -signal.SIGKILL


def test_a_tool_that_is_not_there_removes_nothing() -> None:
    assert "No such file" in (remove_container("/no/such/tool cage-1") or "")


def test_the_tool_that_has_the_image_is_taken(script: Script) -> None:
    script("docker", 'test "$1" = version && echo 28.0')
    podman = script("podman", 'test "$1" = info && echo 5.0; test "$1 $3" != "image other:1"')
    cage = find_container("image:1").cage("x", cpu=None, memory_bytes=None)
    cage.close()
    assert cage.leftovers.containers[0].startswith(f"{podman.path} resnet-bench-")
    with pytest.raises(ContainerError, match=r"no image image:1 here \(asked: docker\)"):
        find_container("image:1", "docker")
    with pytest.raises(UsageError, match="no such container tool for this: buildah"):
        find_container("image:1", "buildah")


def test_without_a_tool_that_works_the_error_says_why(script: Script) -> None:
    for name in ("docker", "podman"):
        script(name, "echo is the daemon running >&2; exit 1")
    with pytest.raises(ContainerError, match="docker: is the daemon running; podman: is the daemon running"):
        find_container("image:1")


@pytest.mark.parametrize(
    ("name", "uid", "slow"), [("docker", 0, False), ("docker", 1000, True), ("podman", 1000, False)]
)
def test_the_caption_tells_who_freezes_where_calls_wait_for_it(
    name: str, uid: int, slow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: uid)
    description = Container(Tool(name, f"/bin/{name}")).enforcement.description
    assert description.startswith(f"{name} runs the image; CFS quota with a 20 ms period, memory limit that kills")
    assert description.endswith("paused by docker, for which calls wait") == slow


def test_a_tool_that_has_stopped_working_cannot_be_used(script: Script) -> None:
    limiter = Container(script("docker"))
    assert limiter.unavailable() is None
    script("docker", "exit 1")
    assert limiter.unavailable() == Skipped("no container tool works here; docker: exit code 1")
