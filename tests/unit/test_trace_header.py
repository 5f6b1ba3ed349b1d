"""The trace header as Lambda sets it, and as anything else might."""

from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.trace_header import TraceHeader, parse_header

TRACE_ID = "1-5f84c7a1-52ad8ff0c8a7e3b1d4f6a902"


def test_every_part_of_lambdas_header_is_read():
    header = parse_header(f"Root={TRACE_ID};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:0")
    assert header == TraceHeader(TRACE_ID, "53995c3f42cd8ad8", True, "1:a87bd80c:0")


def test_order_case_and_spaces_do_not_matter():
    assert parse_header(f" sampled=0 ; ROOT={TRACE_ID}") == TraceHeader(TRACE_ID, None, False, None)


def test_an_undecided_or_unknown_sampling_is_none():
    assert parse_header(f"Root={TRACE_ID};Sampled=?").sampled is None
    assert parse_header(f"Root={TRACE_ID};Sampled=yes").sampled is None


def test_no_header_says_nothing():
    assert parse_header(None) == parse_header("") == parse_header(";;=;Root=") == TraceHeader()


@given(st.text())
def test_any_text_gives_a_header(text):
    assert isinstance(parse_header(text), TraceHeader)


words = st.text(st.characters(exclude_characters=";", exclude_categories=("Z", "C")), min_size=1)


@given(trace_id=words, parent_id=words, sampled=st.booleans(), lineage=words)
def test_a_written_header_is_read_back(trace_id, parent_id, sampled, lineage):
    text = f"Root={trace_id};Parent={parent_id};Sampled={int(sampled)};Lineage={lineage}"
    assert parse_header(text) == TraceHeader(trace_id, parent_id, sampled, lineage)
