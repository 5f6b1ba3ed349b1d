"""The wire format: requests, and whatever somebody else's server may answer, by either way of calling."""

from __future__ import annotations

from collections.abc import Iterator

from factories import make_answer
from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench import wire
from resnet_bench.errors import ForeignAnswer, HttpError, ImageError
from resnet_bench.http_event import read_http_answer
from resnet_bench.results.records import Answer
from resnet_bench.runners.reply import Reply, read_answer

_STATUSES = (200, 204, 301, 400, 401, 403, 404, 413, 429, 500, 503, 504)


def target(data: bytes) -> None:
    for body in (data, data.decode(errors="replace")):
        _request(body)
    _answer(data)
    try:
        read_http_answer(data)
    except ForeignAnswer as error:
        check(error.message)
    for status in _STATUSES:
        headers = {"location": data.decode("latin-1"), "x-amzn-errortype": "x"} if len(data) % 2 else {}
        try:
            assert isinstance(read_answer(Reply(status, data, headers, signed=len(data) % 3 == 0), "there"), Answer)
        except (HttpError, ForeignAnswer) as error:
            check(error.message)


def _request(body: str | bytes) -> None:
    try:
        image = wire.decode_base64(wire.parse_request(body).image)
    except ImageError as error:
        assert error.code in {"not_json", "no_image", "bad_base64"}
        check(error.message)
    else:
        assert wire.decode_base64(wire.parse_request(wire.encode_request(image)).image) == image


def _answer(body: bytes) -> None:
    fault = wire.decode_fault(body)
    if fault is not None:
        wire.encode_fault(fault.code, fault.message, fault.hint)
    try:
        answer = wire.decode_answer(body)
    except ForeignAnswer as error:
        check(error.message)
    else:
        assert wire.decode_answer(wire.encode_answer(answer).encode()) == answer


def check(message: str) -> None:
    assert message.isprintable(), message
    assert len(message) < 500


def seeds() -> Iterator[bytes]:
    yield wire.encode_request(b"an image")
    yield wire.encode_answer(make_answer(side="remote")).encode()
    yield wire.encode_answer(make_answer(side="local", cold_start=True)).encode()
    yield wire.encode_fault("corrupt_image", "the image is damaged", "save it again").encode()
    yield b'{"statusCode": 200, "body": "{}", "headers": {"a": "b"}, "isBase64Encoded": false}'
    yield b'{"message": "Forbidden"}'
    yield b'{"image": "AAA="}'
    yield b'{"image": "\\ud800"}'


TARGET = Target(target, seeds, document_mutator("image", "error", "code", "message", "answer", "version"), longest=8000)
