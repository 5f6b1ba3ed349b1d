"""Records lose account data in their messages and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import inspect
from msgspec.structs import replace

from factories import make_failed, make_sample
from resnet_bench.aws.privacy.account_data import ARN, URL
from resnet_bench.aws.privacy.records import FREE_TEXT, TEXTLESS, strip_record
from resnet_bench.results.records import Attempt, Failed, Sample, Skipped
from resnet_bench.results.run import Caveat

FUNCTION_ARN = "arn:aws:lambda:eu-west-1:111122223333:function:resnet-bench"
HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"


def attempt(message):
    return Attempt(error="HttpError", message=message, status=503, duration_s=0.1, waited_s=1.0)


def test_every_message_and_reason_of_a_sample_is_stripped():
    sample = make_sample(
        "remote",
        outcome=Failed(error="HttpError", message=f"https://{HOST}/classify answered 502", status=502),
        client=Skipped(f"no {HOST}"),
        trace=Skipped(f"{FUNCTION_ARN} denied", pending=True),
        report=Skipped(FUNCTION_ARN),
        cgroup_peak_bytes=Skipped(FUNCTION_ARN),
        attempts=(attempt("fine"), attempt(HOST)),
    )
    stripped = strip_record(sample)
    assert stripped.outcome == replace(sample.outcome, message=f"{URL} answered 502")
    assert stripped.client == Skipped(f"no {URL}")
    assert stripped.trace == Skipped(f"{ARN} denied", pending=True)
    assert stripped.report == stripped.cgroup_peak_bytes == Skipped(ARN)
    assert stripped.attempts == (attempt("fine"), attempt(URL))


def test_both_texts_of_a_caveat_are_stripped_and_its_code_is_not():
    caveat = Caveat(code=f"c-{FUNCTION_ARN}", message=f"see {FUNCTION_ARN}", next_step=f"ask {HOST}")
    assert strip_record(caveat) == Caveat(code=caveat.code, message=f"see {ARN}", next_step=f"ask {URL}")


@pytest.mark.parametrize("sample", [make_sample("remote"), make_sample("remote", phase="cold"), make_failed()])
def test_a_sample_without_account_data_is_given_back_itself(sample):
    assert strip_record(sample) is sample


def types_within(kind):
    """``kind`` and all record types that its fields may hold, at any depth."""
    found, left = set(), [inspect.type_info(kind)]
    while left:
        one = left.pop()
        if isinstance(one, inspect.StructType):
            if one.cls in found:
                continue
            found.add(one.cls)
            left += [field.type for field in one.fields]
        left += [*getattr(one, "types", ()), *getattr(one, "item_types", ())]
        left += [getattr(one, name) for name in ("item_type", "key_type", "value_type") if hasattr(one, name)]
    return found


@pytest.mark.parametrize("kind", sorted(TEXTLESS, key=lambda kind: kind.__name__))
def test_what_is_not_gone_through_holds_no_words_of_others(kind):
    assert Sample in types_within(Sample) >= TEXTLESS, "the search finds what a sample holds"
    assert not types_within(kind) & set(FREE_TEXT)


words = st.text() | st.sampled_from([FUNCTION_ARN, HOST, "111122223333", f"at {HOST}: no"])


@given(words, words, words, words)
def test_ids_and_everything_that_is_no_message_survive(image, environment_id, request_id, message):
    """Not even what looks like account data: these fields are how a call is found again."""
    sample = make_sample("remote", image=image, trace=Skipped(message), attempts=(attempt(message),))
    identity = replace(sample.outcome.identity, environment_id=environment_id, request_id=request_id)
    sample = replace(sample, outcome=replace(sample.outcome, identity=identity))
    stripped = strip_record(sample)
    unsaid = (Skipped(""), (attempt(""),))
    assert replace(stripped, trace=unsaid[0], attempts=unsaid[1]) == replace(
        sample, trace=unsaid[0], attempts=unsaid[1]
    )
    assert isinstance(stripped, Sample)
    assert FUNCTION_ARN not in stripped.trace.reason
    assert HOST not in stripped.attempts[0].message
    assert strip_record(stripped) == stripped


def test_it_is_quick_enough_to_be_done_after_each_call():
    sample = make_sample("remote", phase="cold", attempts=(attempt("the endpoint answered 503"),))
    started_s = time.process_time()
    for _ in range(1000):
        strip_record(sample)
    assert time.process_time() - started_s < 5, "5 ms each is a hundred times what it takes"


def test_a_domain_of_ones_own_is_stripped_where_it_is_named():
    sample = make_sample("remote", outcome=Failed(error="ConnectError", message="api.mine.example: refused"))
    assert strip_record(sample, hosts=("api.mine.example",)).outcome.message == f"{URL}: refused"
    assert strip_record(sample) is sample
