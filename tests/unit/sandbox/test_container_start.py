"""When a container's program began, told by imitations of ``/proc``, of tools and of their files."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_bench.container.tools import Tool
from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.limits.container import start
from resnet_bench.sandbox.limits.container.command import Plan
from resnet_bench.sandbox.limits.container.end import AtEnd
from resnet_bench.sandbox.limits.container.start import await_exec, await_pid
from sandboxes import wait_until

PID = 4711
PODMAN = Tool("podman", "/no/such/podman")


def never() -> bool:
    return False


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / str(PID)).mkdir()
    return tmp_path


@pytest.mark.parametrize("waiting", ["runc:[2:INIT]", "crun", "youki:[2:INIT]"])
def test_a_program_begins_when_its_process_is_no_longer_the_runtimes(
    proc: Path, waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    comm = proc / str(PID) / "comm"
    comm.write_text(waiting + "\n")
    looks: list[int] = []

    def sleep(_: float) -> None:
        looks.append(time.monotonic_ns())
        if len(looks) == 3:
            comm.write_text("python3\n")

    monkeypatch.setattr(start.time, "sleep", sleep)
    began_ns = await_exec(PID, proc)
    assert looks[2] <= began_ns <= time.monotonic_ns()
    assert len(looks) == 3


@pytest.mark.parametrize("name", ["python3", "a) R (b", "(x) y z"])
def test_where_the_waiting_was_not_seen_it_is_when_the_kernel_made_the_process(proc: Path, name: str) -> None:
    (proc / str(PID) / "comm").write_text(name + "\n")
    made_s = time.clock_gettime(time.CLOCK_BOOTTIME) - 5
    fields = ["0"] * 18 + [str(int(made_s * os.sysconf("SC_CLK_TCK")))]
    (proc / str(PID) / "stat").write_text(f"{PID} ({name}) S {' '.join(fields)} 0\n")
    assert await_exec(PID, proc) == pytest.approx(time.monotonic_ns() - 5e9, abs=1e9)


def test_a_program_that_ended_at_once_began_just_now(proc: Path) -> None:
    before_ns = time.monotonic_ns()
    assert before_ns <= await_exec(12345, proc) <= time.monotonic_ns()


def test_the_pid_file_is_awaited_also_while_it_is_still_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, steps = tmp_path / "pid", iter(["", "42\n"])
    monkeypatch.setattr(start.time, "sleep", lambda _: file.write_text(next(steps)))
    assert await_pid(PODMAN, Plan("cage", None, None, file), os.getpid(), never) == 42


def test_docker_is_asked_until_it_knows_a_pid(tmp_path: Path) -> None:
    # It knows no such container, then one that does not run, then one that does.
    script = tmp_path / "docker"
    script.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n'
        f"case $(wc -l < {tmp_path}/calls) in 1) exit 1;; 2) echo 0;; *) echo 42;; esac\n"
    )
    script.chmod(0o755)
    assert await_pid(Tool("docker", str(script)), Plan("cage-1", None, None), os.getpid(), never) == 42
    assert (tmp_path / "calls").read_text().splitlines() == ["inspect --format={{.State.Pid}} cage-1"] * 3


def stopped(tmp_path: Path, closed: Callable[[], bool], client: int) -> str:
    with pytest.raises(SandboxError) as caught:
        await_pid(PODMAN, Plan("cage", None, None, tmp_path / "pid"), client, closed)
    return caught.value.message


def test_a_tool_that_ends_without_a_container_a_closed_sandbox_and_a_hanging_tool_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", ""]) as ended:
        ended.wait()
    assert stopped(tmp_path, never, ended.pid) == "podman could not start the container"
    assert stopped(tmp_path, lambda: True, os.getpid()) == "the sandbox was closed while it started"
    monkeypatch.setattr(start, "_MAKE_TIMEOUT_S", 0.01)
    assert stopped(tmp_path, never, os.getpid()) == "podman did not start the container within 0 s"


def test_the_end_of_a_process_is_looked_at_when_it_comes() -> None:
    looks: list[int] = []
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        at_end = AtEnd(process.pid, lambda: looks.append(process.pid))
        assert looks == []
        process.communicate(b"\n")
        wait_until(lambda: looks == [process.pid], "the look at the end")
    at_end.close()
    gone = AtEnd(process.pid, lambda: looks.append(0))
    wait_until(lambda: looks == [process.pid, 0], "the look at a process that is gone")
    gone.close()


def test_a_watch_that_is_closed_looks_no_more() -> None:
    looks: list[int] = []
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as process:
        AtEnd(process.pid, lambda: looks.append(1)).close()
        process.communicate(b"\n")
    assert looks == []
