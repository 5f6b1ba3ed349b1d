"""The JSON between client and handler, versioned. Both ends use this module, so they cannot drift apart.

Request body: ``{"image": "<base64>"}``, or the image's bytes themselves. Answer: ``{"version": 1, "answer": {...}}``
(an ``Answer`` record) or ``{"error": {"code": ..., "message": ..., "hint": ...}}``. Lambda imports this module.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

import msgspec

from resnet_bench.errors import ForeignAnswer, ImageError
from resnet_bench.results.records import Answer
from resnet_bench.unreadable import UNREADABLE, reason

# 1: first version.
VERSION: Final = 1

# Lambda's limit for a synchronous event is 6,291,556 bytes. The image arrives in it as base64 (4 bytes for 3) beside
# about 3 kB of headers and request context, whether the client sent it raw or in JSON; 64 kB are left for those.
EVENT_LIMIT_BYTES: Final = 6_291_556
IMAGE_LIMIT_BYTES: Final = (EVENT_LIMIT_BYTES - 65_536) // 4 * 3


class Request(msgspec.Struct, frozen=True):
    """A JSON request. ``image`` stays text here, so that base64 decoding can be timed by itself."""

    image: str


class Reply(msgspec.Struct, frozen=True):
    version: int
    answer: Answer


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """``hint`` says what to try."""

    code: str
    message: str
    hint: str = ""


class FaultReply(msgspec.Struct, frozen=True):
    error: Fault


_request = msgspec.json.Decoder(Request)
_reply = msgspec.json.Decoder(Reply)
_fault = msgspec.json.Decoder(FaultReply)


def encode_request(image: bytes) -> bytes:
    return msgspec.json.encode(Request(base64.b64encode(image).decode("ascii")))


def parse_request(body: str | bytes) -> Request:
    """The JSON text of a request.

    Raises:
        ImageError: ``not_json`` if the body is not JSON, ``no_image`` if it is JSON without an image.
    """
    try:
        return _request.decode(body)
    except msgspec.ValidationError:
        raise ImageError(
            'the JSON body has no "image" text', 'send {"image": "<base64 of the file>"}', code="no_image"
        ) from None
    except UNREADABLE:
        raise ImageError("the body is not JSON", 'send {"image": "<base64 of the file>"}', code="not_json") from None


def decode_base64(text: str | bytes) -> bytes:
    """Strict base64: white space, missing padding and other alphabets are errors.

    Raises:
        ImageError: ``bad_base64``.
    """
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):  # ValueError: text that is not ASCII
        raise ImageError(
            "the image is not valid base64", "use standard base64 with padding", code="bad_base64"
        ) from None


def encode_answer(answer: Answer) -> str:
    return msgspec.json.encode(Reply(VERSION, answer)).decode()


def encode_fault(code: str, message: str, hint: str = "") -> str:
    # A message may quote the request, and JSON can name half a character (a lone surrogate) that UTF-8 cannot write.
    writable = message.encode(errors="replace").decode()
    return msgspec.json.encode(FaultReply(Fault(code, writable, hint))).decode()


def decode_answer(body: bytes) -> Answer:
    """The answer in a 200 response.

    Raises:
        ForeignAnswer: the body is not this program's, or of another version.
    """
    try:
        reply = _reply.decode(body)
    except UNREADABLE as error:
        raise ForeignAnswer(
            f"the answer is not one of resnet-bench's handler ({reason(error)})",
            "check that the URL is the one of the deployed function",
        ) from None
    if reply.version != VERSION:
        raise ForeignAnswer(
            f"the handler speaks version {reply.version} of the wire format, this client version {VERSION}",
            "deploy the function again with this version",
        )
    return reply.answer


def decode_fault(body: bytes) -> Fault | None:
    """The handler's error, or ``None`` if the body is something else (a gateway's own message, say)."""
    try:
        return _fault.decode(body).error
    except UNREADABLE:
        return None
