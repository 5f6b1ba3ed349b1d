"""How many of a run's calls X-Ray will trace, known before the run."""

from __future__ import annotations

# Active tracing of Lambda: the first request of each second, and this share of the others. It cannot be configured.
# (Lambda developer guide, "Visualize Lambda function invocations using AWS X-Ray".)
SHARE_OF_REST = 0.05


def expected_traces(calls_count: int, period_s: float) -> float:
    """Of ``calls_count`` calls to one function that start ``period_s`` apart, how many are traced on average."""
    if calls_count <= 0:
        return 0.0
    # From the first call to the last, a span of so many seconds touches one second more than it lasts.
    first_of_a_second = 1 + (calls_count - 1) * min(1.0, period_s)
    return first_of_a_second + SHARE_OF_REST * (calls_count - first_of_a_second)


def thin_sampling(calls_count: int, period_s: float) -> str | None:
    """What to expect, if these calls come so fast that X-Ray will leave some out; ``None`` if it traces them all.

    ``period_s`` is the interval between starts or, where calls follow one another, how long one takes.
    """
    traced = expected_traces(calls_count, period_s)
    if round(traced) >= calls_count:
        return None
    return (
        f"about {traced:.0f} of {calls_count} calls will be traced: X-Ray takes one a second and "
        f"{SHARE_OF_REST:.0%} of the rest (--interval 1 has nearly all traced)"
    )
