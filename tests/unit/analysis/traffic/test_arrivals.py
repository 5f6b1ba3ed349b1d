"""When requests come: patterns keep their mean rate, files are read or refused by line, rates are as people write."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.analysis.traffic.arrivals import BATCHES, CHUNK
from resnet_bench.analysis.traffic.latencies import Latencies
from resnet_bench.analysis.traffic.patterns import PATTERNS, pattern
from resnet_bench.analysis.traffic.rates import parse_rates
from resnet_bench.analysis.traffic.recorded import read_recorded
from resnet_bench.errors import UsageError


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize("rate", [1 / 3600, 0.5, 20.0])
def test_every_pattern_keeps_its_mean_rate_in_order_and_in_bounded_chunks(name: str, rate: float) -> None:
    arrivals = pattern(name, rate)
    count, last_s = 0.0, -1.0
    for chunk in arrivals.chunks(np.random.default_rng(4)):
        assert np.all(np.diff(chunk.times) >= 0)
        assert len(chunk.times) < 3 * CHUNK
        if len(chunk.times):
            assert chunk.times[0] >= last_s
            last_s = float(chunk.times[-1])
            assert 0 <= chunk.batches.min() <= chunk.batches.max() < BATCHES
        count += chunk.weight * len(chunk.times)
    # Bursts are few where requests are many, so that their number varies.
    assert count / arrivals.stands_for_s == pytest.approx(rate, rel=0.15 if name == "bursty" else 0.05)


def test_an_unknown_pattern_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError) as refused:
        pattern("weekly", 1.0)
    assert "steady, bursty, office-hours" in refused.value.hint


@pytest.mark.parametrize(
    ("text", "low", "high", "points"),
    [
        ("1/h..100/s", 1 / 3600, 100, 13),
        ("5/min", 1 / 12, 1 / 12, 1),
        ("2.5/s", 2.5, 2.5, 1),
        ("1/d .. 1/d", *[1 / 86400] * 2, 1),
    ],
)
def test_rates_are_read_as_people_write_them(text: str, low: float, high: float, points: int) -> None:
    rates = parse_rates(text)
    assert (rates.low, rates.high) == (pytest.approx(low), pytest.approx(high))
    grid = rates.grid
    assert (len(grid), grid[0], grid[-1]) == (points, rates.low, rates.high)


@pytest.mark.parametrize("text", ["", "5", "-1/s", "0/s", "1/week", "2/s..1/s", "1/s..", "..1/s", "5000/s", "1e3/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"^--rate"):
        parse_rates(text)


@given(st.integers(1, 1000), st.sampled_from(["s", "min", "h", "d"]))
def test_any_whole_number_a_unit_is_that_many_a_second(count: int, unit: str) -> None:
    assert parse_rates(f"{count}/{unit}").low == pytest.approx(count / {"s": 1, "min": 60, "h": 3600, "d": 86400}[unit])


def test_a_file_of_timestamps_is_read_in_any_order_and_form(tmp_path: Path) -> None:
    path = tmp_path / "requests.txt"
    path.write_text("2026-11-24T08:00:10Z\n1795507200\n\n2026-11-24T09:00:05+01:00\n2026-11-24T08:00:30\n")
    recorded = read_recorded(path)
    assert recorded.times.tolist() == [0.0, 5.0, 10.0, 30.0]
    assert recorded.stands_for_s == 40.0
    (chunk,) = recorded.chunks(np.random.default_rng(0))
    assert chunk.times.tolist() == [0.0, 5.0, 10.0, 30.0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("1\n2\nnoon\n", "line 3: 'noon' is no timestamp"),
        ("1\nnan\n", "line 2: 'nan' is no timestamp"),
        ("1795507200000\n1795507201000\n", "line 1: '1795507200000' is no timestamp"),
        ("5\n", "has no two requests"),
        ("", "has no two requests"),
        ("7\n7\n", "has no two requests"),
    ],
)
def test_a_file_that_says_no_times_is_refused(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "requests.txt"
    path.write_text(content)
    with pytest.raises(UsageError, match=why):
        read_recorded(path)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_recorded(tmp_path / "missing.txt")
    (tmp_path / "image").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(UsageError, match="it is no text"):
        read_recorded(tmp_path / "image")


@given(st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=200), st.sampled_from([1.0, 50.0, 95.0, 99.0]))
def test_a_percentile_is_within_half_a_percent_of_one_of_the_values_about_it(
    values: list[float], percent: float
) -> None:
    histogram = Latencies()
    histogram.add(np.array(values), np.zeros(len(values), dtype=np.int64), 1.0)
    found = histogram.percentile(percent, np.zeros(BATCHES)).value
    exact = np.percentile(values, percent, method="inverted_cdf")
    assert found == pytest.approx(exact, rel=0.0051)
