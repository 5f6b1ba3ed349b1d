"""The HTTP client against servers that are never done, speak no HTTP or pack bombs, and this machine's own settings."""

from __future__ import annotations

import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bad_servers import ESCAPES, NEVER_DONE, NOT_HTTP, PACKED, reads_by_the_byte
from certificates import Certificate, make_certificate
from resnet_bench import wire
from resnet_bench.errors import ConnectError, ForeignAnswer, HttpError, RemoteTimeout, ResnetBenchError, SetupError
from resnet_bench.runners import remote
from resnet_bench.runners.base import Photo
from servers import ANSWER, GOOD, PHOTO, Handler, answering, calling, failure, once, reply, serving

# --- without an end -------------------------------------------------------------------------------------------


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_ANSWER_TIMEOUT_S", 0.4)
    monkeypatch.setattr(remote, "_SEND_TIMEOUT_S", 0.4)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("how", NEVER_DONE)
def test_what_never_ends_is_cut_when_the_time_of_the_whole_answer_is_over(how: str) -> None:
    error = failure(NEVER_DONE[how])
    assert isinstance(error, RemoteTimeout), error.message
    assert "gave no whole answer within 0.4 s" in error.message


@pytest.mark.usefixtures("hurry")
def test_a_server_that_reads_by_the_byte_is_left_when_the_time_of_sending_is_over(tmp_path: Path) -> None:
    large = tmp_path / "large.jpg"
    large.write_bytes(b"\xff\xd8\xff" + bytes(wire.IMAGE_LIMIT_BYTES - 3))
    with serving(reads_by_the_byte) as url, calling(url) as runner, pytest.raises(RemoteTimeout) as caught:
        runner.classify(Photo("large.jpg", str(large)))
    assert "did not take the request within 0.4 s" in caught.value.message


def test_the_call_after_one_that_was_cut_is_answered_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def handle(connection: socket.socket) -> None:
        calls.append(1)
        if len(calls) == 1:
            NEVER_DONE["headers by the byte"](connection)
        else:
            answering(reply())(connection)

    with serving(handle) as url, calling(url) as runner:
        monkeypatch.setattr(remote, "_ANSWER_TIMEOUT_S", 0.4)
        with pytest.raises(RemoteTimeout):
            runner.classify(PHOTO)
        monkeypatch.undo()
        for _ in range(3):
            assert runner.classify(PHOTO).answer == ANSWER


# --- no HTTP --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", NOT_HTTP)
def test_what_is_no_http_is_a_connection_error(how: str) -> None:
    assert isinstance(failure(NOT_HTTP[how]), ConnectError)


@pytest.mark.parametrize("what", PACKED)
def test_a_packed_answer_is_refused_without_unpacking_it(what: str) -> None:
    tracemalloc.start()
    error = failure(once(PACKED[what]))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert isinstance(error, ForeignAnswer)
    assert "is packed (" in error.message
    assert peak_bytes < 20e6


def test_a_packed_failure_is_told_by_its_status() -> None:
    error = failure(once(reply(b"\x1f\x8bnot even gzip", 503, content_encoding="gzip")))
    assert isinstance(error, HttpError)
    assert error.status == 503


def test_a_connection_that_the_server_has_closed_between_two_calls_is_made_anew() -> None:
    closed = threading.Semaphore(0)

    def handle(connection: socket.socket) -> None:
        once(reply())(connection)
        connection.close()
        closed.release()

    with serving(handle) as url, calling(url) as runner:
        for _ in range(3):
            assert runner.classify(PHOTO).answer == ANSWER
            closed.acquire(timeout=30)


@pytest.mark.parametrize(
    "answer",
    [
        reply(wire.encode_fault(f"c{ESCAPES}", f"m{ESCAPES}", f"h{ESCAPES}").encode(), 400),
        reply(ESCAPES.encode(), 502),
        reply(b"", 307, location="http://a/%1b[2J"),
        reply(GOOD.replace(b'"exact"', b'"\\u001b[2J"')),
        reply(GOOD.replace(b'"torch"', b'"\\u001b[2J\\u202e"')),
    ],
)
def test_no_answer_steers_the_terminal(answer: bytes) -> None:
    assert failure(answering(answer)).hint.isprintable()


def test_the_answer_to_an_earlier_call_is_refused() -> None:
    """As a cache on the way gives it, or a gateway that mixes its callers up."""
    kept, own = (
        reply(GOOD.replace(b'"request_id":null', b'"request_id":"8f5f7ad0-%d"' % number)) for number in range(2)
    )
    with serving(answering(kept, kept, own)) as url, calling(url) as runner:
        first = runner.classify(PHOTO)
        with pytest.raises(ForeignAnswer, match="the answer to an earlier call again"):
            runner.classify(PHOTO)
        second = runner.classify(PHOTO)
    assert first.answer != second.answer


# --- TLS ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Certificate]:
    folder = tmp_path_factory.mktemp("certificates")
    return {
        "good": make_certificate(folder / "good"),
        "expired": make_certificate(folder / "expired", ends_in=timedelta(days=-1)),
        "not valid yet": make_certificate(folder / "early", ends_in=timedelta(days=10)),
        "of another host": make_certificate(folder / "other", "192.0.2.1"),
    }


@pytest.mark.parametrize(
    ("which", "trusted", "why"),
    [
        ("good", False, "self-signed certificate"),
        ("expired", True, "certificate has expired"),
        ("not valid yet", True, "certificate is not yet valid"),
        ("of another host", True, "IP address mismatch"),
    ],
)
def test_a_bad_certificate_is_refused_with_its_reason(
    which: str, trusted: bool, why: str, certificates: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates[which].path))
    error = failure(answering(reply()), certificates[which].server())
    assert isinstance(error, ConnectError)
    assert "no trusted TLS connection to 127.0.0.1:" in error.message
    assert why in error.message
    assert not error.transient
    assert "SSL_CERT_FILE" in error.hint


def test_a_certificate_that_the_user_vouches_for_is_trusted(
    certificates: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates["good"].path))
    with serving(answering(reply()), certificates["good"].server()) as url, calling(url) as runner:
        assert runner.classify(PHOTO).answer == ANSWER


@pytest.mark.usefixtures("hurry")
def test_what_never_ends_is_cut_under_tls_too(
    certificates: dict[str, Certificate], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates["good"].path))
    assert isinstance(failure(NEVER_DONE["headers by the byte"], certificates["good"].server()), RemoteTimeout)


def test_http_where_tls_is_wanted_and_the_reverse_name_the_other(certificates: dict[str, Certificate]) -> None:
    with serving(once(reply()), certificates["good"].server()) as url:
        told = _told(url.replace("https:", "http:"))
    assert "http:// or https://" in told.hint
    with serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        told = _told(url.replace("http:", "https:"))
    assert "does not speak TLS" in told.message
    assert "give http://" in told.hint


def _told(url: str) -> ResnetBenchError:
    with calling(url) as runner, pytest.raises(ConnectError) as caught:
        runner.classify(PHOTO)
    return caught.value


# --- this machine ---------------------------------------------------------------------------------------------


def test_an_address_of_version_6_alone_is_called() -> None:
    with _listening_v6(answering(reply())) as url, calling(url) as runner:
        assert runner.classify(PHOTO).answer == ANSWER


@contextmanager
def _listening_v6(handle: Handler) -> Iterator[str]:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")
    with serving(handle, listener=listener):
        yield f"http://[::1]:{listener.getsockname()[1]}"


PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def _proxies(monkeypatch: pytest.MonkeyPatch, **given: str) -> None:
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def test_a_proxy_that_is_not_there_is_named_and_not_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    _proxies(monkeypatch, HTTP_PROXY="http://127.0.0.1:9", HTTPS_PROXY="http://127.0.0.1:9")
    for url in ("http://far.invalid", "https://far.invalid"):
        told = _told(url)
        assert "cannot connect to the proxy 127.0.0.1:9 on the way to far.invalid" in told.message
        assert "NO_PROXY" in told.hint


def test_a_proxy_whose_name_is_unknown_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _proxies(monkeypatch, HTTP_PROXY="http://proxy.invalid:3128")
    assert "the name of the proxy proxy.invalid:3128 on the way to far.invalid" in _told("http://far.invalid").message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("HTTP_PROXY", "nonsense://me:hunter2@host:1"), ("ALL_PROXY", "socks5://me:hunter2@host:1")),
        *(("HTTP_PROXY", "http://me:hunter2"), ("HTTPS_PROXY", "http://[::1"), ("NO_PROXY", "[::1")),
    ],
)
def test_proxy_settings_that_make_no_sense_are_told_without_their_passwords(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _proxies(monkeypatch, **{"HTTP_PROXY": "http://127.0.0.1:9", name: value})
    with pytest.raises(SetupError, match="the proxy settings cannot be used") as caught, calling("http://far.invalid"):
        pass
    assert name in caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_file_of_certificates_that_is_none_is_told(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(SetupError, match="the certificates that SSL_CERT_FILE"), calling("https://far.invalid"):
        pass
    with serving(answering(reply())) as url, calling(url) as runner:  # nobody needs one here
        assert runner.classify(PHOTO).answer == ANSWER
