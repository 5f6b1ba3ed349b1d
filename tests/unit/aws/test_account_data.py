"""Whose account it is, and what opens it, out of texts and documents; everything that tells requests apart stays."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.privacy.account_data import (
    ACCOUNT,
    ARN,
    CREDENTIAL,
    REGISTRY,
    URL,
    strip_account_data,
    strip_text,
)

NUMBER = "111122223333"
FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:{NUMBER}:function:resnet-bench"


def test_arns_and_account_ids_are_replaced_in_text():
    assert strip_text(f"{FUNCTION_ARN} in {NUMBER}, bucket-{NUMBER}.") == f"{ARN} in {ACCOUNT}, bucket-{ACCOUNT}."


def test_arns_of_other_partitions_are_replaced():
    assert strip_text(f'"arn:aws-cn:iam::{NUMBER}:role/x"') == f'"{ARN}"'


def test_request_ids_trace_ids_and_times_are_kept():
    text = "8f507cfc-1a2b-4c3d-9e4f-012345678901 1-68dd2f00-528888888888888888888888 1759326976381 0.123456789012"
    assert strip_text(text) == text


API = "a1b2c3d4e5"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjEJr//////////wEaCXVzLWVhc3QtMSJHMEUCIQ=="
ACCESS_KEY = "ASIAIOSFODNN7EXAMPLE"
SIGNATURE = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"

PRIVATE = {
    f"https://{API}.execute-api.eu-west-1.amazonaws.com/classify?x=1": URL,
    f"https://{API}.execute-api.cn-north-1.amazonaws.com.cn": URL,
    f"https://{API}.lambda-url.us-east-1.on.aws/": URL,
    "https://classifier.example.com/prod/classify": URL,
    f"{API}.execute-api.eu-west-1.amazonaws.com": URL,
    f"{API}.execute-api-fips.us-east-1.amazonaws.com": URL,
    f"{API}.lambda-url.us-east-1.on.aws": URL,
    f"{NUMBER}.dkr.ecr.us-east-1.amazonaws.com": REGISTRY,
    f"{NUMBER}.dkr-ecr.us-east-1.on.aws": REGISTRY,
    ACCESS_KEY: CREDENTIAL,
    "AKIAIOSFODNN7EXAMPLE": CREDENTIAL,
    "AROAIOSFODNN7EXAMPLE1": CREDENTIAL,
    SESSION_TOKEN: CREDENTIAL,
    f"https://s3.us-east-1.amazonaws.com/bucket?X-Amz-Signature={SIGNATURE}": URL,
    f"X-Amz-Security-Token: {SESSION_TOKEN}": f"X-Amz-Security-Token: {CREDENTIAL}",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG": f"aws_secret_access_key = {CREDENTIAL}",
    FUNCTION_ARN: ARN,
    NUMBER: ACCOUNT,
}


@pytest.mark.parametrize(("private", "instead"), PRIVATE.items())
def test_what_belongs_to_an_account_is_replaced_wherever_it_stands(private, instead):
    assert strip_text(private) == instead
    assert strip_text(f'the endpoint "{private}" said no') == f'the endpoint "{instead}" said no'
    assert strip_text(f"({private}) {private}") == f"({instead}) {instead}"


def test_an_images_digest_stays_when_its_registry_goes():
    image = f"{NUMBER}.dkr.ecr.us-east-1.amazonaws.com/resnet-bench@sha256:{'a' * 64}"
    assert strip_text(image) == f"{REGISTRY}/resnet-bench@sha256:{'a' * 64}"


def test_a_signed_header_keeps_neither_key_nor_signature():
    header = (
        f"Authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20261124/eu-west-1/execute-api/aws4_request, "
        f"SignedHeaders=host, Signature={SIGNATURE}"
    )
    assert strip_text(header) == (
        f"Authorization: AWS4-HMAC-SHA256 Credential={CREDENTIAL}, SignedHeaders=host, Signature={CREDENTIAL}"
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/classify",
        "http://localhost:8080",
        "https://xray.eu-west-1.amazonaws.com/Traces",
        "https://iam.amazonaws.com/",
    ],
)
def test_addresses_that_are_the_same_for_everybody_are_kept(url):
    assert strip_text(f"could not connect to {url}") == f"could not connect to {url}"


def test_an_account_id_in_a_general_address_is_replaced():
    url = f"https://sqs.us-east-1.amazonaws.com/{NUMBER}/queue"
    assert strip_text(url) == f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/queue"


def test_the_programs_own_messages_are_kept():
    for text in (
        "xray:BatchGetTraces failed: the AWS credentials have expired (ExpiredTokenException)",
        "the function timed out after 29 s (HTTP 503)",
        "connect to api.execute-apis.example: Name or service not known",
    ):
        assert strip_text(text) == text


@given(st.text(), st.sampled_from(sorted(PRIVATE)), st.sampled_from([" ", '"', "\n", "(", "<", ",", ", "]), st.text())
def test_nothing_private_survives_between_other_text(before, private, between, after):
    closing = {"(": ")", "<": ">"}.get(between, between)
    stripped = strip_text(before + between + private + closing + after)
    assert not any(
        secret in stripped for secret in (API, NUMBER, SESSION_TOKEN, SIGNATURE, "IOSFODNN7", "wJalrXUtnFEMI")
    )
    assert strip_text(stripped) == stripped


@pytest.mark.parametrize(
    "unit", ["a.", "a", "1", "https:", "arn:", "x-amz-", "AKIA", "a-", "IQoJb3JpZ2lu", "credential = "]
)
def test_long_hostile_text_takes_no_longer_than_it_is_long(unit):
    started_s = time.process_time()
    strip_text(unit * (200_000 // len(unit)))
    assert time.process_time() - started_s < 5


def test_a_raw_trace_is_stripped_inside_its_json_text_and_stays_json():
    document = {"aws": {"account_id": NUMBER, "function_arn": FUNCTION_ARN}, "start_time": 1.25, FUNCTION_ARN: [NUMBER]}
    trace = {"Id": "1-68dd2f00-52ad8ff0c8a7e3b1d4f6a902", "Segments": [{"Id": "a", "Document": json.dumps(document)}]}
    stripped = strip_account_data(trace)
    assert NUMBER not in json.dumps(stripped)
    assert json.loads(stripped["Segments"][0]["Document"]) == {
        "aws": {"account_id": ACCOUNT, "function_arn": ARN},
        "start_time": 1.25,
        ARN: [ACCOUNT],
    }
    assert stripped["Id"] == trace["Id"]


def test_an_account_id_that_is_a_number_is_replaced_by_its_key():
    assert strip_account_data({"accountId": int(NUMBER), "n": 1}) == {"accountId": ACCOUNT, "n": 1}


def test_text_that_only_looks_like_json_is_stripped_as_text():
    assert strip_account_data("{not json " + FUNCTION_ARN) == "{not json " + ARN
    assert NUMBER not in strip_account_data('{"a":' * 50_000 + NUMBER)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text() | st.just(FUNCTION_ARN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.just(NUMBER), inner),
    max_leaves=8,
)


@given(json_values)
def test_no_document_keeps_an_account_id_and_stripping_twice_changes_nothing_more(document):
    once = strip_account_data(document)
    assert NUMBER not in json.dumps(once)
    assert strip_account_data(once) == once


def test_the_address_that_somebody_has_just_given_can_stay_without_what_is_signed_in_it() -> None:
    own = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/classify"
    said = f"{own} answered 403: {FUNCTION_ARN}; a1b2c3.lambda-url.eu-west-1.on.aws"
    assert strip_text(said, addresses=False) == f"{own} answered 403: {ARN}; a1b2c3.lambda-url.eu-west-1.on.aws"
    assert strip_text("https://123456789012.example/x", addresses=False) == f"https://{ACCOUNT}.example/x"
    assert strip_text(f"{own}?X-Amz-Signature=0123", addresses=False) == URL
