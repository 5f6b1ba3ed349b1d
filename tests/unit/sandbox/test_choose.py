from __future__ import annotations

from dataclasses import dataclass

import pytest

from resnet_bench.errors import SandboxError, UsageError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox import limits
from resnet_bench.sandbox.limits import LIMITERS, choose
from resnet_bench.sandbox.limits.unlimited import Unlimited


@dataclass
class Stub(Unlimited):
    name: str
    reason: str | None

    def __post_init__(self) -> None:
        self.enforcement = Enforcement(
            mechanism=self.name, cpu_limited=True, memory_limited=True, description=self.name
        )

    def unavailable(self) -> Skipped | None:
        return None if self.reason is None else Skipped(self.reason)


@pytest.fixture
def stubs(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"first": "no luck", "second": None, "third": None}
    monkeypatch.setattr(limits, "LIMITERS", {name: (lambda name=name: Stub(name, made[name])) for name in made})


def test_the_order_is_the_kernel_s_limits_then_helpers_then_none() -> None:
    assert list(LIMITERS) == ["cgroup-v2", "cgroup-v1", "systemd", "throttle", "none"]


@pytest.mark.parametrize("name", LIMITERS)
def test_a_limiter_is_listed_under_the_name_that_captions_print(name: str) -> None:
    assert LIMITERS[name]().enforcement.mechanism == name


def test_only_none_says_that_nothing_is_limited() -> None:
    limited = {
        name: (made().enforcement.cpu_limited, made().enforcement.memory_limited) for name, made in LIMITERS.items()
    }
    assert limited.pop("none") == (False, False)
    assert set(limited.values()) == {(True, True)}


def test_auto_takes_the_first_that_works_and_says_why_better_ones_do_not(stubs: None) -> None:
    limiter, skipped = choose()
    assert limiter.enforcement.mechanism == "second"
    assert skipped == {"first": Skipped("no luck")}


def test_a_named_limiter_is_taken_even_if_a_better_one_works(stubs: None) -> None:
    limiter, skipped = choose("third")
    assert limiter.enforcement.mechanism == "third"
    assert skipped == {}


def test_a_named_limiter_that_does_not_work_is_an_error_with_the_reason(stubs: None) -> None:
    with pytest.raises(SandboxError, match="first cannot be used here: no luck"):
        choose("first")


def test_an_unknown_name_is_a_usage_error_that_lists_the_known() -> None:
    with pytest.raises(UsageError) as caught:
        choose("handcuffs")
    assert "throttle" in caught.value.hint


def test_something_works_on_every_machine() -> None:
    limiter, _ = choose()
    assert limiter.enforcement.mechanism in LIMITERS
