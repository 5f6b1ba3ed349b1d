"""What the emulator opens to the world, and what it leaves behind: nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from emulated import ask, cages, call, emulate, limiter, wait_until
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.errors import SetupError
from resnet_bench.sandbox.session import is_running

PARENT = """
import sys, time
from emulated import ask, emulate
emulated = emulate().start()
print(ask(emulated, "who")["pid"], next(iter(emulated._service._all.values()))[0]._folder, emulated.url, flush=True)
time.sleep(600)
"""


def listeners(pid: int) -> set[str]:
    """Local addresses on which the process listens, IPv4 in the kernel's hexadecimal and IPv6 (proc(5), net/tcp)."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            inodes.add(str(handle.readlink()).removeprefix("socket:[").removesuffix("]"))
    listening = "0A"
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == listening and row[9] in inodes}


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    tests = str(Path(__file__).parents[1])
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        env={**os.environ, "PYTHONPATH": tests, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_everything_listens_on_loopback_only() -> None:
    with emulate() as emulated:
        ask(emulated, "who")
        found = listeners(os.getpid())
        for url in (emulated.url, emulated.aws_url):
            assert url.startswith("http://127.0.0.1:")
    assert found == {"0100007F"}


def test_close_leaves_no_process_no_folder_and_no_listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    emulated = emulate().start()
    pid = ask(emulated, "who")["pid"]
    assert list(tmp_path.iterdir())
    before = cages(os.getpid())
    emulated.close()
    emulated.close()
    assert not Path(f"/proc/{pid}").exists()
    assert list(tmp_path.iterdir()) == []
    assert not [folder for folder in before if folder.exists()]
    with pytest.raises(httpx.ConnectError):
        httpx.get(emulated.url)


def test_close_in_the_middle_of_an_invocation_ends_it(tmp_path: Path) -> None:
    emulated = emulate().start()
    with ThreadPoolExecutor() as pool:
        pool.submit(call, emulated, "wait_for", path=str(tmp_path / "never"), arrived=str(tmp_path))
        wait_until(lambda: any(tmp_path.iterdir()), "the request in the function")
        (arrived,) = tmp_path.iterdir()
        emulated.close()
        assert not Path(f"/proc/{arrived.name}").exists()


def test_close_while_requests_come_in_leaves_nothing() -> None:
    """A request that waits for an environment to settle must not start one after the others have ended."""
    for _ in range(5):
        emulated = emulate(concurrency=1).start()
        with ThreadPoolExecutor() as pool:
            ask(emulated, "who")
            late = [pool.submit(call, emulated, "who") for _ in range(3)]
            emulated.close()
            ends = {each.result().status_code if each.exception() is None else "gone" for each in late}
        assert ends <= {200, 500, 503, "gone"}
        assert emulated._service.environments_count == 0


def test_an_emulator_that_was_never_started_can_be_closed() -> None:
    emulate().close()


def test_a_port_in_use_is_a_setup_error_and_nothing_stays_open() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        emulated = EmulatedLambda(Function("probe.handler"), limiter(), port=port)
        with pytest.raises(SetupError, match=f"cannot listen on 127.0.0.1:{port}") as caught:
            emulated.start()
    assert "--port" in caught.value.hint
    assert "emulated-lambda" not in {thread.name for thread in threading.enumerate()}


def test_a_killed_parent_leaves_no_process_no_cgroup_and_no_folder(tmp_path: Path) -> None:
    with another_process(tmp_path) as parent:
        assert parent.stdout is not None
        child, folder, url = parent.stdout.readline().split()
        assert is_running(int(child))
        assert Path(folder).is_dir()
        assert listeners(parent.pid) == {"0100007F"}
        assert httpx.get(url + "/echo").status_code == 200
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        wait_until(lambda: not is_running(int(child)), "the child to be gone")
        wait_until(lambda: not cages(parent.pid), "the cgroups to be gone")
        wait_until(lambda: not Path(folder).exists(), "the temporary folder to be gone")
