"""The HTTP client before and after the wire: addresses, and every failure of httpx in this program's words."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx
import pytest

from resnet_bench.errors import (
    ConnectError,
    ForeignAnswer,
    RemoteTimeout,
    UsageError,
)
from resnet_bench.runners.remote import RemoteRunner, translate
from servers import (
    Deployed,
    calling,
)


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


@pytest.mark.parametrize(
    ("kind", "cause", "transient"),
    [
        (httpx.ConnectError, ConnectionRefusedError(111, "Connection refused"), True),
        (httpx.ReadError, ConnectionResetError(104, "Connection reset by peer"), True),
        (httpx.RemoteProtocolError, None, True),
        (httpx.ConnectTimeout, None, True),
        (httpx.ConnectError, socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), True),
        (httpx.ConnectError, socket.gaierror(socket.EAI_NONAME, "Name or service not known"), False),
        (httpx.ConnectError, ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), True),
        (httpx.ConnectError, ssl.SSLCertVerificationError(1, "certificate verify failed"), False),
        (httpx.ProxyError, None, False),
        (httpx.DecodingError, None, False),
    ],
)
def test_a_failure_may_pass_unless_the_way_there_is_wrong_for_good(
    kind: type[httpx.HTTPError], cause: Exception | None, transient: bool
) -> None:
    error = kind("it failed")
    error.__cause__ = cause
    assert translate(error, "https://api.example/classify").transient == transient


def test_the_endpoint_is_closed_first_because_it_may_have_a_function_to_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = Deployed("http://127.0.0.1:9")
    runner = RemoteRunner(endpoint, "torch")

    def interrupted(_client: httpx.Client) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(httpx.Client, "close", interrupted)
        with pytest.raises(KeyboardInterrupt):
            runner.close()
    assert endpoint.closed == 1
    runner.close()
