"""Freezing really stops, thawing really resumes, and nothing is left standing still."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.cgroupfs import processes
from resnet_bench.sandbox.limits.cgroup_v2 import CgroupV2Cage
from resnet_bench.sandbox.limits.mounts import find_v2
from resnet_bench.sandbox.limits.naming import cage_name
from resnet_bench.sandbox.limits.throttle import ThrottleCage
from resnet_bench.sandbox.process import PIPE, Sandbox
from resnet_bench.sandbox.session import is_running, process_state
from resnet_bench.sandbox.throttler import process_cpu_s
from sandboxes import REAL, SHARE, SPIN, cpu_s, limiter_or_skip, start_python, wait_until

# The child leaves the session, so that only the cgroup holds it.
LEAVER = f"import os\nif os.fork() == 0:\n    os.setsid()\nprint(os.getpid(), flush=True)\n{SPIN}"
TWO = f"import os\nos.fork()\n{SPIN}"


def advances(sandbox: Sandbox) -> bool:
    before_s = cpu_s(sandbox)
    time.sleep(0.1)
    return cpu_s(sandbox) > before_s


@pytest.mark.parametrize("name", REAL)
def test_a_frozen_sandbox_uses_no_cpu_and_a_thawed_one_goes_on(name: str) -> None:
    with start_python(limiter_or_skip(name), TWO, cpu=SHARE) as sandbox:
        wait_until(lambda: cpu_s(sandbox) > 0.1, "the program to be busy")
        for _ in range(5):
            sandbox.freeze()
            assert not advances(sandbox)
            sandbox.thaw()
            wait_until(lambda: advances(sandbox), "the program to go on")


@pytest.mark.parametrize("name", REAL)
def test_a_frozen_sandbox_can_be_closed(name: str) -> None:
    with start_python(limiter_or_skip(name), TWO, cpu=SHARE) as sandbox:
        sandbox.freeze()
    assert sandbox.describe_exit() == "signal: killed"


@pytest.mark.parametrize("name", REAL)
def test_a_frozen_sandbox_stays_frozen_when_its_share_changes(name: str) -> None:
    with start_python(limiter_or_skip(name), SPIN, cpu=SHARE) as sandbox:
        sandbox.freeze()
        sandbox.set_cpu(None)
        sandbox.set_cpu(SHARE)
        assert not advances(sandbox)


@pytest.mark.parametrize("name", REAL)
def test_freezing_what_has_ended_or_was_closed_does_nothing(name: str) -> None:
    sandbox = start_python(limiter_or_skip(name), "pass", cpu=SHARE)
    assert sandbox.wait(30) == 0
    sandbox.freeze()
    sandbox.thaw()
    sandbox.close()
    sandbox.freeze()
    sandbox.thaw()
    sandbox.set_cpu(None)


@pytest.mark.parametrize("victim", ["guard", "meter"])
def test_a_killed_throttle_leaves_the_sandbox_running_and_is_reported(victim: str) -> None:
    with start_python(limiter_or_skip("throttle"), SPIN, cpu=SHARE) as sandbox:
        cage = sandbox._cage
        assert isinstance(cage, ThrottleCage)
        assert cage._helper is not None
        guard = cage._helper.pid
        sandbox.freeze()
        assert process_state(sandbox.pid) == "T"
        os.kill(guard if victim == "guard" else child_of(guard), signal.SIGKILL)
        wait_until(lambda: process_state(sandbox.pid) == "R", "the sandbox to go on")
        with pytest.raises(SandboxError, match="helper process"):
            sandbox.freeze()
        assert process_state(sandbox.pid) != "T"


@pytest.mark.cgroup
def test_a_real_version_2_folder_holds_freezes_and_kills_even_without_controllers() -> None:
    hierarchy = find_v2()
    if hierarchy is None or not os.access(hierarchy.mount, os.W_OK):
        pytest.skip("no writable cgroup v2 hierarchy here")
    folder = hierarchy.mount / cage_name("test")
    folder.mkdir()
    cage = CgroupV2Cage(folder)
    with Sandbox.start([sys.executable, "-S", "-c", LEAVER], env={}, cage=cage, stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        pids = {int(sandbox.stdout.readline()) for _ in range(2)}
        assert set(processes(str(folder))) == pids
        sandbox.freeze()
        before_s = [process_cpu_s(pid) for pid in pids]
        time.sleep(0.1)
        assert [process_cpu_s(pid) for pid in pids] == before_s
        sandbox.thaw()
        wait_until(lambda: [process_cpu_s(pid) for pid in pids] > before_s, "both to go on")
        sandbox.freeze()
    assert not folder.exists()
    assert not any(is_running(pid) for pid in pids)


def child_of(parent: int) -> int:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        fields = stat.read_text().rpartition(") ")[2].split()
        if int(fields[1]) == parent:
            return int(stat.parent.name)
    raise AssertionError(f"process {parent} has no child")
