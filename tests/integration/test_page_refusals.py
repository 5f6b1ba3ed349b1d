"""What the page's server lets in: nothing malformed, nothing of other sites, and no input is answered with a 5xx."""

from __future__ import annotations

import io
import json
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from page_world import CAT, PNG, World, fault, page_world
from resnet_bench import wire
from resnet_bench.web.access import Access
from sandboxes import wait_until


def long_and_thin() -> bytes:
    """Small as it is, and enormous after resizing."""
    file = io.BytesIO()
    Image.new("1", (100_000, 1)).save(file, "png")
    return file.getvalue()


REFUSED: dict[str, tuple[str, str, dict[str, str], bytes, tuple[int, str]]] = {
    "nothing": ("POST", "/classify", {}, b"", (400, "no_image")),
    "not JSON": ("POST", "/classify", {}, b"image", (400, "not_json")),
    "bad base64": ("POST", "/classify", {}, b'{"image": "a b"}', (400, "bad_base64")),
    "a form": ("POST", "/classify", {"content-type": "multipart/form-data; boundary=x"}, b"--x", (400, "not_json")),
    "text": ("POST", "/classify", PNG, b"hello", (400, "unsupported_format")),
    "a page": ("POST", "/classify", PNG, b"<script>alert(1)</script>", (400, "unsupported_format")),
    "5 MB": ("POST", "/classify", PNG, b"\x89PNG\r\n\x1a\n" + bytes(5_000_000), (413, "image_too_large")),
    "too long and thin": ("POST", "/classify", PNG, long_and_thin(), (413, "too_many_pixels")),
    "7 MB": ("POST", "/classify", PNG, bytes(7_000_000), (413, "image_too_large")),
    "the wrong method": ("GET", "/classify", {}, b"", (405, "method_not_allowed")),
    "another method": ("DELETE", "/results", {}, b"", (405, "method_not_allowed")),
    "no such path": ("GET", "/admin", {}, b"", (404, "not_found")),
    "no such file": ("GET", "/static/..%2Fserver.py", {}, b"", (404, "not_found")),
    "no such sample": ("GET", "/samples/..%2F..%2Fpyproject.toml", {}, b"", (404, "not_found")),
    "no such number": ("GET", f"/classifications/{'9' * 5000}", {}, b"", (404, "not_found")),
    "no number": ("GET", "/classifications/x", {}, b"", (404, "not_found")),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_served_is_refused_in_words(steady: World, kind: str) -> None:
    method, path, headers, body, expected = REFUSED[kind]
    with steady.client() as client:
        answer = client.request(method, path, headers=headers, content=body)
    assert fault(answer) == expected


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"]),
    path=st.sampled_from(["/", "/classify", "/results", "/results/", "/samples/", "/classifications/", "/static/"]),
    rest=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20),
    query=st.dictionaries(st.sampled_from(["name", "cold", "token", "x"]), st.text(max_size=20), max_size=3),
    kind=st.sampled_from(["image/png", "image/jpeg", "application/json", "text/html", "", "a/b; c=d"]),
    body=st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(lambda data: b"\x89PNG\r\n\x1a\n" + data),
        st.binary(max_size=200).map(lambda data: b"\xff\xd8\xff" + data),
        st.binary(max_size=200).map(wire.encode_request),
        st.recursive(
            st.one_of(st.none(), st.integers(), st.text(max_size=9)),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
            ),
            max_leaves=8,
        ).map(lambda document: json.dumps(document).encode()),
    ),
)
def test_no_input_is_answered_with_a_5xx(
    steady: World, *, method: str, path: str, rest: str, query: dict[str, str], kind: str, body: bytes
) -> None:
    address = path if path in {"/", "/classify", "/results"} else path + rest
    with steady.client() as client:
        answer = client.request(method, address, params=query, content=body, headers={"content-type": kind})
    assert answer.status_code < 500
    if answer.status_code >= 400 and method != "HEAD":
        assert fault(answer)[0] == answer.status_code


@pytest.mark.parametrize(
    "raw",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -5\r\n\r\n",
        b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nX",
        b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"a" * 200_000 + b"\r\n\r\n",
        b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 100\r\n\r\nhalf",
    ],
)
def test_what_is_no_http_harms_nobody(steady: World, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", steady.server.port), 5) as connection:
        answer = b""
        with suppress(OSError):  # it may have ended the connection before all was sent
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(100)
    assert not answer.startswith(b"HTTP/1.1 5")
    assert steady.classify(CAT).status_code == 200


def test_a_large_body_is_refused_before_it_is_read(steady: World) -> None:
    with socket.create_connection(("127.0.0.1", steady.server.port), 5) as connection:
        connection.sendall(b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 99999999999\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_a_page_of_another_site_starts_nothing(world: World) -> None:
    with world.client() as client:
        answer = client.post("/classify", content=CAT.read_bytes(), headers={**PNG, "origin": "https://evil.example"})
    assert fault(answer) == (403, "wrong_origin")
    assert world.local.calls == []


def test_another_name_is_refused(world: World) -> None:
    with world.client() as client:
        assert client.get("/", headers={"host": "evil.example"}).status_code == 403


def test_with_a_token_the_address_opens_the_page_for_its_browser_only(tmp_path: Path) -> None:
    access = Access("127.0.0.1", "0123456789abcdef")
    with page_world(tmp_path, access=access) as world:
        with httpx.Client(trust_env=False) as browser:
            shut = browser.get(f"http://127.0.0.1:{world.server.port}/")
            assert shut.status_code == 401
            assert "this page needs its token" in shut.text
            opened = browser.get(world.server.url, follow_redirects=True)
            assert opened.status_code == 200
            assert "token" not in str(opened.url)
            assert browser.get(f"http://127.0.0.1:{world.server.port}/history").status_code == 200
        assert httpx.get(f"http://127.0.0.1:{world.server.port}/history", trust_env=False).status_code == 401


def test_senders_that_never_finish_hold_no_more_than_their_share(tmp_path: Path) -> None:
    head = b"POST /classify HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1000\r\n\r\n"
    with page_world(tmp_path) as world, ExitStack() as open_:
        for _ in range(16):
            slow = open_.enter_context(socket.create_connection(("127.0.0.1", world.server.port), 5))
            slow.sendall(head)
        wait_until(lambda: world.classify(CAT).status_code == 429, "all who send are counted")
        open_.close()
        wait_until(lambda: world.classify(CAT).status_code == 200, "those who went away are not")
