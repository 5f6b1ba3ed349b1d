import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.benchmark import stats

VALUES = st.lists(st.floats(min_value=1e-6, max_value=1e3), min_size=1, max_size=80)
MANY = st.lists(st.floats(min_value=1e-6, max_value=1e3), min_size=6, max_size=40)
FACTORS = st.floats(min_value=1e-3, max_value=1e3)


def scaled(interval, factor):
    return None if interval is None else pytest.approx((interval.low * factor, interval.high * factor), rel=1e-9)


def ends(interval):
    return None if interval is None else (interval.low, interval.high)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        # Hyndman and Fan's definition 7, worked by hand: rank 1 + (n - 1) p.
        ([15, 20, 35, 40, 50], 40, 29.0),
        ([1, 2, 3, 4], 50, 2.5),
        ([1, 2, 3, 4], 25, 1.75),
        ([3, 1, 2], 95, 2.9),
        ([7], 99, 7),
    ],
)
def test_percentiles_interpolate_between_order_statistics(values, percent, expected):
    assert stats.percentile(values, percent) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n", "ranks"),
    # Conover, "Practical Nonparametric Statistics": two-sided 95 % confidence ranks of the median.
    [(6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (10, (2, 9)), (15, (4, 12)), (20, (6, 15)), (25, (8, 18)), (60, (22, 39))],
)
def test_median_intervals_have_the_tabulated_ranks(n, ranks):
    assert ends(stats.percentile_interval(range(1, n + 1), 50)) == ranks


@pytest.mark.parametrize(("percent", "smallest"), [(50, 6), (95, 59), (99, 299), (5, 59)])
def test_an_interval_exists_from_the_known_sample_size_on(percent, smallest):
    assert stats.percentile_interval(range(smallest - 1), percent) is None
    assert stats.percentile_interval(range(smallest), percent) is not None


def exact_coverage(low, high, n, p):
    """P(low <= B < high), B binomial, with whole-number combinations."""
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(low, high))


@given(st.integers(1, 400), st.sampled_from([5, 25, 50, 90, 95, 99]))
def test_every_interval_covers_what_it_claims_and_is_none_only_if_nothing_could(n, percent):
    interval = stats.percentile_interval(range(1, n + 1), percent)
    p = percent / 100
    if interval is None:
        assert exact_coverage(1, n, n, p) < 0.95
    else:
        low, high = int(interval.low), int(interval.high)
        assert exact_coverage(low, high, n, p) >= 0.95 - 1e-9
        shorter = max(exact_coverage(low + 1, high, n, p), exact_coverage(low, high - 1, n, p))
        assert shorter < 0.975 + 1e-9, "neither tail is given away"


@pytest.mark.parametrize(("percent", "truth"), [(50, 1.0), (95, math.exp(0.5 * 1.6448536269514722))])
def test_intervals_of_skewed_samples_hold_the_true_percentile_as_often_as_claimed(percent, truth):
    rng = np.random.default_rng(7)
    experiments = rng.lognormal(0, 0.5, (2000, 80))
    held = np.mean([truth in stats.percentile_interval(values, percent) for values in experiments])
    assert 0.94 <= held <= 0.99


def test_bootstrap_intervals_of_means_agree_with_the_normal_one_for_many_samples():
    values = np.random.default_rng(5).normal(10, 2, 400)
    half = 1.96 * values.std(ddof=1) / math.sqrt(400)
    interval = stats.mean_interval(values)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)


@given(MANY, FACTORS)
def test_everything_scales_with_its_unit(values, factor):
    before, after = stats.summarise(values), stats.summarise([value * factor for value in values])
    for name in ("p50", "p95", "p99", "min", "max", "mean"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) * factor)
        if name in ("p50", "p95", "p99", "mean"):
            assert ends(getattr(after, f"{name}_interval")) == scaled(getattr(before, f"{name}_interval"), factor)


@given(VALUES)
def test_a_summary_is_in_order_and_its_intervals_hold_their_values(values):
    summary = stats.summarise(values)
    assert summary.n == len(values)
    assert summary.min <= summary.p50 <= summary.p95 <= summary.p99 <= summary.max
    for name in ("p50", "p95", "p99"):
        interval = getattr(summary, f"{name}_interval")
        if interval is not None:
            assert interval.low <= getattr(summary, name) * (1 + 1e-12)
            assert getattr(summary, name) <= interval.high * (1 + 1e-12)


@given(VALUES, st.randoms())
def test_the_order_of_samples_does_not_matter(values, rng):
    shuffled = rng.sample(values, len(values))
    first, second = stats.summarise(values), stats.summarise(shuffled)
    assert (first.p50, first.p99, first.p50_interval) == (second.p50, second.p99, second.p50_interval)


def test_the_same_samples_always_give_the_same_interval():
    values = np.random.default_rng(1).lognormal(0, 1, 50)
    assert stats.summarise(values.tolist()) == stats.summarise(values.tolist())


def test_nothing_comes_of_no_samples():
    assert stats.summarise([]) is None
    assert stats.percentile_interval([], 50) is None


def test_the_means_interval_over_images_is_not_widened_by_their_different_sizes():
    images = ["small", "large", "huge"] * 10
    values = [
        {"small": 0.05, "large": 0.1, "huge": 0.4}[image] * (1 + 0.01 * (i % 7)) for i, image in enumerate(images)
    ]
    stratified, mixed = stats.summarise(values, images), stats.summarise(values)
    wide = mixed.mean_interval.high - mixed.mean_interval.low
    assert stratified.mean_interval.high - stratified.mean_interval.low < wide / 5


def test_the_medians_interval_over_images_spans_their_sizes():
    """The median of two clusters lies in the gap between them, where no sample ever is."""
    images = ["small", "large"] * 10
    values = [{"small": 1.0, "large": 10.0}[image] * (1 + 0.01 * (i % 5)) for i, image in enumerate(images)]
    assert ends(stats.summarise(values, images).p50_interval) == (sorted(values)[5], sorted(values)[14])


def test_strata_too_small_to_resample_are_taken_as_one():
    values = [float(value) for value in range(1, 13)]
    images = [f"image-{value // 3}" for value in range(12)]
    assert stats.summarise(values, images) == stats.summarise(values)
