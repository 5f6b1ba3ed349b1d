from __future__ import annotations

import pytest

from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.units import MIB


@pytest.mark.parametrize(
    ("memory_mb", "quota_us", "vcpus"),
    [
        (128, 1447, 2),
        (1024, 11_577, 2),
        (1769, 20_000, 2),
        (3008, 34_008, 2),
        (3009, 34_019, 3),
        (5308, 60_011, 4),
        (10_240, 115_772, 6),
    ],
)
def test_an_allowance_follows_from_the_memory_size(memory_mb: int, quota_us: int, vcpus: int) -> None:
    allowance = Allowance(memory_mb)
    assert allowance.cpu.quota_us == quota_us
    assert allowance.vcpus_count == vcpus
    assert allowance.memory_bytes == memory_mb * MIB


def test_initialisation_is_boosted_for_small_functions_only() -> None:
    assert Allowance(512).boosted_cpu.share == pytest.approx(1.013, abs=0.001)
    assert Allowance(3008).boosted_cpu == Allowance(3008).cpu
