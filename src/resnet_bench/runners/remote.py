"""The remote side by HTTP: one call to the deployed handler's API. The only module that knows httpx."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from resnet_bench.errors import ConnectError, ForeignAnswer, RemoteError, RemoteTimeout, SetupError, UsageError
from resnet_bench.http_event import CLASSIFY_PATH
from resnet_bench.loopback import is_loopback
from resnet_bench.results.records import ClientTimes, Decode
from resnet_bench.runners.deployed import Callee, DeployedRunner, Exchange
from resnet_bench.runners.marks import Limits, Marks
from resnet_bench.runners.reply import Reply
from resnet_bench.runners.request import Body, megabytes
from resnet_bench.runners.time_limit import TimeLimit, Watch
from resnet_bench.runners.tls import tls_trouble
from resnet_bench.unreadable import one_line

_CONNECT_TIMEOUT_S = 5.0
# The gateway gives up after 30 s; a client that waits a little longer hears so from it.
_ANSWER_TIMEOUT_S = 35.0
# 6 MB in this time are 0.4 Mbit/s.
_SEND_TIMEOUT_S = 120.0
# Far above any answer of ours (about 2 kB): a foreign server must not fill memory.
_ANSWER_LIMIT_BYTES = 1024 * 1024
_RETRY_HINT = "check the URL, the network, and that the server runs; then try again"
_BROKEN_HINT = "check the port, whether it wants http:// or https://, and that the server runs; then try again"
_PROXY_HINT = "check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the host in NO_PROXY"
_FOREIGN_HINT = "check that the URL is the one of the deployed function"
_PORTS = {"http": 80, "https": 443}
_OK = 200
_WATCH = Watch()
_READ = httpx.ByteStream(b"")


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
        self._url = checked_url(endpoint.url) + CLASSIFY_PATH
        super().__init__(endpoint, engine, where=self._url, raw=raw, decode=decode, clock=clock)
        self._sign = sign
        self._client = _client(self._url)
        self._connection: socket.socket | None = None

    def close(self) -> None:
        try:
            super().close()  # first: it may have a deployed function to put back
        finally:
            self._client.close()

    def _exchange(self, body: Body, started_s: float) -> Exchange:
        with TimeLimit(_WATCH) as limit:
            marks = Marks(self._clock, limit, self._connection, Limits(_SEND_TIMEOUT_S, _ANSWER_TIMEOUT_S))
            request = self._request(body, marks)
            prepared_s = self._clock()
            try:
                response, content = self._send(request, marks)
            finally:
                self._connection = marks.connection
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
        reply = Reply(response.status_code, _as_sent(response, content), response.headers, self._sign is not None)
        return Exchange(reply, client)

    def _request(self, body: Body, marks: Marks) -> httpx.Request:
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

    def _send(self, request: httpx.Request, marks: Marks) -> tuple[httpx.Response, bytes]:
        try:
            response = self._client.send(request, stream=True)
            try:
                content = _read_limited(response)
            finally:
                response.close()
                # It and its stream hold each other, and with them the request's megabytes until garbage is looked for.
                response.stream = _READ
        except httpx.HTTPError as error:
            if marks.limit.passed:
                raise _timed_out(self._url, sent=marks.sent) from None
            raise translate(error, self._url, proxy=_proxy(marks.peer, self._url)) from None
        if marks.limit.passed:  # an answer without a length ends where its connection does
            raise _timed_out(self._url, sent=True)
        return response, content


def _client(url: str) -> httpx.Client:
    """
    Raises:
        SetupError: this machine's settings of proxies or certificates cannot be used.
    """
    parts = urlsplit(url)
    try:
        return httpx.Client(
            timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=60),
            # A proxy of the user's has no part in a call to this machine.
            trust_env=not is_loopback(parts.hostname or ""),
            # Authorities of the user's have, whose certificate it may be.
            verify=httpx.create_ssl_context() if parts.scheme == "https" else True,
        )
    except OSError as error:  # ssl.SSLError is one
        raise SetupError(
            f"the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read: {one_line(str(error))}",
            "name a file of certificates in PEM form, or unset both",
        ) from None
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # httpx hides the password of a proxy that is an address; of one that is not, any part may be it.
        why = "one of them is no address" if isinstance(error, httpx.InvalidURL) else one_line(str(error))
        raise SetupError(
            f"the proxy settings cannot be used: {why}",
            "check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY; a proxy is given as http://host:port",
        ) from None


def _read_limited(response: httpx.Response) -> bytes:
    """As it was sent: what unpacks to a thousand times its size would fill memory before it could be counted."""
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_raw():
        size += len(chunk)
        if size > _ANSWER_LIMIT_BYTES:
            raise ForeignAnswer(f"the answer is longer than {megabytes(_ANSWER_LIMIT_BYTES)}", _FOREIGN_HINT)
        chunks.append(chunk)
    return b"".join(chunks)


def _as_sent(response: httpx.Response, content: bytes) -> bytes:
    """The content, if it is not packed. Of a failure the status says enough."""
    packing = response.headers.get("content-encoding", "identity")
    if packing.strip().lower() in {"", "identity"}:
        return content
    if response.status_code == _OK:
        raise ForeignAnswer(f"the answer is packed ({one_line(packing)}), which was not asked for", _FOREIGN_HINT)
    return b""


def checked_url(url: str) -> str:
    """Without what may be left out of it.

    Raises:
        UsageError: it is not an address, or has parts that none of ours has.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and " " not in url
        httpx.URL(url).host.encode("idna")  # as the resolver will
    except (ValueError, httpx.InvalidURL):
        known = False
    if not known:
        raise UsageError(
            f"not a web address: {_without_secrets(url)!r}", "give it as https://host, as the deployment printed it"
        )
    if parts.username or parts.password:
        raise UsageError("the URL holds a user name or password", "leave them out: they would end in logs")
    if parts.query or parts.fragment:
        raise UsageError(
            f"the URL goes on after its path: {_without_secrets(url)}", "leave out what follows the ? or #"
        )
    return url.rstrip("/").removesuffix(CLASSIFY_PATH)


def _without_secrets(url: str) -> str:
    """What may be printed of an address that is refused: users, passwords and keys have their places in it."""
    return re.sub(r"([?#]).+", r"\1...", re.sub(r"(?<=//)[^/?#]*@", "...@", url), flags=re.DOTALL)


def _proxy(peer: tuple[str, int] | None, url: str) -> str | None:
    """Who was called in the place of the URL's host, if anybody."""
    parts = httpx.URL(url)
    if peer in {None, (parts.raw_host.decode(), parts.port or _PORTS[parts.scheme])}:
        return None
    host, port = peer
    return f"{host}:{port}"


def translate(error: httpx.HTTPError, url: str, *, proxy: str | None = None) -> RemoteError:
    """Every failure that httpx knows, in this program's words; ``proxy`` was called in the place of the URL's host."""
    host = urlsplit(url).netloc
    first, hint = (host, _RETRY_HINT) if proxy is None else (f"the proxy {proxy} on the way to {host}", _PROXY_HINT)
    cause = _root_cause(error)
    reason = one_line(str(getattr(cause, "strerror", None) or cause))
    transient = True
    match error, cause:
        case httpx.ConnectTimeout(), _:
            return RemoteTimeout(f"{first} did not accept a connection within {_CONNECT_TIMEOUT_S:g} s", hint)
        case httpx.TimeoutException(), _:
            return _timed_out(url, sent=not isinstance(error, httpx.WriteTimeout))
        case httpx.DecodingError(), _:
            return ForeignAnswer(f"{host} sent a body that cannot be unpacked: {reason}", _FOREIGN_HINT)
        case _, socket.gaierror():
            name = urlsplit(url).hostname if proxy is None else f"of {first}"
            what = f"the name {name} cannot be resolved"
            transient = cause.errno == socket.EAI_AGAIN
        case _, ssl.SSLError():
            why, hint, transient = tls_trouble(cause, reason)
            what = f"no trusted TLS connection to {host}: {why}"
        case httpx.ProxyError(), _:
            what, hint, transient = f"{first} does not let the call through: {reason}", _PROXY_HINT, False
        case httpx.ConnectError(), _:
            what = f"cannot connect to {first}: {reason}"
        case httpx.RemoteProtocolError(), _:
            what, hint = f"{host} broke off, or does not speak HTTP: {reason}", _BROKEN_HINT
        case _:
            what, hint = f"the connection to {host} failed: {reason}", _BROKEN_HINT
    return ConnectError(what, hint, transient=transient)


def _timed_out(url: str, *, sent: bool) -> RemoteTimeout:
    did = f"gave no whole answer within {_ANSWER_TIMEOUT_S:g} s"
    return RemoteTimeout(
        f"{urlsplit(url).netloc} {did if sent else f'did not take the request within {_SEND_TIMEOUT_S:g} s'}",
        _RETRY_HINT,
    )


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return error
