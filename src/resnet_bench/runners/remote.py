"""The remote side: one HTTP call to the deployed handler. The only module that knows httpx."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path
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


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.1f} MB"


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
        loopback = urlsplit(self._url).hostname in {"127.0.0.1", "::1", "localhost"}
        self._client = httpx.Client(
            timeout=httpx.Timeout(_ANSWER_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
            limits=httpx.Limits(max_connections=1, keepalive_expiry=60),
            trust_env=not loopback,  # a proxy of the user's has no part in a call to this machine
        )

    def classify(self, photo: Photo) -> Measurement:
        marks = _Marks(self._clock)
        started_s = self._clock()
        body, content_type = self._body(photo)
        prepared_s = self._clock()
        try:
            status, content = self._exchange(body, content_type, marks)
            ended_s = self._clock()
            answer = self._answer(status, content)
        except RemoteError as error:
            raise self._endpoint.explain(error) from None
        client = ClientTimes(
            prepare_s=prepared_s - started_s,
            connect_s=marks.between("connect_tcp.started", "connect_tcp.complete"),
            tls_s=marks.between("start_tls.started", "start_tls.complete"),
            send_s=marks.between("send_request_headers.started", "send_request_body.complete") or 0.0,
            wait_s=marks.between("send_request_body.complete", "receive_response_headers.complete") or 0.0,
            receive_s=ended_s - marks.at.get("receive_response_headers.complete", ended_s),
            total_s=ended_s - started_s,
            sent_bytes=len(body),
            received_bytes=len(content),
            http_status=status,
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
        data = Path(photo.path).read_bytes()
        check_size(photo.name, len(data))
        if self._raw:
            return data, _CONTENT_TYPES.get(data[:2], "application/octet-stream")
        return wire.encode_request(data), "application/json"

    def _exchange(self, body: bytes, content_type: str, marks: _Marks) -> tuple[int, bytes]:
        request = self._client.build_request(
            "POST",
            self._url,
            content=body,
            headers={"content-type": content_type, "accept": "application/json"},
            extensions={"trace": marks},
        )
        try:
            response = self._client.send(request, stream=True)
            try:
                return response.status_code, _read_limited(response)
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise translate(error, self._url) from None

    def _answer(self, status: int, content: bytes) -> Answer:
        if status == httpx.codes.OK:
            return wire.decode_answer(content)
        fault = wire.decode_fault(content)
        told = f"{fault.code}: {fault.message}" if fault else content[:200].decode(errors="replace").strip()
        raise HttpError(
            f"{self._url} answered {status}: {told or 'no text'}",
            _STATUS_HINTS.get(status, "look at the function's log"),
            status=status,
            code=fault.code if fault else None,
        )


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
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"not a web address: {url}", "give it as https://host, as the deployment printed it")
    if parts.username or parts.password:
        raise UsageError("the URL holds a user name or password", "leave them out: they would end in logs")
    return url.rstrip("/").removesuffix(CLASSIFY_PATH)


def _read_limited(response: httpx.Response) -> bytes:
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > _ANSWER_LIMIT_BYTES:
            raise ForeignAnswer(
                f"the answer is longer than {_size(_ANSWER_LIMIT_BYTES)}",
                "check that the URL is the one of the deployed function",
            )
        chunks.append(chunk)
    return b"".join(chunks)


def translate(error: httpx.HTTPError, url: str) -> RemoteError:
    """Every failure that httpx knows, in this program's words."""
    host = urlsplit(url).netloc
    cause = _root_cause(error)
    kind: type[RemoteError] = ConnectError
    match error, cause:
        case httpx.ConnectTimeout(), _:
            kind, what = RemoteTimeout, f"{host} did not accept a connection within {_CONNECT_TIMEOUT_S:g} s"
        case httpx.TimeoutException(), _:
            kind, what = RemoteTimeout, f"{host} gave no answer within {_ANSWER_TIMEOUT_S:g} s"
        case _, socket.gaierror():
            what = f"the name {urlsplit(url).hostname} cannot be resolved"
        case _, ssl.SSLError():
            reason = getattr(cause, "verify_message", "") or cause.reason or str(cause)
            what = f"no trusted TLS connection to {host}: {reason}"
        case httpx.ConnectError(), _:
            what = f"cannot connect to {host}: {getattr(cause, 'strerror', None) or cause}"
        case httpx.RemoteProtocolError(), _:
            what = f"{host} broke off, or does not speak HTTP: {error}"
        case _:
            what = f"the connection to {host} failed: {cause}"
    return kind(what, "check the URL, the network, and that the server runs; then try again")


def _root_cause(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return error
