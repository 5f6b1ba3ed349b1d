"""The remote side by HTTP: one call to the deployed handler's API. The only module that knows httpx."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from resnet_bench.errors import ConnectError, ForeignAnswer, RemoteError, RemoteTimeout, UsageError
from resnet_bench.http_event import CLASSIFY_PATH
from resnet_bench.loopback import is_loopback
from resnet_bench.results.records import ClientTimes, Decode
from resnet_bench.runners.deployed import Callee, DeployedRunner, Exchange
from resnet_bench.runners.reply import Reply, one_line
from resnet_bench.runners.request import Body, megabytes

_CONNECT_TIMEOUT_S = 5.0
# The gateway gives up after 30 s; a client that waits a little longer hears so from it.
_ANSWER_TIMEOUT_S = 35.0
# Far above any answer of ours (about 2 kB): a foreign server must not fill memory.
_ANSWER_LIMIT_BYTES = 1024 * 1024
_RETRY_HINT = "check the URL, the network, and that the server runs; then try again"


class Sign(Protocol):
    """Gives the headers that a request needs to be let in."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """
        Raises:
            RemoteError: there is nothing to sign with.
        """
        ...


class RemoteRunner(DeployedRunner):
    """Calls ``endpoint`` over one kept-alive connection, with the headers that ``sign`` gives, if any."""

    def __init__(
        self,
        endpoint: Callee,
        engine: str,
        *,
        raw: bool = False,
        decode: Decode = "exact",
        sign: Sign | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._url = _checked_url(endpoint.url) + CLASSIFY_PATH
        super().__init__(endpoint, engine, where=self._url, raw=raw, decode=decode, clock=clock)
        self._sign = sign
        self._client = httpx.Client(
            timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=60),
            # A proxy of the user's has no part in a call to this machine.
            trust_env=not is_loopback(urlsplit(self._url).hostname or ""),
        )

    def close(self) -> None:
        try:
            super().close()  # first: it may have a deployed function to put back
        finally:
            self._client.close()

    def _exchange(self, body: Body, started_s: float) -> Exchange:
        marks = _Marks(self._clock)
        request = self._request(body, marks)
        prepared_s = self._clock()
        response, content = self._send(request)
        ended_s = self._clock()
        client = ClientTimes(
            prepare_s=prepared_s - started_s,
            connect_s=marks.between("connect_tcp.started", "connect_tcp.complete"),
            tls_s=marks.between("start_tls.started", "start_tls.complete"),
            send_s=marks.between("send_request_headers.started", "send_request_body.complete"),
            wait_s=marks.between("send_request_body.complete", "receive_response_headers.complete"),
            receive_s=marks.since("receive_response_headers.complete", ended_s),
            total_s=ended_s - started_s,
            sent_bytes=len(body.content),
            received_bytes=len(content),
            http_status=response.status_code,
        )
        return Exchange(Reply(response.status_code, content, response.headers, self._sign is not None), client)

    def _request(self, body: Body, marks: _Marks) -> httpx.Request:
        request = self._client.build_request(
            "POST",
            self._url,
            content=body.content,
            # Uncompressed, so that the bytes counted are the bytes sent, and no time goes into unpacking them.
            headers={"content-type": body.content_type, "accept": "application/json", "accept-encoding": "identity"},
            extensions={"trace": marks},
        )
        if self._sign is not None:
            # What is signed is what httpx made of the address and will send.
            request.headers.update(self._sign(request.method, str(request.url), request.headers, body.content))
        return request

    def _send(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        try:
            response = self._client.send(request, stream=True)
            try:
                return response, self._read_limited(response)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise translate(error, self._url) from None

    def _read_limited(self, response: httpx.Response) -> bytes:
        # httpx's own time-out starts again with each byte: it would follow a slow drip for ever.
        deadline_s = self._clock() + _ANSWER_TIMEOUT_S
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > _ANSWER_LIMIT_BYTES:
                raise ForeignAnswer(
                    f"the answer is longer than {megabytes(_ANSWER_LIMIT_BYTES)}",
                    "check that the URL is the one of the deployed function",
                )
            if self._clock() > deadline_s:
                raise RemoteTimeout(
                    f"{urlsplit(self._url).netloc} gave no whole answer within {_ANSWER_TIMEOUT_S:g} s", _RETRY_HINT
                )
            chunks.append(chunk)
        return b"".join(chunks)


class _Marks:
    """When each step of the exchange happened, by httpx's ``trace`` request extension."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.at: dict[str, float] = {}
        self._clock = clock

    def __call__(self, event: str, info: dict[str, Any]) -> None:  # noqa: ARG002 - httpx's signature
        self.at[event.partition(".")[2]] = self._clock()

    def since(self, event: str, now_s: float) -> float | None:
        return now_s - self.at[event] if event in self.at else None

    def between(self, first: str, last: str) -> float | None:
        if first in self.at and last in self.at:
            return self.at[last] - self.at[first]
        return None


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and " " not in url
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        known = False
    if not known:
        raise UsageError(f"not a web address: {url!r}", "give it as https://host, as the deployment printed it")
    if parts.username or parts.password:
        raise UsageError("the URL holds a user name or password", "leave them out: they would end in logs")
    if parts.query or parts.fragment:
        raise UsageError(f"the URL goes on after its path: {url}", "leave out what follows the ? or #")
    return url.rstrip("/").removesuffix(CLASSIFY_PATH)


def translate(error: httpx.HTTPError, url: str) -> RemoteError:
    """Every failure that httpx knows, in this program's words."""
    host = urlsplit(url).netloc
    cause = _root_cause(error)
    reason = one_line(str(getattr(cause, "strerror", None) or cause))
    transient = True
    match error, cause:
        case httpx.ConnectTimeout(), _:
            return RemoteTimeout(f"{host} did not accept a connection within {_CONNECT_TIMEOUT_S:g} s", _RETRY_HINT)
        case httpx.TimeoutException(), _:
            return RemoteTimeout(f"{host} gave no answer within {_ANSWER_TIMEOUT_S:g} s", _RETRY_HINT)
        case httpx.DecodingError(), _:
            return ForeignAnswer(
                f"{host} sent a body that cannot be unpacked: {reason}",
                "check that the URL is the one of the deployed function",
            )
        case _, socket.gaierror():
            what = f"the name {urlsplit(url).hostname} cannot be resolved"
            transient = cause.errno == socket.EAI_AGAIN
        case _, ssl.SSLError():
            told = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or reason
            what = f"no trusted TLS connection to {host}: {told}"
            transient = isinstance(cause, ssl.SSLEOFError)
        case httpx.ProxyError(), _:
            what = f"the proxy on the way to {host} refused: {reason}"
            transient = False
        case httpx.ConnectError(), _:
            what = f"cannot connect to {host}: {reason}"
        case httpx.RemoteProtocolError(), _:
            what = f"{host} broke off, or does not speak HTTP: {reason}"
        case _:
            what = f"the connection to {host} failed: {reason}"
    return ConnectError(what, _RETRY_HINT, transient=transient)


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return error
