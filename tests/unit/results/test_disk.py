"""Where a file shall be and something else stands, and what may stand where one is read."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from factories import make_run
from resnet_bench.errors import ResultError
from resnet_bench.results.disk import write_atomically
from resnet_bench.results.files import load, written


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


def test_what_is_no_file_is_written_to_and_not_replaced(pipe: Path) -> None:
    """As root, ``--html /dev/null`` once put a page in the place of the device."""
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, b"page")
    reader.join()
    assert read == [b"page"]
    assert pipe.is_fifo()
    assert list(pipe.parent.iterdir()) == [pipe]


def test_a_link_to_a_file_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


@pytest.mark.parametrize("link", ["nowhere", "link"])
def test_a_link_that_leads_nowhere_is_replaced(link: str, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(link)
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


KILLED = """
import os, signal, sys
from pathlib import Path
from resnet_bench.results.disk import write_atomically
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"new" * 100_000)
"""


def test_a_kill_while_it_is_written_leaves_no_temporary_file(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path / "a"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


def test_without_nameless_files_it_is_written_under_another_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", os.O_TMPFILE | os.O_EXCL | os.O_CREAT)  # which no kernel takes
    write_atomically(tmp_path / "a", b"whole")
    assert (tmp_path / "a").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_pipe_that_nobody_writes_into_is_not_waited_for(pipe: Path) -> None:
    with pytest.raises(ResultError, match="nobody writes into the pipe") as caught:
        load(pipe)
    assert caught.value.hint


def test_a_result_is_read_from_a_pipe(pipe: Path) -> None:
    run = make_run(runs=40)
    end = os.fdopen(os.open(pipe, os.O_RDWR), "wb")  # open before it is read, as with the shell's ``<(...)``

    def write() -> None:
        with end:
            end.write(written(run))

    writer = threading.Thread(target=write)
    writer.start()
    assert load(pipe) == run
    writer.join()


def test_what_cannot_be_json_is_not_read_to_its_end(tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    for path in (huge, Path("/dev/zero")):
        with pytest.raises(ResultError, match="not a whole JSON document"):
            load(path)


def test_a_loop_of_links_is_explained(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(ResultError, match=r"cannot read .*: Too many levels of symbolic links") as caught:
        load(tmp_path / "a")
    assert caught.value.hint
