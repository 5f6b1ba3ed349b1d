"""Requests as an HTTP API's event and as plain HTTP: an image's bytes, or a refusal that can be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from handlers import event
from resnet_bench.errors import ImageError
from resnet_bench.http_event import NotServed, ReceivedImage, read_http_answer, read_image, read_request, refusal

_STATUSES = frozenset({400, 404, 405, 413})
_TYPES = ("application/json", "image/png", "IMAGE/JPEG", "multipart/form-data; boundary=x", "text/plain", "", "\x00")


def target(data: bytes) -> None:
    try:
        asked = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        asked = data.decode(errors="replace")
    check(lambda: read_image(asked))
    check(lambda: read_image(event(data.decode("latin-1"))))
    check(lambda: read_image(event(data, content_type="image/png")))
    for kind in _TYPES:
        check(lambda kind=kind: read_request("/classify", "POST", kind, data))
    text = data.decode("latin-1")
    check(lambda: read_request(text, "POST", "", b"{}"))
    check(lambda: read_request("/classify", text, text, data))


def check(read: Callable[[], ReceivedImage]) -> None:
    try:
        assert isinstance(read().data, bytes)
    except (NotServed, ImageError) as error:
        answer = refusal(error)
        assert answer.status_code in _STATUSES
        assert read_http_answer(msgspec.json.encode(answer)) == answer


def seeds() -> Iterator[bytes]:
    yield msgspec.json.encode(event('{"image": "AAAA"}'))
    yield msgspec.json.encode(event(b"\x89PNG", content_type="image/png"))
    yield msgspec.json.encode(event(b'{"image": "AAAA"}'))
    yield msgspec.json.encode(event("{}", rawPath="/other", cookies=["a=b"], queryStringParameters={"a": "b"}))
    yield b'{"image": "AAAA"}'


WORDS = ("rawPath", "/classify", "/stage/classify", "POST", "GET", "headers", "content-type", "image/png", "body")
TARGET = Target(target, seeds, document_mutator(*WORDS, "isBase64Encoded", "requestContext", "http", "method"))
