import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench import units

SECONDS = st.floats(min_value=0, max_value=900)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("123.45 ms", 0.12345), ("0.72 ms", 0.00072), ("1 s", 1.0), ("5 us", 5e-6), ("7 \u00b5s", 7e-6), (" 3ms ", 0.003)],
)
def test_aws_durations_become_seconds(text, seconds):
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(("text", "size"), [("1024 MB", 1 << 30), ("1 KB", 1024), ("2 GB", 2 << 30), ("12 B", 12)])
def test_aws_sizes_are_powers_of_1024(text, size):
    assert units.parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "ms", "12", "-1 ms", "1,5 ms", "1 MB", "nan ms", "1 ms more", "\u0661 ms", "1e3 ms"]
)
def test_what_is_not_a_duration_is_refused_and_quoted(text):
    with pytest.raises(ValueError, match="is not a duration"):
        units.parse_duration(text)


def test_a_duration_is_not_a_size():
    with pytest.raises(ValueError, match="is not a size"):
        units.parse_size("12 ms")


@given(st.integers(min_value=0, max_value=90_000_000))
def test_hundredths_of_a_millisecond_survive_the_round_trip_exactly(hundredths):
    seconds = units.parse_duration(f"{hundredths // 100}.{hundredths % 100:02d} ms")
    assert units.parse_duration(units.aws_duration(seconds)) == seconds


@given(st.integers(min_value=0, max_value=20 << 30))
def test_a_size_written_the_aws_way_is_rounded_up_by_less_than_one_mb(size):
    assert 0 <= units.parse_size(units.aws_size(size)) - size < units.MIB


@given(st.lists(st.none() | SECONDS, min_size=1, max_size=8))
def test_a_group_has_one_unit_and_keeps_three_significant_digits(values):
    group = units.times(values)
    for value, text in zip(values, group.texts, strict=True):
        if value is None:
            assert text == units.ABSENT
        elif not text.startswith("<"):
            shown = float(text.replace(",", "")) * group.unit.base
            assert math.isclose(shown, value, rel_tol=0.0051, abs_tol=0.00051 * group.unit.base)


@given(st.floats(min_value=1e-12, max_value=1e6))
def test_what_was_measured_is_never_shown_as_zero(value):
    assert units.number(value).strip("0.,") != ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00"),
        (9.996, "10.0"),
        (1234.5, "1,234"),
        (0.0004, "<0.001"),
        (-3.2, "-3.20"),
        (-1e-9, ">-0.001"),
        (0.0421, "0.042"),
    ],
)
def test_numbers_read_as_expected(value, text):
    assert units.number(value) == text


@pytest.mark.parametrize(
    ("values", "unit"),
    [((0.2, 12.0), "s"), ((0.2, 5.4), "ms"), ((0.000004, None), "us"), ((None,), "ms"), ((), "ms"), ((-0.02,), "ms")],
)
def test_the_largest_value_of_a_group_chooses_the_unit(values, unit):
    assert units.time_unit(values).name == unit


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (312, "312 B"), (88_000, "85.9 KB"), (4_718_592, "4.50 MB"), (3 << 30, "3,072 MB")]
)
def test_a_single_size_carries_its_unit(size, text):
    assert units.format_bytes(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (1770, "29 min 30 s"), (3900, "1 h 05 min")],
)
def test_time_left_is_written_for_people(seconds, text):
    assert units.time_left(seconds) == text


@pytest.mark.parametrize(
    ("per_second", "text"),
    [(100.0, "100 /s"), (3.4, "3.40 /s"), (0.5, "30.0 /min"), (1 / 3600, "1.00 /h"), (0.1 / 3600, "2.40 /d")],
)
def test_a_rate_is_written_in_a_time_in_which_there_is_at_least_one(per_second, text):
    assert units.format_rate(per_second) == text


@pytest.mark.parametrize(
    ("text", "count"), [("0", 0), ("0012", 12), ("9" * 5000, None), ("-1", None), ("\u0661", None), ("", None)]
)
def test_a_whole_number_is_one_of_plain_digits_that_end(text, count):
    assert units.whole(text) == count
