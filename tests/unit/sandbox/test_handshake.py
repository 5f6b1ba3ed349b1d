"""The parent's part of a start, against a child that is played by the test."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox import handshake
from resnet_bench.sandbox.handshake import await_start, launch_command
from resnet_bench.sandbox.limits.base import Entry


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def nothing() -> None:
    pass


def test_the_start_time_is_what_the_child_says(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, child = ends
    child.sendall(b"readystarted 12345")
    child.shutdown(socket.SHUT_WR)
    attached: list[bool] = []
    assert await_start(ours, {"A": "1", "B": ""}, attach=lambda: attached.append(True)) == 12345
    assert attached == [True]
    assert child.recv(100) == b"A=1\0B=\0"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (b"", "ended before its program began"),
        (b"ready", "ended before its program began"),
        (b"error No such file or directory: /cpus", "could not run the program: No such file or directory: /cpus"),
        (b"readystarted 5error Exec format error: x", "could not run the program: Exec format error: x"),
    ],
)
def test_a_child_that_fails_on_the_way_is_an_error_with_its_reason(
    ends: tuple[socket.socket, socket.socket], said: bytes, message: str
) -> None:
    ours, child = ends
    child.sendall(said)
    child.shutdown(socket.SHUT_WR)
    with pytest.raises(SandboxError, match=message):
        await_start(ours, {}, attach=nothing)


def test_a_child_that_is_gone_before_it_gets_its_environment_is_an_error(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, child = ends
    child.sendall(b"ready")
    with pytest.raises(SandboxError, match="ended before"):
        await_start(ours, {}, attach=child.close)


def test_a_child_that_hangs_is_an_error(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "_TIMEOUT_S", 0.01)
    with pytest.raises(SandboxError, match="did not start within"):
        await_start(ends[0], {}, attach=nothing)


def test_the_command_names_the_cage_s_files_the_cpus_and_the_program() -> None:
    entry = Entry(procs_files=(Path("/c/cpu/procs"), Path("/c/memory/procs")), prefix=("systemd-run", "--"))
    command = launch_command(entry, 7, (0, 1), ["program", "-x"])
    assert command[:2] == ["systemd-run", "--"]
    assert command[-7:] == ["7", "0,1", "2", "/c/cpu/procs", "/c/memory/procs", "program", "-x"]
    assert launch_command(Entry(), 7, (), ["program"])[-4:] == ["7", "-", "0", "program"]
