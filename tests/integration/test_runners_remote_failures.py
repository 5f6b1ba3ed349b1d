"""The HTTP client against servers that break off, stall, refuse, redirect and lie."""

from __future__ import annotations

import json
import socket
import time

import pytest

from resnet_bench import wire
from resnet_bench.errors import (
    ConnectError,
    ForeignAnswer,
    HttpError,
    RemoteTimeout,
)
from resnet_bench.runners import remote
from servers import (
    ANSWER,
    GOOD,
    PHOTO,
    Handler,
    answering,
    calling,
    failure,
    once,
    receive,
    reply,
    serving,
)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(remote, "_ANSWER_TIMEOUT_S", 0.3)


# --- servers that break off -----------------------------------------------------------------------------------


def rude(connection: socket.socket) -> None:
    """Close with a reset, as a crashed server's kernel does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def reset_at_once(connection: socket.socket) -> None:
    rude(connection)


def reset_after_the_request(connection: socket.socket) -> None:
    receive(connection)
    rude(connection)


BROKEN: dict[str, Handler] = {
    "closed before the request": lambda connection: None,
    "reset before the request": reset_at_once,
    "closed after the request": lambda connection: receive(connection) and None,
    "reset after the request": reset_after_the_request,
    "half a status line": once(b"HTTP/1.1 2"),
    "half the headers": once(b"HTTP/1.1 200 OK\r\ncontent-le"),
    "half the body": once(reply(GOOD[:500], length=len(GOOD))),
    "no body": once(reply(b"", length=len(GOOD))),
    "not HTTP": once(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "control characters": once(b"\x1b[2J\x07\x00 HTTP/1.1 200 OK\r\n\r\n"),
    "bad chunks": once(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_server_that_breaks_off_is_a_connection_error(how: str) -> None:
    assert isinstance(failure(BROKEN[how]), ConnectError)


def test_a_length_shorter_than_the_answer_leaves_an_answer_that_is_not_ours() -> None:
    assert isinstance(failure(once(reply(GOOD, length=len(GOOD) - 10))), ForeignAnswer)


def test_after_a_broken_connection_the_next_call_works() -> None:
    calls: list[int] = []

    def handle(connection: socket.socket) -> None:
        receive(connection)
        calls.append(1)
        if len(calls) > 1:
            connection.sendall(reply())

    with serving(handle) as url, calling(url) as runner:
        with pytest.raises(ConnectError):
            runner.classify(PHOTO)
        assert runner.classify(PHOTO).answer == ANSWER


# --- servers that stall ---------------------------------------------------------------------------------------


def stall(connection: socket.socket) -> None:
    receive(connection)
    connection.recv(1)  # until the client has had enough


def drip(connection: socket.socket) -> None:
    receive(connection)
    connection.sendall(reply(b"", length=len(GOOD)))
    for byte in GOOD:
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("handle", [stall, drip])
def test_a_server_that_does_not_answer_in_time_is_a_time_out(handle: Handler) -> None:
    error = failure(handle)
    assert isinstance(error, RemoteTimeout)
    assert "within 0.3 s" in error.message


# --- answers of others ----------------------------------------------------------------------------------------


def test_the_handlers_own_refusal_is_told_in_its_words() -> None:
    error = failure(answering(reply(wire.encode_fault("corrupt_image", "the image is damaged").encode(), 400)))
    assert isinstance(error, HttpError)
    assert (error.status, error.code) == (400, "corrupt_image")
    assert "answered 400: corrupt_image: the image is damaged" in error.message


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 405, 413, 418, 429, 500, 502, 503, 504])
def test_a_status_of_a_gateway_is_told_with_the_next_step(status: int) -> None:
    error = failure(answering(reply(b"" if status == 204 else b'{"message": "Nope"}', status)))
    assert isinstance(error, HttpError)
    assert (error.status, error.code) == (status, None)
    assert f"answered {status}: " in error.message


def test_a_page_of_html_is_cut_to_one_printable_line() -> None:
    page = b"<html>\n<head>\r\n\t<title>\x1b[31mBad \xff Gateway</title>\n" + b"x" * 5000
    error = failure(answering(reply(page, 502)))
    assert "<html> <head> <title> [31mBad" in error.message
    assert len(error.message) < 400


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_explained_and_not_followed(status: int) -> None:
    error = failure(once(reply(b"", status, location="https://elsewhere.invalid/classify")))
    assert isinstance(error, HttpError)
    assert error.status == status
    assert "sends us to https://elsewhere.invalid/classify" in error.message
    assert "not followed" in error.hint


FOREIGN: dict[str, bytes] = {
    "nothing": b"",
    "HTML": b"<!doctype html><title>It works!</title>",
    "other JSON": b'{"hello": "world"}',
    "a list": b"[1, 2, 3]",
    "not UTF-8": b"\xff\xfe\x00",
    "half of ours": GOOD[:-20],
    "too deep": b"[" * 100_000,
    "another version": json.dumps({**json.loads(GOOD), "version": 99}).encode(),
}


@pytest.mark.parametrize("what", FOREIGN)
def test_a_body_that_is_not_ours_is_a_foreign_answer(what: str) -> None:
    error = failure(answering(reply(FOREIGN[what])))
    assert isinstance(error, ForeignAnswer)
    if what == "another version":
        assert "version 99" in error.message


def test_a_body_in_a_packing_that_was_not_asked_for_is_foreign_if_it_cannot_be_unpacked() -> None:
    assert isinstance(failure(answering(reply(b"not gzip at all", content_encoding="gzip"))), ForeignAnswer)


def test_a_body_without_end_is_cut_off() -> None:
    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")

    error = failure(handle)
    assert isinstance(error, ForeignAnswer)
    assert "longer than 1.0 MB" in error.message
