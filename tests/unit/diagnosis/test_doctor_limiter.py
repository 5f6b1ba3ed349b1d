"""Which mechanism is examined, with mechanisms that work, do not work, or only seem to; and one for real."""

from __future__ import annotations

from examined import only
from resnet_bench.diagnosis.limiter import Plan, examine_limiter
from resnet_bench.results.diagnosis import Finding
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.throttle import Throttle
from resnet_bench.sandbox.limits.unlimited import Unlimited, UnlimitedCage

SHORT = Plan((1024,), 0.03, every=True, rounds=1)


class Absent(Unlimited):
    def unavailable(self) -> Skipped:
        return Skipped("not mounted here")


class NeverStillCage(UnlimitedCage):
    def freeze(self) -> None:
        pass


class Pretending(Unlimited):
    """Says that it limits, and does nothing: neither share, nor memory, nor freezing."""

    enforcement = Enforcement(mechanism="pretending", cpu_limited=True, memory_limited=True, description="")

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> NeverStillCage:
        return NeverStillCage()


def examined(limiters: dict[str, Limiter], *, plan: Plan = SHORT, cpus: int = 2) -> list[Finding]:
    return list(examine_limiter(plan, lambda _text, _fraction: None, limiters, cpus))


def test_without_any_mechanism_the_times_are_not_lambdas_and_that_is_a_fault() -> None:
    found = examined({"cgroup-v2": Absent(), "none": Unlimited()})
    chosen = only(found, code="limiter-chosen")
    assert (chosen.verdict, chosen.told) == ("fault", "none works here (cgroup-v2: not mounted here)")
    assert "Delegate=yes" in chosen.todo
    assert only(found, code="limiter-unavailable").follows == "a mechanism that would be preferred"


def test_a_mechanism_that_only_pretends_is_found_out() -> None:
    found = examined({"pretending": Pretending()}, plan=Plan((128,), 0.1, every=True, rounds=2))
    # However busy the machine is, a program without a limit gets more than the 7 % of a CPU that 128 MB are worth.
    assert only(found, what="pretending: 128 MB").verdict == "fault"
    assert only(found, code="limiter-freeze").verdict == "fault"
    assert only(found, code="limiter-memory").verdict == "fault"


def test_the_throttle_is_a_doubt_where_nothing_better_is_and_is_measured_for_real() -> None:
    found = examined({"cgroup-v1": Absent(), "throttle": Throttle(), "none": Unlimited()})
    assert only(found, code="limiter-chosen").verdict == "doubt"
    assert [only(found, code=f"limiter-{one}").verdict for one in ("freeze", "memory")] == ["ok", "ok"]
    share = only(found, what="throttle: 1024 MB")
    assert share.measured[0].unit == "ratio"
    assert share.measured[0].value > 0


def test_a_size_that_this_machine_has_too_few_cpus_for_is_not_measured() -> None:
    found = examined({"throttle": Throttle()}, cpus=1)
    boosted = only(found, what="throttle: 1024 MB, initialisation")
    assert (boosted.verdict, boosted.told) == ("not measured", "1.01 CPUs take 2, and this process may use 1")


def test_a_quick_plan_looks_at_the_first_that_works_and_no_other() -> None:
    plan = Plan((1024,), 0.03, every=False, rounds=1)
    found = examined({"first": Throttle(), "throttle": Throttle()}, plan=plan)
    assert {one.what.partition(":")[0] for one in found} == {"mechanism that is used", "first"}
