"""An HTTP API event to the image in it: every shape of event, and nothing but the three outcomes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import event
from resnet_bench import wire
from resnet_bench.emulator.gateway import make_event
from resnet_bench.errors import ForeignAnswer, ImageError
from resnet_bench.http_event import (
    CLASSIFY_PATH,
    HttpAnswer,
    NotServed,
    ReceivedImage,
    read_http_answer,
    read_image,
    read_request,
    refusal,
    write_event,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just("/classify"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def read_or_refuse(made: dict[str, Any]) -> ReceivedImage | str:
    """The image, or the reason of the refusal; anything else that is raised fails the test."""
    try:
        return read_image(made)
    except (ImageError, NotServed) as refused:
        return str(refused)


def test_a_json_body_is_parsed_and_decoded_with_a_time_for_each() -> None:
    image = read_image(event(wire.encode_request(b"bytes").decode()))
    assert image.data == b"bytes"
    assert image.json_parse_s is not None
    assert image.json_parse_s >= 0
    assert image.base64_decode_s is not None
    assert image.base64_decode_s >= 0


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "IMAGE/PNG", "image/jpeg; charset=binary"])
def test_a_raw_body_has_no_json_time(content_type: str) -> None:
    image = read_image(event(b"\xff\xd8raw", content_type=content_type))
    assert (image.data, image.json_parse_s) == (b"\xff\xd8raw", None)


def test_json_that_arrives_in_base64_is_still_json() -> None:
    assert read_image(event(wire.encode_request(b"bytes"), content_type="application/x-json")).data == b"bytes"


@pytest.mark.parametrize("name", ["content-type", "Content-Type", "CONTENT-TYPE"])
def test_header_names_may_come_in_any_case(name: str) -> None:
    assert read_image(event(b"raw", headers={name: "image/png"})).json_parse_s is None


@pytest.mark.parametrize("path", ["/classify", "/prod/classify"])
def test_a_stage_may_stand_before_the_path(path: str) -> None:
    assert read_image(event(b"raw", content_type="image/png", rawPath=path)).data == b"raw"


@pytest.mark.parametrize("path", ["", "/", "/classify/", "/declassify", "classify", "/classify/x"])
def test_another_path_is_not_found(path: str) -> None:
    with pytest.raises(NotServed) as caught:
        read_image(event("{}", rawPath=path))
    assert (caught.value.status, caught.value.code) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS", "", "post"])
def test_another_method_is_not_allowed_and_the_answer_says_which_is(method: str) -> None:
    with pytest.raises(NotServed) as caught:
        read_image(event("{}", requestContext={"http": {"method": method}}))
    assert (caught.value.status, caught.value.headers) == (405, {"allow": "POST"})


@pytest.mark.parametrize("key", ["headers", "isBase64Encoded", "body", "requestContext", "rawPath"])
@pytest.mark.parametrize("value", [None, 1, "text", [1], {"http": "POST"}, True])
def test_a_key_of_another_type_is_a_client_error_or_ignored(key: str, value: Any) -> None:
    changed = event(wire.encode_request(b"bytes").decode()) | {key: value}
    assert read_or_refuse(changed)


@pytest.mark.parametrize("key", ["headers", "isBase64Encoded", "cookies", "rawQueryString", "routeKey", "version"])
def test_optional_keys_may_be_absent(key: str) -> None:
    made = event(wire.encode_request(b"bytes").decode())
    made.pop(key, None)
    assert read_image(made).data == b"bytes"


@given(ANYTHING)
def test_whatever_comes_is_an_image_or_a_refusal(anything: Any) -> None:
    with pytest.raises((ImageError, NotServed)):
        read_image(anything)


@given(body=ANYTHING, encoded=ANYTHING, headers=ANYTHING)
def test_whatever_is_posted_is_an_image_or_a_refusal(body: Any, encoded: Any, headers: Any) -> None:
    assert read_or_refuse(event(None) | {"body": body, "isBase64Encoded": encoded, "headers": headers})


@given(data=st.binary(min_size=1), raw=st.booleans())
def test_every_image_arrives_as_it_was_sent(data: bytes, raw: bool) -> None:
    sent = event(data, content_type="image/png") if raw else event(wire.encode_request(data).decode())
    assert read_image(sent).data == data


def test_a_bad_raw_body_is_bad_base64() -> None:
    with pytest.raises(ImageError) as caught:
        read_image(event("%%%", content_type="image/png", isBase64Encoded=True))
    assert caught.value.code == "bad_base64"


# --- in the HTTP API's place --------------------------------------------------------------------------------------


@given(data=st.binary(min_size=1), raw=st.booleans())
def test_an_event_that_is_written_is_read_as_the_same_image(data: bytes, raw: bool) -> None:
    body, content_type = (data, "image/png") if raw else (wire.encode_request(data), "application/json")
    image = read_image(json.loads(write_event(body, content_type)))
    assert image.data == data
    assert (image.json_parse_s is None) == raw


@pytest.mark.parametrize("content_type", ["application/json", "image/jpeg", "image/png", "application/octet-stream"])
def test_an_event_says_what_the_http_api_would_have_said(content_type: str) -> None:
    body = wire.encode_request(b"bytes")
    scope = {
        "query_string": b"",
        "method": "POST",
        "path": CLASSIFY_PATH,
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
    }
    of_the_api = json.loads(make_event(scope, {"content-type": content_type}, body, request_id="an id"))
    written = json.loads(write_event(body, content_type))
    assert written.keys() == of_the_api.keys()
    for key in ("version", "rawPath", "rawQueryString", "body", "isBase64Encoded"):
        assert written[key] == of_the_api[key], key
    for key in ("method", "path"):
        assert written["requestContext"]["http"][key] == of_the_api["requestContext"]["http"][key]


def test_an_answer_is_read_as_the_http_api_would() -> None:
    payload = (
        b'{"statusCode": 400, "headers": {"content-type": "application/json"}, "body": "{}", "isBase64Encoded": false}'
    )
    assert read_http_answer(payload) == HttpAnswer(400, "{}", {"content-type": "application/json"})


FOREIGN = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "an object": b"{}",
    "no body": b'{"statusCode": 200}',
    "a status that is text": b'{"statusCode": "200", "body": ""}',
    "not UTF-8": b"\xff",
    "too deep": b'{"statusCode": 200, "body": "", "x": ' + b"[" * 100_000,
}


@pytest.mark.parametrize("payload", FOREIGN.values(), ids=FOREIGN)
def test_what_another_function_returns_is_a_foreign_answer(payload: bytes) -> None:
    with pytest.raises(ForeignAnswer):
        read_http_answer(payload)


@given(st.binary())
def test_whatever_bytes_a_function_returns_are_foreign(payload: bytes) -> None:
    with pytest.raises(ForeignAnswer):
        read_http_answer(payload)


# --- without an HTTP API ------------------------------------------------------------------------------------------

BODIES = st.one_of(
    st.binary(max_size=40),
    st.binary(min_size=1, max_size=40).map(wire.encode_request),
    st.text(st.characters(), max_size=8).map(lambda text: json.dumps({"image": text}).encode()),
)
TYPES = st.sampled_from(
    ["", "application/json", "APPLICATION/JSON; charset=utf-8", "text/plain", "image/png", "Image/JPEG", "x/y"]
)


@given(
    path=st.sampled_from(["/classify", "/v1/classify", "/", "/other"]),
    method=st.sampled_from(["POST", "GET", "PUT"]),
    content_type=TYPES,
    body=BODIES,
)
def test_a_request_means_the_same_with_and_without_an_http_api(
    path: str, method: str, content_type: str, body: bytes
) -> None:
    scope = {
        "query_string": b"",
        "method": method,
        "path": path,
        "http_version": "1.1",
        "server": ("127.0.0.1", 80),
    }
    headers = {"content-type": content_type} if content_type else {}
    made = json.loads(make_event(scope, headers, body, request_id="an id"))
    outcomes = []
    for read in (lambda: read_image(made), lambda: read_request(path, method, content_type, body)):
        try:
            image = read()
        except (ImageError, NotServed) as refused:
            outcomes.append(refusal(refused))
        else:
            outcomes.append((image.data, image.json_parse_s is None))
    assert outcomes[0] == outcomes[1]
