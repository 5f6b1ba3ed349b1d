"""Servers that misbehave, by name: what each does with one connection.

Those that would go on for ever do so until their client goes away, or for ``_LONGEST_S``: no test hangs for good.
"""

from __future__ import annotations

import gzip
import socket
import time

from servers import GOOD, Handler, once, receive, reply

_LONGEST_S = 60.0
# Often enough that no time-out between two bytes of a test's client, a second or more, ever meets one.
_DRIP_S = 0.05
_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"transfer-encoding: chunked\r\n\r\n"
# What would clear the screen, name the window, ring, and turn what follows around.
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e"


def reset(connection: socket.socket) -> None:
    """Let closing send a reset, as a crashed server's kernel does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def endless(begin: bytes, again: bytes, every_s: float = 0.0) -> Handler:
    """After the request ``begin``, then ``again`` and again."""

    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(begin)
        ends_s = time.monotonic() + _LONGEST_S
        while time.monotonic() < ends_s:
            connection.sendall(again)
            time.sleep(every_s)

    return handle


def reset_within_the_request(connection: socket.socket) -> None:
    connection.recv(1000)
    reset(connection)


def reset_within_the_answer(connection: socket.socket) -> None:
    receive(connection)
    connection.sendall(reply()[:200])
    reset(connection)


def reads_by_the_byte(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    ends_s = time.monotonic() + _LONGEST_S
    while time.monotonic() < ends_s and connection.recv(1):
        time.sleep(_DRIP_S)


# Each is within its bounds at every moment, and never done.
NEVER_DONE: dict[str, Handler] = {
    "headers by the byte": endless(_OK + b"x: ", b"x", _DRIP_S),
    "a status line by the byte": endless(b"HTTP/1.1 200 ", b"O", _DRIP_S),
    "a body by the byte": endless(reply(b"", length=len(GOOD)), b" ", _DRIP_S),
    "a body without a length, by the byte": endless(_OK + b"\r\n", b" ", _DRIP_S),
    "the size of a chunk by the byte": endless(_CHUNKED + b"5;", b"x", _DRIP_S),
    "trailers by the line": endless(_CHUNKED + b"0\r\n", b"a: b\r\n", _DRIP_S),
    "interim answers now and then": endless(b"", b"HTTP/1.1 102 Processing\r\n\r\n", _DRIP_S),
    "interim answers without a pause": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}

NOT_HTTP: dict[str, Handler] = {
    "reset within the request": reset_within_the_request,
    "reset within the answer": reset_within_the_answer,
    "HTTP/0.9": once(b"<html>hello</html>\r\n"),
    "HTTP/2 unasked": once(b"\0\0\x12\4\0\0\0\0\0" + bytes(18)),
    "a TLS alert": once(b"\x15\x03\x01\x00\x02\x02\x46"),
    "zeroes": once(bytes(5000)),
    "two lengths": once(_OK + b"content-length: 3\r\ncontent-length: 5\r\n\r\nabcde"),
    "a negative length": once(_OK + b"content-length: -3\r\n\r\nabcde"),
    "a length of thirty digits": once(reply(length=10**30)),
    "a length and chunks": once(_OK + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\nabcde"),
    "an unknown transfer encoding": once(_OK + b"transfer-encoding: gzip, identity\r\n\r\nabcde"),
    "a header without end": endless(_OK + b"x: ", b"x" * 1000),
    "headers without end": endless(_OK, b"".join(b"x%d: y\r\n" % number for number in range(1000))),
    "a header of 1 MB": once(_OK + b"x: " + b"a" * 1_000_000 + b"\r\ncontent-length: 0\r\n\r\n"),
    "a status below 100": once(b"HTTP/1.1 099 Low\r\ncontent-length: 0\r\n\r\n"),
    "another protocol": once(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nhello"),
    "a way to nowhere": once(b"HTTP/1.1 302 Found\r\nlocation: http://a/\x1b[2J\r\ncontent-length: 0\r\n\r\n"),
}

# 200 kB of this are 200 MB, and those of it packed again a few hundred bytes.
_BOMB = gzip.compress(bytes(200_000_000), compresslevel=1)
PACKED: dict[str, bytes] = {
    "gzip": reply(gzip.compress(GOOD), content_encoding="gzip"),
    "a bomb": reply(_BOMB, content_encoding="gzip"),
    "a bomb in a bomb": reply(gzip.compress(_BOMB), content_encoding="gzip, GZIP"),
    "a packing that nobody knows": reply(GOOD, content_encoding="zip"),
}
