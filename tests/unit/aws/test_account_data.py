"""Account ids and ARNs out of documents; everything that tells requests apart stays."""

import json

from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.aws.account_data import ACCOUNT, ARN, strip_account_data, strip_text

NUMBER = "111122223333"
FUNCTION_ARN = f"arn:aws:lambda:eu-west-1:{NUMBER}:function:resnet-bench"


def test_arns_and_account_ids_are_replaced_in_text():
    assert strip_text(f"{FUNCTION_ARN} in {NUMBER}, bucket-{NUMBER}.") == f"{ARN} in {ACCOUNT}, bucket-{ACCOUNT}."


def test_arns_of_other_partitions_are_replaced():
    assert strip_text(f'"arn:aws-cn:iam::{NUMBER}:role/x"') == f'"{ARN}"'


def test_request_ids_trace_ids_and_times_are_kept():
    text = "8f507cfc-1a2b-4c3d-9e4f-012345678901 1-68dd2f00-528888888888888888888888 1759326976381 0.123456789012"
    assert strip_text(text) == text


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
