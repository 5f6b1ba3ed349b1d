"""Names that would lead out of what the page offers: none is a path here."""

from __future__ import annotations

import os
import socket

import pytest

from page_world import World
from raw_http import everything
from visitors import keep_result

OUTSIDE = (
    "../secret.json",
    "..%2fsecret.json",
    "..%2Fsecret.json",
    "%2e%2e%2fsecret.json",
    "%2e%2e/secret.json",
    "..%252fsecret.json",
    "..%5csecret.json",
    "..%c0%afsecret.json",
    ".%00./secret.json",
    "secret.json%00.json",
    "./../secret.json",
    "x/../../secret.json",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "//etc/passwd",
    "file:%2f%2f%2fetc%2fpasswd",
    "~%2fsecret.json",
    "",
    ".",
    "..",
    "%",
    "%zz",
    "a" * 60_000,
    "%20" * 5_000,
    "link.json",
    "pipe.json",
    "folder.json",
)


@pytest.fixture(scope="module")
def filled(steady: World) -> World:
    """Its folder holds one result, and what is none; a secret lies beside it."""
    keep_result(steady.folder)
    secret = steady.folder.parent / "secret.json"
    secret.write_text('"the secret"')
    (steady.folder / "link.json").symlink_to(secret)
    os.mkfifo(steady.folder / "pipe.json")
    (steady.folder / "folder.json").mkdir()
    return steady


@pytest.mark.parametrize("place", ["results", "samples", "thumbnails", "static", "classifications"])
def test_no_name_leads_out_of_what_is_offered(filled: World, place: str) -> None:
    for name in OUTSIDE:
        said = asked(filled, f"/{place}/{name}")
        status = int(said.split(b" ", 2)[1])
        assert status in {400, 404}, (name, said)
        assert b"the secret" not in said
        assert b"root:" not in said
        assert b"Traceback" not in said


def test_a_link_a_pipe_and_a_folder_are_not_even_listed(filled: World) -> None:
    said = asked(filled, "/results")
    assert said.count(b"<button") == 1
    for name in (b"link.json", b"pipe.json", b"folder.json"):
        assert name not in said


def asked(world: World, path: str) -> bytes:
    """As it is written: no client has tidied it up."""
    with socket.create_connection(("127.0.0.1", world.server.port), 30) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".encode())
        return everything(connection)
