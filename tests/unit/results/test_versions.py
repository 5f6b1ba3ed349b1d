import msgspec
import pytest

from factories import make_run
from resnet_bench.errors import ResultError
from resnet_bench.results.versions import STEPS, VERSION, read_run, read_todays, upgrade

OLD = {"version": 1, "time_ms": 1500}
FAKE_STEPS = {
    1: lambda document: {"time_s": document["time_ms"] / 1000},
    2: lambda document: {**document, "unit": "s"},
}


def test_an_old_document_takes_every_step_to_todays_version():
    assert upgrade(OLD, "old.json", version=3, steps=FAKE_STEPS) == {"version": 3, "time_s": 1.5, "unit": "s"}


def test_a_document_of_the_middle_takes_the_remaining_steps():
    middle = {"version": 2, "time_s": 1.5}
    assert upgrade(middle, "middle.json", version=3, steps=FAKE_STEPS)["unit"] == "s"


def test_upgrading_does_not_change_the_document_it_was_given():
    upgrade(OLD, "old.json", version=3, steps=FAKE_STEPS)
    assert OLD == {"version": 1, "time_ms": 1500}


def test_a_newer_document_is_refused_with_both_versions():
    with pytest.raises(ResultError, match=r"newer version of resnet-bench \(document version 4, this one reads 3\)"):
        upgrade({"version": 4}, "new.json", version=3, steps=FAKE_STEPS)


@pytest.mark.parametrize("version", [None, 0, -1, 1.0, "1", True])
def test_a_document_without_a_proper_version_is_not_ours(version):
    with pytest.raises(ResultError, match="not a resnet-bench result"):
        upgrade({"version": version}, "x.json")


def test_every_version_before_todays_has_a_step():
    assert set(STEPS) == set(range(1, VERSION))


def test_a_document_of_today_is_read_the_same_straight_and_by_way_of_dictionaries():
    written = msgspec.json.encode(make_run(runs=2))
    assert read_todays(written) == read_run(msgspec.json.decode(written), "today.json")


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"version": "1"}', b'{"version": 1}', b"\xff"])
def test_what_is_no_document_of_today_is_left_to_whoever_says_why(text):
    assert read_todays(text) is None


def test_a_document_of_another_version_is_not_read_as_todays():
    other = {**msgspec.to_builtins(make_run(runs=2)), "version": VERSION + 1}
    assert read_todays(msgspec.json.encode(other)) is None
