"""A run without doubts, ways to change it, and what the checks then say."""

from msgspec.structs import replace

from factories import make_run
from resnet_bench.benchmark.checks import check

QUIET = make_run(runs=120)


def codes(run):
    return {caveat.code for caveat in check(run)}


def message(run, code):
    (text,) = [caveat.message for caveat in check(run) if caveat.code == code]
    return text


def with_outcomes(run, change, count=1, **which):
    """``run`` with the first ``count`` samples that match ``which`` changed."""
    samples = list(run.samples)
    hits = [i for i, s in enumerate(samples) if all(getattr(s, name) == value for name, value in which.items())]
    for index in hits[:count]:
        samples[index] = change(samples[index])
    return replace(run, samples=tuple(samples))
