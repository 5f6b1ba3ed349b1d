"""The CPU share that a function gets, by its own account: process time over wall time."""

from __future__ import annotations

import os
from typing import Any

import pytest

from emulated import ask, call, emulate
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.sandbox.allowance import Allowance

ATTEMPTS = 5


def share(burnt: dict[str, float]) -> float:
    return burnt["cpu_s"] / burnt["wall_s"]


def had_time_to_give(burnt: dict[str, float]) -> bool:
    """Whether CPUs idled for longer than they may while a busy loop has a whole CPU's worth of quota.

    Such a loop runs whenever a CPU is free, so the others can idle only while it runs. A tenth is for the clocks.
    """
    others = max(1, (os.cpu_count() or 1) - 1)
    return burnt["idle_s"] / others > burnt["cpu_s"] + 0.1 * burnt["wall_s"]


def require_limits(emulated: EmulatedLambda) -> None:
    enforcement = emulated.deployment().enforcement
    if not enforcement.cpu_limited:
        pytest.skip(f"no CPU limit here: {enforcement.description}")


@pytest.mark.parametrize("memory_mb", [512, 1024])
def test_a_busy_function_gets_its_share_within_ten_percent(memory_mb: int) -> None:
    """Too little counts only if the machine had time to give; too much always counts."""
    target = Allowance(memory_mb).cpu.share
    with emulate(memory_mb=memory_mb) as emulated:
        require_limits(emulated)
        ask(emulated, "who")
        seen = []
        for _ in range(ATTEMPTS):
            burnt = ask(emulated, "burn", for_s=1.5)
            idle_cpus = burnt["idle_s"] / burnt["wall_s"]
            assert share(burnt) < 1.1 * target
            if share(burnt) > 0.9 * target:
                return
            seen.append((round(share(burnt), 3), round(idle_cpus, 2)))
    assert all(idle_cpus < 0.25 for _, idle_cpus in seen), f"too little CPU: (share, idle CPUs) were {seen}"
    pytest.skip(f"no CPU time left on this machine: (share, idle CPUs) were {seen}")


def test_initialisation_is_boosted_and_the_invocation_is_not() -> None:
    own = Allowance(512).cpu.share
    with emulate("init_burns.handler", memory_mb=512, init_limit_s=60.0) as emulated:
        require_limits(emulated)
        seen: list[dict[str, Any]] = []
        for _ in range(ATTEMPTS):
            emulated.force_cold()
            seen.append(call(emulated, "who").json())
            assert share(seen[-1]["invoke"]) < 1.1 * own
            # 0.29 of a CPU without the boost, 1.0 with it and nobody else on the machine.
            if share(seen[-1]["init"]) > 1.5 * own:
                return
            assert not had_time_to_give(seen[-1]["init"]), f"initialisation got no more than its own share: {seen}"
    pytest.skip(f"no CPU time left on this machine for more than the function's own share: {seen}")


def test_the_function_sees_the_cpus_that_its_memory_size_gives() -> None:
    with emulate(memory_mb=1024) as emulated:
        assert ask(emulated, "environment")["cpus"] == min(2, len(os.sched_getaffinity(0)))
