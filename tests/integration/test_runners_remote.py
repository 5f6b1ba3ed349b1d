"""The HTTP client against real sockets that refuse, stall, lie and break off."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories import make_answer, make_deployment
from resnet_bench import wire
from resnet_bench.errors import (
    ConnectError,
    ForeignAnswer,
    HttpError,
    ImageError,
    OutOfMemory,
    RemoteError,
    RemoteTimeout,
    ResnetBenchError,
    UsageError,
)
from resnet_bench.results.records import Answer, ClientTimes, Sample, Skipped
from resnet_bench.results.run import Deployment
from resnet_bench.runners import remote
from resnet_bench.runners.base import Photo
from resnet_bench.runners.remote import RemoteRunner, translate

IMAGES = Path(__file__).parents[2] / "images"
PHOTO = Photo("chelsea.png", str(IMAGES / "chelsea.png"))
ANSWER = make_answer(0.2, side="remote")
GOOD = wire.encode_answer(ANSWER).encode()

Handler = Callable[[socket.socket], None]


class Deployed:
    """An endpoint of which only the URL is known."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.settled: list[str] = []
        self.closed = 0

    def deployment(self) -> Deployment:
        return make_deployment()

    def force_cold(self) -> None:
        raise AssertionError("nobody asked for it")

    def settle(self, environment_id: str) -> int | Skipped:
        self.settled.append(environment_id)
        return 123

    def explain(self, error: RemoteError) -> ResnetBenchError:
        return error

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self.closed += 1


@contextmanager
def serving(handle: Handler, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server whose every connection ``handle`` gets; the address to call."""
    listener = socket.create_server(("127.0.0.1", 0))

    def one(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            if context is None:
                handle(connection)
            else:
                with context.wrap_socket(connection, server_side=True) as tls:
                    handle(tls)

    def accept() -> None:
        with suppress(OSError):  # closed below
            while True:
                threading.Thread(target=one, args=listener.accept()[:1], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def receive(connection: socket.socket) -> tuple[dict[str, str], bytes]:
    """One whole request: its headers (and ``:line``) and its body; nothing more comes if the client has gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode().split("\r\n")
    headers = {":line": line} | {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return headers, body


def reply(body: bytes = GOOD, status: int = 200, length: int | None = None, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answering(*replies: bytes) -> Handler:
    """Each connection gets these, one for each request, the last for all that follow."""

    def handle(connection: socket.socket) -> None:
        for given in (*replies[:-1], *[replies[-1]] * 100):
            receive(connection)
            connection.sendall(given)

    return handle


def once(given: bytes) -> Handler:
    """Answer one request and close the connection."""

    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(given)

    return handle


@contextmanager
def calling(url: str, **options: Any) -> Iterator[RemoteRunner]:
    runner = RemoteRunner(Deployed(url), "torch", **options)
    try:
        yield runner
    finally:
        runner.close()


def failure(handle: Handler) -> ResnetBenchError:
    """What a call to such a server raises; every such error has one line and a next step."""
    with serving(handle) as url, calling(url) as runner, pytest.raises(ResnetBenchError) as caught:
        runner.classify(PHOTO)
    assert caught.value.message
    assert caught.value.message.isprintable(), "one line, and nothing that could steer a terminal"
    assert caught.value.hint
    return caught.value


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(remote, "_ANSWER_TIMEOUT_S", 0.3)


# --- what arrives ---------------------------------------------------------------------------------------------


def test_an_answer_and_the_times_around_it() -> None:
    with serving(answering(reply())) as url, calling(url) as runner:
        measured = [runner.classify(PHOTO) for _ in range(3)]
    assert [each.answer for each in measured] == [ANSWER] * 3
    assert [each.cgroup_peak_bytes for each in measured] == [123] * 3
    assert runner._endpoint.settled == [ANSWER.identity.environment_id] * 3  # type: ignore[attr-defined]
    times = [each.client for each in measured]
    for each in times:
        assert isinstance(each, ClientTimes)
        parts = [each.prepare_s, each.connect_s or 0.0, each.send_s, each.wait_s, each.receive_s]
        assert min(parts) >= 0
        assert each.send_s > 0
        assert sum(parts) <= each.total_s
        assert each.tls_s is None
        assert each.http_status == 200
        assert each.received_bytes == len(GOOD)
        assert each.sent_bytes == len(wire.encode_request(Path(PHOTO.path).read_bytes()))
    connects = [each.connect_s for each in times if isinstance(each, ClientTimes)]
    assert connects[0] is not None
    assert connects[1:] == [None, None], "the connection was kept"


def test_a_connection_that_the_server_has_closed_meanwhile_is_made_again() -> None:
    with serving(once(reply())) as url, calling(url) as runner:
        runner.classify(PHOTO)
        time.sleep(0.05)
        again = runner.classify(PHOTO)
    assert isinstance(again.client, ClientTimes)
    assert again.client.connect_s is not None


@pytest.mark.parametrize("name", ["chelsea.png", "rocket.jpg"])
@pytest.mark.parametrize("raw", [False, True])
def test_the_image_arrives_byte_for_byte(name: str, raw: bool) -> None:
    seen: list[tuple[dict[str, str], bytes]] = []

    def handle(connection: socket.socket) -> None:
        seen.append(receive(connection))
        connection.sendall(reply())

    with serving(handle) as url, calling(url + "/", raw=raw) as runner:
        runner.classify(Photo(name, str(IMAGES / name)))
    ((headers, body),) = seen
    assert headers[":line"] == "POST /classify HTTP/1.1"
    assert headers["accept-encoding"] == "identity", "what is counted is what was sent"
    image = (IMAGES / name).read_bytes()
    if raw:
        assert body == image
        assert headers["content-type"] == ("image/png" if name.endswith("png") else "image/jpeg")
    else:
        assert wire.decode_base64(wire.parse_request(body).image) == image
        assert headers["content-type"] == "application/json"


def test_a_proxy_of_the_users_has_no_part_in_a_call_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    with serving(answering(reply())) as url, calling(url) as runner:
        assert isinstance(runner.classify(PHOTO).answer, Answer)


def test_a_proxy_that_refuses_is_named_for_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")

    with serving(handle) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        with (
            calling("https://api.invalid") as runner,
            pytest.raises(ConnectError, match=r"the proxy on the way .* 407"),
        ):
            runner.classify(PHOTO)


# --- the way there --------------------------------------------------------------------------------------------


def test_a_closed_port_refuses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        calling(f"http://127.0.0.1:{port}") as runner,
        pytest.raises(ConnectError, match=f"127.0.0.1:{port}: Connection refused"),
    ):
        runner.classify(PHOTO)


def test_a_name_that_cannot_be_resolved_is_named() -> None:
    with (
        calling("https://nowhere.invalid") as runner,
        pytest.raises(ConnectError, match=r"the name nowhere\.invalid cannot be resolved"),
    ):
        runner.classify(PHOTO)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with (
        serving(answering(reply()), context) as url,
        calling(url) as runner,
        pytest.raises(ConnectError, match=r"no trusted TLS connection to .*: self-signed certificate"),
    ):
        runner.classify(PHOTO)


def test_tls_has_its_own_time(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    trusting = ssl.create_default_context(cafile=str(certificate[0]))
    monkeypatch.setattr(httpx, "create_ssl_context", lambda *_, **__: trusting)
    monkeypatch.setattr("httpx._transports.default.create_ssl_context", lambda *_, **__: trusting)
    with serving(answering(reply()), context) as url, calling(url) as runner:
        first, second = (runner.classify(PHOTO).client for _ in range(2))
    assert isinstance(first, ClientTimes)
    assert isinstance(second, ClientTimes)
    assert first.connect_s is not None
    assert first.tls_s is not None
    assert first.tls_s > 0
    parts = (first.prepare_s, first.connect_s, first.tls_s, first.send_s, first.wait_s, first.receive_s)
    assert sum(parts) <= first.total_s
    assert (second.connect_s, second.tls_s) == (None, None)


def test_a_server_without_tls_behind_https_is_told() -> None:
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        address = url.replace("http:", "https:")
        with calling(address) as runner, pytest.raises(ConnectError, match="no trusted TLS connection"):
            runner.classify(PHOTO)


@pytest.mark.usefixtures("hurry")
def test_a_server_that_accepts_nobody_is_a_time_out() -> None:
    # A listener whose queue is full drops what comes: the kernel keeps asking and nobody answers.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        with (
            calling(f"http://127.0.0.1:{listener.getsockname()[1]}") as runner,
            pytest.raises(RemoteTimeout, match=r"did not accept a connection within 0\.3 s"),
        ):
            runner.classify(PHOTO)
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.com", "ftp://example.com", "http://", "http://[::1", "http://host:99999", "http://host:port"),
        *("http://exa mple", "file:///etc/passwd", "http://a\nb", "https://host?x=1", "https://host#part"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        RemoteRunner(Deployed(url), "torch")
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        RemoteRunner(Deployed("https://me:hunter2@example.com"), "torch")
    assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("given", ["http://host/stage", "http://host/stage/", "http://host/stage/classify"])
def test_the_path_may_be_given_or_not(given: str) -> None:
    with calling(given) as runner:
        assert runner._url == "http://host/stage/classify"


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


# --- the image ------------------------------------------------------------------------------------------------


def test_an_image_over_the_limit_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + b"\0" * wire.IMAGE_LIMIT_BYTES)

    def handle(connection: socket.socket) -> None:
        raise AssertionError("a connection was made")

    with serving(handle) as url, calling(url) as runner, pytest.raises(ImageError, match=r"large.jpg has 4\.7 MB"):
        runner.classify(Photo("large.jpg", str(large)))


def test_an_image_that_has_gone_is_named(tmp_path: Path) -> None:
    with calling("http://127.0.0.1:9") as runner, pytest.raises(ImageError, match=r"no such image: .*gone\.png"):
        runner.classify(Photo("gone.png", str(tmp_path / "gone.png")))


# --- the seams ------------------------------------------------------------------------------------------------


def test_the_endpoint_may_explain_a_failure_by_what_it_knows() -> None:
    class Knowing(Deployed):
        def explain(self, error: RemoteError) -> ResnetBenchError:
            assert isinstance(error, HttpError)
            return OutOfMemory("the function was killed")

    with serving(answering(reply(b"{}", 502))) as url:
        runner = RemoteRunner(Knowing(url), "torch")
        with pytest.raises(OutOfMemory, match="the function was killed"):
            runner.classify(PHOTO)
        runner.close()


def test_closing_closes_the_endpoint_too() -> None:
    endpoint = Deployed("http://127.0.0.1:9")
    runner = RemoteRunner(endpoint, "torch")
    runner.close()
    runner.close()
    assert endpoint.closed


def every(kind: type[httpx.HTTPError]) -> Iterator[type[httpx.HTTPError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from every(narrower)


@pytest.mark.parametrize("kind", list(every(httpx.HTTPError)), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("cause", [None, OSError(104, "Connection reset by peer"), ssl.SSLError(1, "odd")])
def test_no_failure_of_httpx_is_left_unmapped(kind: type[httpx.HTTPError], cause: Exception | None) -> None:
    request = httpx.Request("POST", "https://api.example/classify")
    if kind is httpx.HTTPStatusError:
        error: httpx.HTTPError = httpx.HTTPStatusError("bad", request=request, response=httpx.Response(500))
    else:
        error = kind("it failed\nbadly")
    error.__cause__ = cause
    mapped = translate(error, str(request.url))
    assert type(mapped) in {ConnectError, RemoteTimeout, ForeignAnswer}
    assert isinstance(mapped, RemoteTimeout) == issubclass(kind, httpx.TimeoutException)
    assert "api.example" in mapped.message
    assert mapped.message.isprintable()
    assert mapped.hint
