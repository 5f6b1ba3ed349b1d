"""The JSON between client and handler: what one end writes the other reads, and damage is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import make_answer
from resnet_bench import wire
from resnet_bench.errors import ForeignAnswer, ImageError

# Lone surrogates too: JSON can write them, UTF-8 cannot.
TEXT = st.text(st.characters(codec=None))


@given(st.binary(max_size=2000))
def test_an_image_survives_the_way_to_the_handler(image: bytes) -> None:
    request = wire.parse_request(wire.encode_request(image))
    assert wire.decode_base64(request.image) == image


def test_an_answer_survives_the_way_back() -> None:
    original = make_answer()
    assert wire.decode_answer(wire.encode_answer(original).encode()) == original


@given(code=st.text(st.characters(codec="utf-8")), message=st.text(st.characters(codec="utf-8")))
def test_a_fault_survives_the_way_back(code: str, message: str) -> None:
    assert wire.decode_fault(wire.encode_fault(code, message).encode()) == wire.Fault(code, message)


@given(TEXT)
def test_a_fault_can_quote_anything(message: str) -> None:
    assert json.loads(wire.encode_fault("code", message))["error"]["code"] == "code"


@given(st.binary() | TEXT)
def test_any_body_is_a_request_or_a_named_refusal(body: bytes | str) -> None:
    with pytest.raises(ImageError) as caught:
        wire.parse_request(body)
    assert caught.value.code in {"not_json", "no_image"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ('{"image": "a}', "not_json"),
        (b"\xff\xfe", "not_json"),
        ("\ud800", "not_json"),
        ("{}", "no_image"),
        ("[]", "no_image"),
        ("null", "no_image"),
        ('{"image": 5}', "no_image"),
        ('{"image": null}', "no_image"),
    ],
    ids=repr,
)
def test_a_bad_request_is_named(body: bytes | str, code: str) -> None:
    with pytest.raises(ImageError) as caught:
        wire.parse_request(body)
    assert caught.value.code == code


def test_unknown_fields_of_a_request_do_not_matter() -> None:
    assert wire.parse_request('{"image": "YQ==", "later": [1]}').image == "YQ=="


@pytest.mark.parametrize("text", ["YQ", "YQ=", "Y Q==", "YQ==\n", "YQ_-", "=", "YQ==YQ==", "ü", "\ud800"], ids=repr)
def test_loose_base64_is_refused(text: str) -> None:
    with pytest.raises(ImageError) as caught:
        wire.decode_base64(text)
    assert caught.value.code == "bad_base64"


@given(st.binary() | st.text(st.characters(codec="utf-8")).map(str.encode))
def test_any_body_is_an_answer_or_foreign(body: bytes) -> None:
    with pytest.raises(ForeignAnswer):
        wire.decode_answer(body)
    assert wire.decode_fault(body) is None


def test_another_version_is_foreign_and_says_which() -> None:
    document = json.loads(wire.encode_answer(make_answer())) | {"version": wire.VERSION + 1}
    with pytest.raises(ForeignAnswer, match=f"version {wire.VERSION + 1}"):
        wire.decode_answer(json.dumps(document).encode())


@pytest.mark.parametrize("body", [b'{"message": "Internal Server Error"}', b"", b"<html>", b'{"error": "text"}'])
def test_a_gateways_own_error_is_no_fault_of_the_handler(body: bytes) -> None:
    assert wire.decode_fault(body) is None


def test_the_largest_image_leaves_room_in_the_event() -> None:
    base64_bytes = -(-wire.IMAGE_LIMIT_BYTES // 3) * 4
    assert base64_bytes + 64 * 1024 <= wire.EVENT_LIMIT_BYTES
    assert wire.IMAGE_LIMIT_BYTES > 4.6e6


def test_json_that_is_nested_too_deeply_is_damage_like_any_other() -> None:
    deep = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(ImageError) as refused:
        wire.parse_request(deep)
    assert refused.value.code == "not_json"
    with pytest.raises(ForeignAnswer):
        wire.decode_answer(deep)
    assert wire.decode_fault(deep) is None
