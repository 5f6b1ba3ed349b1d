"""One examination after another, and what the findings come to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clocks import FalseClock
from examined import make_finding
from resnet_bench.diagnosis.examine import Examination, Told, examine
from resnet_bench.diagnosis.summary import doubts, faults, first, trust
from resnet_bench.errors import SandboxError
from resnet_bench.results.diagnosis import Finding


class Heard:
    def __init__(self) -> None:
        self.steps: list[tuple[str, float | None]] = []

    def step(self, text: str, fraction: float | None = None) -> None:
        self.steps.append((text, fraction))


def lasting(seconds: float, clock: FalseClock) -> Any:
    def run(tell: Told) -> Iterator[Finding]:
        clock.sleep(seconds / 2)
        tell("half of it", 0.5)
        clock.sleep(seconds / 2)
        yield make_finding()

    return run


def test_the_time_left_is_told_by_the_pace_so_far() -> None:
    clock, heard = FalseClock(), Heard()
    planned = [
        Examination("timer", 10.0, lasting(20.0, clock)),
        Examination("noise", 20.0, lasting(40.0, clock)),
        Examination("limiter", 10.0, lasting(20.0, clock)),
    ]
    assert len(examine(planned, heard, clock)) == 3
    assert heard.steps == [
        ("timer: begins, about 40 s left", 0.0),
        ("timer: half of it, about 35 s left", 0.125),
        ("noise: begins, about 1 min 00 s left", 0.25),
        ("noise: half of it, about 40 s left", 0.5),
        ("limiter: begins, about 20 s left", 0.75),
        ("limiter: half of it, about 10 s left", 0.875),
    ]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SandboxError("no sandbox here", "as root"), "no sandbox here"),
        (OSError(5, "Input/output error", "/proc/stat"), "Input/output error: /proc/stat"),
    ],
)
def test_what_fails_ends_its_own_subject_and_keeps_what_it_found(error: Exception, told: str) -> None:
    def failing(_tell: Told) -> Iterator[Finding]:
        yield make_finding(subject="limiter")
        raise error

    clock = FalseClock()
    planned = [Examination("limiter", 1.0, failing), Examination("timer", 1.0, lasting(1.0, clock))]
    found = examine(planned, Heard(), clock)
    assert [(one.subject, one.verdict) for one in found] == [
        ("limiter", "ok"),
        ("limiter", "not measured"),
        ("timer", "ok"),
    ]
    assert found[1].told == told


def test_a_defect_is_no_finding() -> None:
    def defective(_tell: Told) -> Iterator[Finding]:
        raise ZeroDivisionError
        yield make_finding()

    with pytest.raises(ZeroDivisionError):
        examine([Examination("timer", 1.0, defective)], Heard(), FalseClock())


def test_a_topic_is_as_good_as_the_worst_that_bears_on_it() -> None:
    found = [
        make_finding(topics=("ratios", "cold starts")),
        make_finding(verdict="doubt", what="load", told="3.0", topics=("ratios",)),
        make_finding(verdict="doubt", what="swap", told="some", topics=("ratios", "predictions")),
        make_finding(verdict="fault", what="logits", told="apart", topics=("predictions",)),
        make_finding(verdict="not measured", what="AWS", told="offline", topics=("calls to AWS",)),
    ]
    judged = {one.topic: (one.verdict, one.why) for one in trust(found)}
    assert judged["ratios"] == ("doubt", "load: 3.0 (and 1 more)")
    assert judged["predictions"] == ("fault", "logits: apart")
    assert judged["cold starts"] == ("ok", "1 finding, none against it")
    assert judged["calls to AWS"] == ("not measured", "AWS: offline")
    assert judged["saved results"] == ("not measured", "nothing was found out about it")


def test_what_to_mend_first_is_a_fault_and_then_what_figures_rest_on() -> None:
    clock = make_finding(verdict="doubt", what="clock", told="slow", todo="another source")
    share = make_finding(verdict="doubt", subject="limiter", what="share", told="80 %", todo="as root")
    broken = make_finding(verdict="fault", subject="reachable", what="stack", told="gone", todo="deploy it")
    hopeless = make_finding(verdict="fault", what="nothing", told="helps", todo="")
    assert first([clock, share, hopeless, broken]) == "stack: gone; deploy it"
    assert first([clock, share]) == "share: 80 %; as root"
    assert first([make_finding(), hopeless]) == ""
    assert (faults([clock, broken]), doubts([clock, broken])) == ((broken,), (clock,))
