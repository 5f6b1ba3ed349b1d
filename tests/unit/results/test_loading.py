from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import PREDICTIONS, make_answer, make_run, make_sample, make_samples
from resnet_bench.errors import ResultError
from resnet_bench.results.files import ResultWriter, load
from resnet_bench.results.journal import TORN_LINE
from resnet_bench.results.run import Run

ROOT = Path(__file__).parents[3]
SAMPLES = make_samples(runs=2, cold=1, warmup=1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "out.json"


def start(path, **options):
    return ResultWriter(make_run(samples=()), path, **options)


@given(cut=st.integers(min_value=1, max_value=3000))
def test_a_torn_last_line_is_left_out_and_noted(tmp_path_factory, cut):
    path = tmp_path_factory.mktemp("torn") / "out.json"
    writer = start(path)
    for sample in SAMPLES:
        writer.add(sample)
    data = writer.journal_path.read_bytes()
    last = len(data.splitlines()[-1])
    writer.journal_path.write_bytes(data[: -min(cut, last)])
    run = load(writer.journal_path)
    assert run.samples == SAMPLES[:-1]
    assert [caveat.code for caveat in run.caveats] == [TORN_LINE]


def test_a_value_that_json_cannot_carry_is_refused_when_saved_and_not_when_read(path):
    broken = make_sample(outcome=make_answer(predictions=(replace(PREDICTIONS[0], probability=float("nan")),)))
    writer = start(path)
    writer.add(SAMPLES[0])
    with pytest.raises(ResultError, match="sample 1 cannot be saved: Expected"):
        writer.add(broken)
    writer.finish()
    assert load(path).samples == SAMPLES[:1]


def test_damage_within_a_journal_is_an_error_that_names_the_line(path):
    writer = start(path)
    for sample in SAMPLES[:3]:
        writer.add(sample)
    lines = writer.journal_path.read_bytes().splitlines(keepends=True)
    writer.journal_path.write_bytes(b"".join([*lines[:2], b'{"line": "sam\n', *lines[3:]]))
    with pytest.raises(ResultError, match="line 3"):
        load(writer.journal_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a whole JSON document"),
        (b"\xff\xd8\xff\xe0 photo", "not a whole JSON document"),
        (b"[" * 100_000, "not a whole JSON document"),
        (b'{"a":\n' * 100_000, "not a whole JSON document"),
        (b"{}", "not a resnet-bench result"),
        (b"[1, 2]", "not a resnet-bench result"),
        (b'{"version": true}', "not a resnet-bench result"),
        (b'{"version": "1"}', "not a resnet-bench result"),
        (b'{"version": 2}', "newer version"),
        (b'{"version": 1}', "missing required field"),
        (b'{"name": "a"}\n{"name": "b"}\n', "damaged in line 2"),
        (b'{"name": "a"}\n{"line": "\xff"}\n', "damaged in line 2"),
        (b'{"name": "a"}\n' + b"[" * 100_000 + b"\n", "damaged in line 2"),
        (b'{"name": "a"}\n{"line": "sample", "index": "0", "sample": {}}\n', "damaged in line 2"),
    ],
)
def test_what_is_not_a_result_is_refused_with_the_reason(path, content, message):
    path.write_bytes(content)
    with pytest.raises(ResultError, match=message) as caught:
        load(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_a_file_that_is_not_there_is_explained(path):
    with pytest.raises(ResultError, match="No such file"):
        load(path)


def test_a_truncated_document_says_so(path):
    start(path).finish()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ResultError, match="truncated"):
        load(path)


def test_a_wrong_type_is_refused_with_its_place(path):
    document = msgspec.to_builtins(make_run(samples=SAMPLES))
    document["samples"][1]["pair"] = "0"
    path.write_bytes(msgspec.json.encode(document))
    with pytest.raises(ResultError, match=r"samples\[1\]\.pair|\$\.samples\[\.\.\.\]\.pair"):
        load(path)


def test_fields_from_a_later_minor_version_are_ignored(path):
    document = msgspec.to_builtins(make_run(samples=SAMPLES))
    document["new"] = 1
    document["samples"][0]["outcome"]["stages"]["new_s"] = 0.1
    path.write_bytes(msgspec.json.encode(document))
    assert load(path) == make_run(samples=SAMPLES)


def test_golden_version_1_loads_forever():
    run = load(ROOT / "tests" / "golden" / "result-v1.json")
    assert isinstance(run, Run)
    assert len(run.samples) == 11
    assert run.samples[0].outcome.stages.decode_s == pytest.approx(0.008, rel=0.2)
    assert {type(sample.trace).__name__ for sample in run.samples} == {"Skipped", "TraceTimes"}
