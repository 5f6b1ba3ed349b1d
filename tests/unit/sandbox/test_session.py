from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from resnet_bench.sandbox.session import (
    is_running,
    kill_session,
    members,
    process_state,
    resume_session,
    signal_session,
    stop_session,
)
from sandboxes import SLEEP, wait_until

# A child in a process group of its own, as a shell's background job has it.
TWO_GROUPS = f"import os\nif os.fork() == 0:\n    os.setpgid(0, 0)\nprint('up', flush=True)\n{SLEEP}"


@pytest.fixture
def session() -> Iterator[int]:
    command = [sys.executable, "-I", "-S", "-c", TWO_GROUPS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"up\n", b"up\n"]
        yield process.pid
        kill_session(process.pid)


def test_members_are_found_across_process_groups(session: int) -> None:
    assert len(members(session)) == 2
    assert session in members(session)
    assert os.getpid() not in members(session)


def test_stopping_and_resuming_reach_every_group(session: int) -> None:
    assert stop_session(session)
    assert {process_state(pid) for pid in members(session)} == {"T"}
    resume_session(session)
    wait_until(lambda: "T" not in {process_state(pid) for pid in members(session)}, "both to go on")


def test_killing_reaches_every_group_even_when_stopped(session: int) -> None:
    pids = members(session)
    stop_session(session)
    assert kill_session(session)
    assert not any(is_running(pid) for pid in pids)


def test_a_session_that_is_gone_is_nothing_to_worry_about() -> None:
    with subprocess.Popen(["/bin/true"], start_new_session=True) as process:
        pass
    assert members(process.pid) == []
    assert kill_session(process.pid)
    assert stop_session(process.pid)
    signal_session(process.pid, 0)  # type: ignore[arg-type]


def test_a_zombie_does_not_run_and_a_strange_name_does_not_confuse() -> None:
    renamed = "open('/proc/self/comm', 'w').write(') Z (')\nprint('up', flush=True)\n"
    with subprocess.Popen([sys.executable, "-c", renamed + SLEEP], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert is_running(process.pid)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_state(process.pid) == "Z"
        assert not is_running(process.pid)
    assert process_state(process.pid) == ""
