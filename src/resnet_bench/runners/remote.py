"""The remote side: one HTTP call to the deployed handler. The only module that knows httpx."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from resnet_bench import wire
from resnet_bench.errors import (
    ConnectError,
    ForeignAnswer,
    HttpError,
    ImageError,
    RemoteError,
    RemoteTimeout,
    UsageError,
)
from resnet_bench.inference import images
from resnet_bench.results.records import Answer, ClientTimes, Sample, Side
from resnet_bench.runners.base import Endpoint, Measurement, Photo

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSIFY_PATH = "/classify"
_CONNECT_TIMEOUT_S = 5.0
# The gateway gives up after 30 s; a client that waits a little longer hears so from it.
_ANSWER_TIMEOUT_S = 35.0
# Far above any answer of ours (about 2 kB): a foreign server must not fill memory.
_ANSWER_LIMIT_BYTES = 1024 * 1024
# Of a foreign answer's text, this much is quoted.
_QUOTED_CHARACTERS = 200
_CONTENT_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}


class RemoteRunner:
    """Calls ``endpoint`` over one kept-alive connection. ``raw`` sends the image's bytes instead of JSON."""

    side: Side = "remote"

    def __init__(
        self,
        endpoint: Endpoint,
        engine: str,
        *,
        raw: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.engine = engine
        self._endpoint = endpoint
        self._url = _checked_url(endpoint.url) + CLASSIFY_PATH
        self._raw = raw
        self._clock = clock
        self._client = httpx.Client(
            timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=60),
            # A proxy of the user's has no part in a call to this machine.
            trust_env=not _is_loopback(urlsplit(self._url).hostname or ""),
        )

    def classify(self, photo: Photo) -> Measurement:
        marks = _Marks(self._clock)
        started_s = self._clock()
        body, content_type = self._body(photo)
        prepared_s = self._clock()
        try:
            response, content = self._exchange(body, content_type, marks)
            ended_s = self._clock()
            answer = self._answer(response, content)
        except RemoteError as error:
            raise self._endpoint.explain(error) from None
        if answer.runtime.engine != self.engine:
            raise ForeignAnswer(
                f"{self._url} runs the {answer.runtime.engine} engine, not {self.engine}",
                f"compare like with like: --engine {answer.runtime.engine}",
            )
        client = ClientTimes(
            prepare_s=prepared_s - started_s,
            connect_s=marks.between("connect_tcp.started", "connect_tcp.complete"),
            tls_s=marks.between("start_tls.started", "start_tls.complete"),
            send_s=marks.between("send_request_headers.started", "send_request_body.complete"),
            wait_s=marks.between("send_request_body.complete", "receive_response_headers.complete"),
            receive_s=marks.since("receive_response_headers.complete", ended_s),
            total_s=ended_s - started_s,
            sent_bytes=len(body),
            received_bytes=len(content),
            http_status=response.status_code,
        )
        return Measurement(answer, client, self._endpoint.settle(answer.identity.environment_id))

    def force_cold(self) -> None:
        self._endpoint.force_cold()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return self._endpoint.complete(samples)

    def close(self) -> None:
        self._client.close()
        self._endpoint.close()

    def _body(self, photo: Photo) -> tuple[bytes, str]:
        data = images.load(photo.path)
        check_size(photo.name, len(data))
        if self._raw:
            return data, _CONTENT_TYPES.get(data[:2], "application/octet-stream")
        return wire.encode_request(data), "application/json"

    def _exchange(self, body: bytes, content_type: str, marks: _Marks) -> tuple[httpx.Response, bytes]:
        request = self._client.build_request(
            "POST",
            self._url,
            content=body,
            # Uncompressed, so that the bytes counted are the bytes sent, and no time goes into unpacking them.
            headers={"content-type": content_type, "accept": "application/json", "accept-encoding": "identity"},
            extensions={"trace": marks},
        )
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
                    f"the answer is longer than {_size(_ANSWER_LIMIT_BYTES)}",
                    "check that the URL is the one of the deployed function",
                )
            if self._clock() > deadline_s:
                raise RemoteTimeout(
                    f"{urlsplit(self._url).netloc} gave no whole answer within {_ANSWER_TIMEOUT_S:g} s", _RETRY_HINT
                )
            chunks.append(chunk)
        return b"".join(chunks)

    def _answer(self, response: httpx.Response, content: bytes) -> Answer:
        status = response.status_code
        if status == httpx.codes.OK:
            return wire.decode_answer(content)
        if response.has_redirect_location:
            raise HttpError(
                f"{self._url} answered {status} and sends us to {_one_line(response.headers['location'])}",
                "redirects are not followed, as they would be measured too: give the address that answers itself",
                status=status,
            )
        fault = wire.decode_fault(content)
        told = f"{fault.code}: {fault.message}" if fault else content.decode(errors="replace")
        raise HttpError(
            f"{self._url} answered {status}: {_one_line(told) or 'no text'}",
            _STATUS_HINTS.get(status, "look at the function's log"),
            status=status,
            code=fault.code if fault else None,
        )


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"


def _one_line(text: str) -> str:
    """A server's words, fit for a terminal: no line ends, no control characters, not too many."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 4 * _QUOTED_CHARACTERS])
    line = " ".join(printable.split())
    return line if len(line) <= _QUOTED_CHARACTERS else line[:_QUOTED_CHARACTERS] + "..."


_RETRY_HINT = "check the URL, the network, and that the server runs; then try again"
_STATUS_HINTS = {
    400: "check the image with `resnet-bench local`",
    401: "the API wants credentials",
    403: "the API wants credentials, or refuses these",
    404: "check the URL: it is the API's address, without /classify",
    405: "check the URL: the function does not answer POST there",
    413: f"send an image of at most {_size(wire.IMAGE_LIMIT_BYTES)}",
    429: "the function is throttled: lower the rate or raise its concurrency",
    503: "no environment was free, or the 30 s of the HTTP API passed: lower the rate or raise --memory",
    504: "the 30 s of the HTTP API passed: raise --memory",
}


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


def check_size(name: str, size_bytes: int) -> None:
    """Refuse before sending what Lambda would refuse after the upload.

    Raises:
        ImageError: ``image_too_large``.
    """
    if size_bytes > wire.IMAGE_LIMIT_BYTES:
        limit = _size(wire.IMAGE_LIMIT_BYTES)
        raise ImageError(
            f"{name} has {_size(size_bytes)}; Lambda takes at most {limit} (6 MB with base64 around it)",
            "send a smaller copy; the network looks at 224 x 224 pixels",
            code="image_too_large",
        )


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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def translate(error: httpx.HTTPError, url: str) -> RemoteError:
    """Every failure that httpx knows, in this program's words."""
    host = urlsplit(url).netloc
    cause = _root_cause(error)
    reason = _one_line(str(getattr(cause, "strerror", None) or cause))
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
        case _, ssl.SSLError():
            told = getattr(cause, "verify_message", "") or getattr(cause, "reason", "") or reason
            what = f"no trusted TLS connection to {host}: {told}"
        case httpx.ProxyError(), _:
            what = f"the proxy on the way to {host} refused: {reason}"
        case httpx.ConnectError(), _:
            what = f"cannot connect to {host}: {reason}"
        case httpx.RemoteProtocolError(), _:
            what = f"{host} broke off, or does not speak HTTP: {reason}"
        case _:
            what = f"the connection to {host} failed: {reason}"
    return ConnectError(what, _RETRY_HINT)


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return error
