"""Control groups that somebody takes away, or fills from further up, while a sandbox is in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulated import ask, call, emulate, limiter
from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.cgroupfs import remove_cgroup
from resnet_bench.sandbox.limits.cgroup1_files import Cgroup1Files
from resnet_bench.sandbox.limits.mounts import find_v1
from resnet_bench.sandbox.process import Sandbox
from resnet_bench.sandbox.session import is_running
from resnet_bench.units import MIB
from sandboxes import SHARE, SLEEP, start_python

pytestmark = pytest.mark.cgroup


def take_away(sandbox: Sandbox) -> None:
    for folder in sandbox._cage.leftovers.cgroups:
        for pid in sandbox._cage.processes(sandbox.pid):
            (folder.parent / "cgroup.procs").write_text(str(pid))
        folder.rmdir()


@pytest.fixture(autouse=True)
def cgroups() -> None:
    if not limiter().enforcement.mechanism.startswith("cgroup"):
        pytest.skip("no control groups can be made here")


def test_a_sandbox_without_its_cgroup_says_so_and_can_be_closed() -> None:
    sandbox = start_python(limiter(), SLEEP, cpu=SHARE)
    take_away(sandbox)
    for call_it in (sandbox.freeze, sandbox.thaw, lambda: sandbox.set_cpu(SHARE)):
        with pytest.raises(SandboxError) as caught:
            call_it()
        assert caught.value.hint
    sandbox.close()
    assert not is_running(sandbox.pid)


def test_an_environment_without_its_cgroup_is_ended_and_the_next_call_meets_another() -> None:
    with emulate() as emulated:
        pid = ask(emulated, "who")["pid"]
        ((environment, _),) = emulated._service._all.values()
        assert environment._sandbox is not None
        emulated.settle(environment.id)
        take_away(environment._sandbox)
        assert call(emulated, "who").status_code == 500
        assert any("no longer held to its limits" in line for line in emulated.log_lines())
        assert not is_running(pid)
        assert ask(emulated, "who")["pid"] != pid


@pytest.mark.parametrize(("above_mb", "own_mb", "own_limit_met"), [(64, 512, False), (512, 64, True)])
def test_a_kill_for_want_of_memory_further_up_is_not_blamed_on_the_limit(
    above_mb: int, own_mb: int, own_limit_met: bool
) -> None:
    place = find_v1("memory", Path("/proc/self"))
    if place is None:
        pytest.skip("cgroup v1 is not mounted here with memory")
    above = place.own / f"resnet-bench-{os.getpid()}-above"
    own = above / "own"
    try:
        for folder, limit_mb in ((above, above_mb), (own, own_mb)):
            folder.mkdir()
            (folder / "memory.limit_in_bytes").write_text(str(limit_mb * MIB))
        eat = f"open({str(own / 'cgroup.procs')!r}, 'w').write('0'); bytearray(b'1') * {300 * MIB}"
        assert subprocess.run([sys.executable, "-c", eat], check=False).returncode == -9
        files = Cgroup1Files({"cpu": own, "memory": own})
        assert files.memory_killed() is own_limit_met
    finally:
        for folder in (own, above):
            remove_cgroup(str(folder))
