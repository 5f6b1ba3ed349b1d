"""The HTTP client against real sockets: what it sends and measures, whom it refuses to call, whom it cannot reach."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from resnet_bench import wire
from resnet_bench.errors import (
    ConnectError,
    HttpError,
    ImageError,
    OutOfMemory,
    RemoteError,
    RemoteTimeout,
    ResnetBenchError,
)
from resnet_bench.results.records import Answer, ClientTimes
from resnet_bench.runners import remote
from resnet_bench.runners.base import Photo
from resnet_bench.runners.remote import RemoteRunner
from servers import (
    ANSWER,
    GOOD,
    IMAGES,
    PHOTO,
    Deployed,
    answering,
    calling,
    once,
    receive,
    reply,
    serving,
)


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
            pytest.raises(ConnectError, match=r"the proxy 127\.0\.0\.1:\d+ on the way .* 407"),
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
