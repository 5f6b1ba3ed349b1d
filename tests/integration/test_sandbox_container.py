"""A real container of podman and runc as a sandbox: its limits, its figures, and nothing left of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containers import PROBE, at_work_in, containers, monitors
from image_store import Store
from resnet_bench.errors import ContainerError, SandboxError
from resnet_bench.sandbox.allowance import PERIOD_US, Allowance
from resnet_bench.sandbox.limits.cgroup1_files import Cgroup1Files
from resnet_bench.sandbox.limits.container import Container, find_container
from resnet_bench.sandbox.process import DEVNULL, PIPE, Sandbox
from resnet_bench.sandbox.session import is_running
from resnet_bench.units import MIB
from sandboxes import SPIN, cpu_s, wait_until
from shares import assert_share

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]
LAMBDA = Allowance(1024)

# What the program finds, and what it may do.
LOOK = """
import json, os, time
began_ns = time.monotonic_ns()

def writable(folder):
    try:
        open(f"{folder}/file", "w").close()
    except OSError:
        return False
    return True

status = dict(line.split(":", 1) for line in open("/proc/self/status"))
disk = os.statvfs("/tmp")
block = b"x" * (60 << 20)
print(json.dumps({
    "began_ns": began_ns,
    "names": sorted(os.environ),
    "A": os.environ["A"],
    "ids": [os.getuid(), os.getgid()],
    "capabilities": [int(status[name], 16) for name in ("CapPrm", "CapEff", "CapBnd")],
    "no_new_privileges": int(status["NoNewPrivs"]),
    "writable": [folder for folder in ("/tmp", "/", "/var/tmp", "/run", "/var/task") if writable(folder)],
    "tmp_bytes": disk.f_blocks * disk.f_frsize,
    "cpus": len(os.sched_getaffinity(0)),
}), flush=True)
time.sleep(600)
"""
GROW = "blocks = [b'x' * (1 << 20) for _ in range(1000)]"
# Starts a container and waits to be killed; with "making", it is not there yet.
PARENT = """
import sys, time
from resnet_bench.sandbox.limits.container import find_container
from resnet_bench.sandbox.process import Sandbox
image, when = sys.argv[1:]
cage = find_container(image).cage("orphan", cpu=None, memory_bytes=None)
argv = [image, "sleep", "600"]
sandbox = Sandbox.start(argv, env={}, cage=cage, wait=when != "making")
if when == "frozen":
    sandbox.freeze()
container, folder = cage.leftovers.containers[0], cage.leftovers.folders[0]
print(container.rpartition(" ")[2], folder, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def in_the_store(image_store: Store, probe_image: str) -> Iterator[None]:
    with at_work_in(image_store):
        yield


@pytest.fixture
def limiter() -> Container:
    return find_container(PROBE)


def start(limiter: Container, *command: str, allowance: Allowance = LAMBDA, stdout: int = DEVNULL) -> Sandbox:
    return Sandbox.start(
        [PROBE, *command],
        env={"A": "secret = ü"},
        cage=limiter.cage("test", cpu=allowance.cpu, memory_bytes=allowance.memory_bytes),
        stdout=stdout,
        vcpus_count=1,
    )


def assert_nothing_is_left(store: Store, sandbox: Sandbox) -> None:
    cage = sandbox._cage
    name = cage.leftovers.containers[0].rpartition(" ")[2]
    assert containers(store) == []
    assert not [folder for folder in cage.leftovers.folders if folder.exists()]
    files = getattr(cage, "files", None)
    assert not [folder for folder in (files.folders if files else ()) if folder.exists()]
    wait_until(lambda: not monitors(name), "podman's monitor to end")


def test_a_program_finds_what_lambda_gives_it_and_is_measured_without_the_tool(
    limiter: Container, image_store: Store
) -> None:
    with start(limiter, "python3", "-c", LOOK, stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        found = json.loads(sandbox.stdout.readline())
        assert found["A"] == "secret = ü"
        assert set(found["names"]) <= {"A", "PATH", "LANG", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"} | {
            "HOME", "HOSTNAME", "TERM", "container", "LC_CTYPE"  # podman's own, and Python's
        }  # fmt: skip
        assert found["ids"] == [993, 990]
        assert (found["capabilities"], found["no_new_privileges"]) == ([0, 0, 0], 1)
        assert (found["writable"], found["tmp_bytes"]) == (["/tmp"], 512 * MIB)
        assert found["cpus"] == 1
        # What makes the container comes before; the program's first line comes after.
        assert sandbox.launched_ns < sandbox.started_ns < found["began_ns"]
        (pid,) = sandbox._cage.processes(sandbox.pid)
        ticks = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
        made_ns = ticks * 10_000_000 - (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - time.monotonic_ns())
        assert sandbox.launched_ns < made_ns < sandbox.started_ns
        # The tool's client is larger than the difference, and so is its monitor.
        assert 60 * MIB < sandbox.peak_rss_bytes() < 80 * MIB
        peak = sandbox.peak_memory_bytes()
        assert isinstance(peak, int)
        assert 60 * MIB < peak < 100 * MIB
    assert sandbox.peak_memory_bytes() >= peak
    sandbox.close()
    assert_nothing_is_left(image_store, sandbox)


def test_a_busy_container_gets_its_share_in_periods_of_20_ms_and_stands_still_when_frozen(
    limiter: Container, image_store: Store
) -> None:
    small = Allowance(512)
    with start(limiter, "python3", "-c", SPIN, allowance=small) as sandbox:
        files = sandbox._cage.files  # type: ignore[attr-defined]
        assert isinstance(files, Cgroup1Files)
        assert files.limits() == (small.cpu.quota_us, PERIOD_US, small.memory_bytes)
        assert_share(sandbox, small.cpu.share)
        sandbox.set_cpu(LAMBDA.cpu)
        assert files.limits() == (LAMBDA.cpu.quota_us, PERIOD_US, small.memory_bytes)
        assert_share(sandbox, LAMBDA.cpu.share)
        sandbox.freeze()
        before_s = cpu_s(sandbox)
        time.sleep(0.2)
        assert cpu_s(sandbox) == before_s
        sandbox.thaw()
        wait_until(lambda: cpu_s(sandbox) > before_s, "the program to run on")
        sandbox.freeze()
    assert sandbox.describe_exit() == "signal: killed"
    assert not sandbox.memory_killed()
    assert_nothing_is_left(image_store, sandbox)


def test_the_memory_limit_kills_and_says_so(limiter: Container) -> None:
    with start(limiter, "python3", "-c", GROW, allowance=Allowance(128)) as sandbox:
        assert sandbox.wait(60) == -signal.SIGKILL
        assert sandbox.describe_exit() == "signal: killed"
        assert sandbox.memory_killed()
    assert sandbox.memory_killed()


def test_an_exit_of_its_own_is_told_as_it_is(limiter: Container) -> None:
    with start(limiter, "sh", "-c", "exit 3") as sandbox:
        assert sandbox.wait(60) == 3
        assert sandbox.describe_exit() == "exit status 3"
        assert not sandbox.memory_killed()


def test_a_command_that_the_image_does_not_have_is_an_error_and_leaves_nothing(
    limiter: Container, image_store: Store
) -> None:
    cage = limiter.cage("missing", cpu=None, memory_bytes=None)
    with pytest.raises(SandboxError, match="podman could not start the container"):
        Sandbox.start([PROBE, "/no/such/program"], env={}, cage=cage, stderr=DEVNULL)
    assert containers(image_store) == []
    assert not [folder for folder in cage.leftovers.folders if folder.exists()]


def test_an_image_that_is_not_here_is_an_error_before_anything_starts() -> None:
    with pytest.raises(ContainerError, match=r"no image no/such:image here \(asked: .*podman"):
        find_container("no/such:image")
    with pytest.raises(ContainerError, match=r"no image no/such:image here \(asked: podman\)"):
        find_container("no/such:image", "podman")


@pytest.mark.parametrize("when", ["running", "frozen", "making"])
def test_a_parent_killed_with_kill_9_leaves_nothing_behind(when: str, image_store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, PROBE, when], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        name, folder = parent.stdout.readline().split()
        # With "making", runc is at work now, and podman does not know the pid yet.
        wait_until(lambda: bool(monitors(name)), "podman's monitor")
        (identity,) = monitors(name)
        parent.kill()
    wait_until(lambda: not monitors(name) and not Path(folder).exists(), "the janitor's work", timeout_s=60)
    assert containers(image_store) == []
    assert not is_running(parent.pid)
    assert not list(Path("/sys/fs/cgroup").glob(f"*/libpod_parent/libpod-{identity}"))
