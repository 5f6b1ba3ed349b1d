"""Starting, ending, and leaving nothing behind, whoever dies first."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox import process
from resnet_bench.sandbox.janitor import Janitor
from resnet_bench.sandbox.process import PIPE, Sandbox
from resnet_bench.sandbox.session import is_running, members
from sandboxes import REAL, SHARE, SLEEP, limiter_or_skip, start, start_python, wait_until

# Starts a sandbox whose program has a child, and one that left the session; tells who they are, and waits.
PARENT = """
import json, sys, time
from resnet_bench.sandbox.janitor import janitor
from resnet_bench.sandbox.limits import LIMITERS
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.process import PIPE, Sandbox
CHILD = '''
import os, time
pids = [os.getpid()]
for leaves in (False, True)[:int(os.environ["CHILDREN"])]:
    pid = os.fork()
    if pid == 0:
        if leaves:
            os.setsid()
        time.sleep(600)
    pids.append(pid)
print(*pids, flush=True)
time.sleep(600)
'''
name, folder, children, frozen = sys.argv[1:]
janitor().register("folder", folder)
allowance = Allowance(512)
cage = LIMITERS[name]().cage("orphan", cpu=allowance.cpu, memory_bytes=allowance.memory_bytes)
sandbox = Sandbox.start([sys.executable, "-S", "-c", CHILD], env={"CHILDREN": children}, cage=cage, stdout=PIPE)
pids = [int(pid) for pid in sandbox.stdout.readline().split()]
if frozen == "frozen":
    sandbox.freeze()
cgroups = [str(folder) for folder in cage.leftovers.cgroups]
print(json.dumps({"pids": pids, "cgroups": cgroups, "janitor": janitor().pid}), flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("frozen", ["running", "frozen"])
def test_a_parent_killed_with_kill_9_leaves_nothing_behind(name: str, frozen: str, tmp_path: Path) -> None:
    limiter_or_skip(name)
    folder = tmp_path / "scratch"
    folder.mkdir()
    (folder / "file").touch()
    # Only a cgroup holds what has left the session.
    children = "1" if name in {"throttle", "none"} else "2"
    command = [sys.executable, "-c", PARENT, name, str(folder), children, frozen]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        told = json.loads(parent.stdout.readline())
        assert all(is_running(pid) for pid in told["pids"])
        assert all(Path(cgroup).is_dir() for cgroup in told["cgroups"])
        parent.kill()
    for pid in (*told["pids"], told["janitor"]):
        wait_until(lambda pid=pid: not is_running(pid), f"process {pid} to be gone")
    assert not [cgroup for cgroup in told["cgroups"] if Path(cgroup).exists()]
    assert not folder.exists()


@pytest.mark.parametrize("name", REAL)
def test_closing_ends_the_grandchildren_and_can_be_repeated(name: str) -> None:
    code = f"import os\nos.fork()\nprint('up', flush=True)\n{SLEEP}"
    sandbox = start_python(limiter_or_skip(name), code, cpu=SHARE, stdout=PIPE)
    assert sandbox.stdout is not None
    assert [sandbox.stdout.readline() for _ in range(2)] == [b"up\n", b"up\n"]
    assert len(members(sandbox.pid)) == 2
    sandbox.close()
    sandbox.close()
    wait_until(lambda: not any(map(is_running, members(sandbox.pid))), "the session to be empty")
    assert not [folder for folder in sandbox._cage.leftovers.cgroups if folder.exists()]
    assert sandbox.poll() == -9


@pytest.mark.parametrize("name", REAL)
def test_a_sandbox_whose_program_has_ended_closes_like_any_other(name: str) -> None:
    code = f"import os, sys\nif os.fork() == 0:\n    {SLEEP}\nsys.exit(3)"
    with start_python(limiter_or_skip(name), code) as sandbox:
        assert sandbox.wait(30) == 3
        assert sandbox.describe_exit() == "exit status 3"
        assert any(is_running(pid) for pid in members(sandbox.pid))
    wait_until(lambda: not any(map(is_running, members(sandbox.pid))), "the child that stayed to be gone")


@pytest.mark.parametrize("name", REAL)
def test_a_program_that_does_not_exist_is_an_error_and_leaves_no_cage(name: str) -> None:
    limiter = limiter_or_skip(name)
    cage = limiter.cage("missing", cpu=SHARE, memory_bytes=None)
    with pytest.raises(SandboxError, match="No such file or directory: /no/such/program"):
        Sandbox.start(["/no/such/program"], env={}, cage=cage)
    assert not [folder for folder in cage.leftovers.cgroups if folder.exists()]


def test_a_missing_working_folder_is_an_error_and_leaves_no_cage(tmp_path: Path) -> None:
    cage = limiter_or_skip("none").cage("missing", cpu=None, memory_bytes=None)
    with pytest.raises(SandboxError, match="could not be started"):
        Sandbox.start(["/bin/true"], env={}, cwd=tmp_path / "missing", cage=cage)


def test_without_a_janitor_no_sandbox_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[int] = []

    class NoProcesses(Janitor):
        def register(self, kind: str, value: object) -> None:
            registered.append(int(str(value)))
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(process, "janitor", NoProcesses)
    cage = limiter_or_skip("none").cage("unwatched", cpu=None, memory_bytes=None)
    with pytest.raises(SandboxError, match="could not be started: Resource temporarily unavailable"):
        Sandbox.start(["sleep", "600"], env={"PATH": "/usr/bin:/bin"}, cage=cage)
    assert not any(map(is_running, registered))


def test_the_program_gets_the_given_environment_and_its_start_time_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OURS", "secret")
    env = {"PATH": "/usr/bin:/bin", "TEXT": "two\nlines = ü", "EMPTY": ""}
    cage = limiter_or_skip("none").cage("env", cpu=None, memory_bytes=None)
    with Sandbox.start(["env", "-0"], env=env, cage=cage, stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        lines = sandbox.stdout.read().decode().rstrip("\0").split("\0")
    env["RESNET_BENCH_STARTED_NS"] = str(sandbox.started_ns)
    assert sorted(lines) == sorted(f"{name}={value}" for name, value in env.items())


def test_the_start_time_lies_between_the_call_and_its_return() -> None:
    limiter = limiter_or_skip("none")
    called_ns = time.monotonic_ns()
    with start_python(limiter, SLEEP) as sandbox:
        assert called_ns < sandbox.started_ns < time.monotonic_ns()


def test_the_program_starts_with_default_signals_and_no_foreign_files() -> None:
    code = """
import os, signal
with open("/proc/self/status") as status:
    fields = dict(line.split(":", 1) for line in status)
print(fields["SigIgn"].strip(), fields["SigBlk"].strip(), sorted(os.listdir("/proc/self/fd")))
"""
    # A shell's child, and not Python's own view, which ignores SIGPIPE by itself.
    with start(limiter_or_skip("none"), ["grep", "-E", "Sig(Ign|Blk)", "/proc/self/status"], stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        masks = dict(line.split() for line in sandbox.stdout.read().decode().splitlines())
    # 32 and 33 belong to the C library, which lets nobody set them: as a parent of ours left them, so they stay.
    reserved = (1 << 31) | (1 << 32)
    assert {int(mask, 16) & ~reserved for mask in masks.values()} == {0}
    with start_python(limiter_or_skip("none"), code, stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        # The fourth is the folder that is being listed.
        assert sandbox.stdout.read().decode().split(" ", 2)[2] == "['0', '1', '2', '3']\n"


def test_an_event_loop_hears_of_the_end() -> None:
    async def ended(sandbox: Sandbox) -> int | None:
        heard = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(sandbox.fileno(), heard.set)
        os.kill(sandbox.pid, signal.SIGTERM)
        await asyncio.wait_for(heard.wait(), 20)
        loop.remove_reader(sandbox.fileno())
        return sandbox.poll()

    with start_python(limiter_or_skip("none"), SLEEP) as sandbox:
        assert sandbox.poll() is None
        assert sandbox.describe_exit() == "running"
        assert asyncio.run(ended(sandbox)) == -15
        assert sandbox.describe_exit() == "signal: terminated"


def test_waiting_gives_up_in_time() -> None:
    with start_python(limiter_or_skip("none"), SLEEP) as sandbox:
        assert sandbox.wait(0.01) is None


def test_a_janitor_with_nothing_registered_ends_with_its_owner(tmp_path: Path) -> None:
    janitor = Janitor()
    janitor.register("folder", tmp_path)
    janitor.forget("folder", tmp_path)
    pid = janitor.pid
    assert pid is not None
    janitor.close()
    janitor.close()
    assert not is_running(pid)
    assert tmp_path.is_dir()


def test_a_killed_janitor_is_replaced_and_hears_of_everything_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    janitor = Janitor()
    janitor.register("folder", first)
    killed = janitor.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not is_running(killed), "the janitor to be gone")
    janitor.register("folder", second)
    assert janitor.pid != killed
    janitor.close()
    assert not first.exists()
    assert not second.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_temporary_folder_goes_with_its_process(number: signal.Signals, tmp_path: Path) -> None:
    code = (
        "import time; from resnet_bench.sandbox.janitor import temporary_folder\n"
        f"with temporary_folder('resnet-bench-test-', {str(tmp_path)!r}) as folder:\n"
        "    (folder / 'secret').touch(); print('there', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"
        assert len(list(tmp_path.glob("resnet-bench-test-*/secret"))) == 1
        process.send_signal(number)
    wait_until(lambda: list(tmp_path.iterdir()) == [], "the folder to be gone")


def test_the_janitor_ignores_what_a_terminal_sends(tmp_path: Path) -> None:
    janitor = Janitor()
    janitor.register("folder", tmp_path / "gone")
    assert janitor.pid is not None
    ignored = "SigIgn:\t0000000000004003"  # SIGHUP, SIGINT, SIGTERM
    status = Path(f"/proc/{janitor.pid}/status")
    wait_until(lambda: int(ignored.split()[1], 16) & ~ignored_signals(status) == 0, "the janitor to be ready")
    janitor.close()


def ignored_signals(status: Path) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith("SigIgn:"))
    return int(line.split()[1], 16)


@pytest.mark.parametrize("name", REAL)
def test_an_interrupted_close_still_ends_a_frozen_program(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = start_python(limiter_or_skip(name), "import time; time.sleep(600)")
    sandbox.freeze()
    cage, closed = sandbox._cage, []

    def interrupted_once() -> None:
        closed.append(True)
        if len(closed) == 1:
            raise KeyboardInterrupt
        type(cage).close(cage)

    monkeypatch.setattr(cage, "close", interrupted_once)
    with pytest.raises(KeyboardInterrupt):
        sandbox.close()
    assert len(closed) == 2
    assert sandbox.describe_exit() == "signal: killed"
