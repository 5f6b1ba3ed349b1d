"""What Lambda gives a function of a given memory size: CPU share, CFS quota, visible vCPUs.

Sources: 1,769 MB is one vCPU (AWS Lambda developer guide, "Configure function memory"); the share is
enforced by CFS bandwidth control with a 20 ms period (arXiv 2506.01283, measured on Lambda); the
steps of the visible vCPU count are measured by several and documented by nobody.
"""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.units import MIB

MB_PER_VCPU = 1769
PERIOD_US = 20_000
# Initialisation runs at about the speed of a 1,792 MB function whatever the size (measured by several,
# promised by nobody).
BOOST_MB = 1792
MIN_MB, MAX_MB = 128, 10_240
_VISIBLE_VCPUS = ((3008, 2), (5307, 3), (7076, 4), (8845, 5), (MAX_MB, 6))


@dataclass(frozen=True)
class CpuAllowance:
    """CPU time per period, summed over all CPUs, as the kernel's bandwidth control counts it."""

    quota_us: int
    period_us: int = PERIOD_US

    @property
    def share(self) -> float:
        """In vCPUs: 1.0 is one CPU, all the time."""
        return self.quota_us / self.period_us


@dataclass(frozen=True)
class Allowance:
    """Everything that follows from a memory size. Lambda's "MB" are mebibytes."""

    memory_mb: int

    @property
    def memory_bytes(self) -> int:
        return self.memory_mb * MIB

    @property
    def cpu(self) -> CpuAllowance:
        return CpuAllowance(round(PERIOD_US * self.memory_mb / MB_PER_VCPU))

    @property
    def boosted_cpu(self) -> CpuAllowance:
        """During initialisation; never less than the function's own share."""
        return CpuAllowance(round(PERIOD_US * max(self.memory_mb, BOOST_MB) / MB_PER_VCPU))

    @property
    def vcpus_count(self) -> int:
        """CPUs that the function sees; its share of them is ``cpu.share``."""
        return next((count for limit, count in _VISIBLE_VCPUS if self.memory_mb <= limit), _VISIBLE_VCPUS[-1][1])
