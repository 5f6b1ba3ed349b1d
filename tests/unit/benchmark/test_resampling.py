"""Resamples as counts, and what is made of them, against resamples written out value by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark import middles, ratios, resampling, stats

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=12)


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Enough for an identity, which holds of each."""
    monkeypatch.setattr(resampling, "RESAMPLES", 40)


def written_out(values, groups, stream=0):
    """For each resample the values of each group, as often as they were drawn."""
    for batch in resampling.resamples_of(groups, stream):
        for one in range(batch[0].shape[1]):
            yield [np.repeat(values[list(group)], counts[:, one]) for group, counts in zip(groups, batch, strict=True)]


@given(VALUES, VALUES)
def test_a_resampled_middle_is_the_mean_of_the_medians_of_what_was_drawn(first, second):
    values = np.array([*first, *second])
    groups = resampling.groups_of(len(values), ["a"] * len(first) + ["b"] * len(second))
    expected = [np.mean([np.median(part) for part in parts]) for parts in written_out(values, groups)]
    assert middles.resampled(values, groups).tolist() == expected
    assert middles.middle(values, groups) == np.mean([np.median(first), np.median(second)])


@given(VALUES)
def test_a_mean_s_interval_lies_between_percentiles_of_the_means_of_what_was_drawn(values):
    values = [*values, *values]
    means = [part.mean() for (part,) in written_out(np.array(values), resampling.groups_of(len(values), None))]
    interval = stats.mean_interval(values)
    assert (interval.low, interval.high) == pytest.approx(tuple(np.percentile(means, (2.5, 97.5))), abs=1e-6)


@pytest.mark.parametrize("size", [300, 70_000])
def test_counts_hold_as_many_values_as_a_group_has(size):
    groups = (tuple(range(size)),)
    (drawn,) = next(resampling.resamples_of(groups))
    assert (drawn.sum(axis=0) == size).all()
    low = np.partition(np.repeat(np.arange(size), drawn[:, 0]), size // 2)[(size - 1) // 2]
    assert middles.resampled(np.arange(float(size)), groups)[0] == pytest.approx(low, abs=1)


@pytest.mark.parametrize("size", [255, 256, 257, 300, 65_535, 65_536, 70_000])
def test_a_middle_of_many_values_is_their_median_and_so_are_those_of_its_resamples(size):
    values = np.random.default_rng(0).normal(5.0, 1.0, size)
    groups = resampling.groups_of(size, None)
    assert middles.middle(values, groups) == np.median(values)
    (expected,) = next(written_out(values, groups))
    assert middles.resampled(values, groups)[0] == np.median(expected)


@pytest.mark.parametrize("size", [300, 1_000])
def test_a_ratio_of_many_pairs_is_that_of_their_medians_where_all_pairs_have_the_same(size):
    below = np.random.default_rng(0).normal(5.0, 1.0, size).tolist()
    ratio = ratios.paired_ratio([2 * value for value in below], below)
    assert ratio.value == pytest.approx(2)
    assert ratio.interval.low == pytest.approx(2)


def test_groups_of_the_same_sizes_are_drawn_alike_and_another_stream_differently():
    values, groups = np.arange(12.0), resampling.groups_of(12, ["a", "b"] * 6)
    first, again, other = (middles.resampled(values, groups, stream=stream) for stream in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_resampling_in_batches_draws_as_many_as_at_once(monkeypatch):
    monkeypatch.setattr(resampling, "_BATCH", 700)
    monkeypatch.setattr(resampling, "_DRAWS", 2_000)
    batches = [counts.shape[1] for (counts,) in resampling.resamples_of(resampling.groups_of(60, None))]
    assert sum(batches) == 40
    assert max(batches) * 60 <= 700


def test_more_values_are_resampled_less_often_but_never_seldom(monkeypatch):
    monkeypatch.setattr(resampling, "RESAMPLES", 10_000)
    monkeypatch.setattr(resampling, "_DRAWS", 100_000)

    def count(n):
        return sum(counts.shape[1] for (counts,) in resampling.resamples_of(resampling.groups_of(n, None)))

    assert [count(n) for n in (5, 10, 50, 200)] == [10_000, 10_000, 2_000, 1_000]
