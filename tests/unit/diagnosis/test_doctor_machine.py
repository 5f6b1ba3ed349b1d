"""What the kernel tells of the machine, by false /proc and /sys trees: every doubt, and its absence."""

from __future__ import annotations

from pathlib import Path

import pytest

from examined import only, write_tree
from resnet_bench.diagnosis.machine import Trees, examine_machine
from resnet_bench.results.diagnosis import Finding

CPU = "sys/devices/system/cpu"
QUIET = {
    "proc/cpuinfo": "model name : False Chip\nflags : fpu avx2\n",
    "proc/meminfo": "MemTotal: 100 kB\nSwapTotal: 2048 kB\nSwapFree: 2048 kB\n",
    "proc/pressure/cpu": "some avg10=1.00 avg60=0.00 avg300=0.00 total=1\n",
    f"{CPU}/cpu0/cpufreq/scaling_governor": "performance\n",
    f"{CPU}/cpu0/thermal_throttle/core_throttle_count": "0\n",
    f"{CPU}/intel_pstate/no_turbo": "1\n",
    f"{CPU}/smt/active": "0\n",
    "sys/class/power_supply/BAT0/type": "Battery\n",
    "sys/class/power_supply/BAT0/status": "Full\n",
    "sys/class/power_supply/AC/type": "Mains\n",
}


def examined(folder: Path, changes: dict[str, str], *, load: float = 0.1) -> list[Finding]:
    write_tree(folder, QUIET | changes)
    trees = Trees(folder / "proc", folder / "sys", folder)
    return list(examine_machine(trees, cpus=4, load_1m=load))


def test_a_quiet_machine_gives_no_doubt(tmp_path: Path) -> None:
    found = examined(tmp_path, {})
    assert [one.told for one in found if one.verdict != "ok"] == []
    assert only(found, code="machine-processor").told == "False Chip, 4 CPUs"
    assert only(found, code="machine-battery").what == "battery BAT0"


@pytest.mark.parametrize(
    ("code", "file", "text", "told"),
    [
        ("machine-pressure", "proc/pressure/cpu", "some avg10=25.00 avg60=0 avg300=0 total=1", "25.0 % of the last"),
        ("machine-governor", f"{CPU}/cpu1/cpufreq/scaling_governor", "powersave", "performance, powersave"),
        ("machine-hot", f"{CPU}/cpu1/thermal_throttle/core_throttle_count", "1234", "1,234 times"),
        ("machine-battery", "sys/class/power_supply/BAT0/status", "Discharging", "discharging"),
        ("machine-swap", "proc/meminfo", "SwapTotal: 2048 kB\nSwapFree: 1024 kB\n", "some is"),
    ],
)
def test_each_reason_for_times_to_vary_is_a_doubt_with_a_next_step(
    code: str, file: str, text: str, told: str, tmp_path: Path
) -> None:
    found = only(examined(tmp_path, {file: text}), code=code)
    assert found.verdict == "doubt"
    assert found.told.startswith(told)
    assert found.follows
    assert found.todo


def test_a_load_of_half_the_cpus_is_a_doubt(tmp_path: Path) -> None:
    assert only(examined(tmp_path, {}, load=2.1), code="machine-load").verdict == "doubt"
    assert only(examined(tmp_path, {}, load=1.9), code="machine-load").verdict == "ok"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"cgroup/own/cpu.max": "150000 100000", "cgroup/cpu.max": "max 100000"}, "1.50 CPUs"),
        ({"cgroup/own/cpu.max": "max 100000", "cgroup/cpu.max": "200000 100000"}, "2.00 CPUs"),
        ({"cgroup/own/cpu.max": "max 100000"}, "none"),
    ],
)
def test_a_quota_on_ourselves_is_found_at_any_height(files: dict[str, str], told: str, tmp_path: Path) -> None:
    mount = f"1 2 0:1 / {tmp_path}/cgroup rw - cgroup2 cgroup2 rw\n"
    place = {"proc/self/mountinfo": mount, "proc/self/cgroup": "0::/own\n"}
    found = only(examined(tmp_path, {**files, **place}), code="machine-quota")
    assert (found.told, found.verdict) == (told, "ok" if told == "none" else "doubt")


def test_a_quota_of_version_1_counts_too(tmp_path: Path) -> None:
    mount = f"1 2 0:1 / {tmp_path}/cgroup rw - cgroup cgroup rw,cpu\n"
    place = {"proc/self/mountinfo": mount, "proc/self/cgroup": "1:cpu:/own\n"}
    limits = {"cgroup/own/cpu.cfs_quota_us": "50000", "cgroup/own/cpu.cfs_period_us": "100000"}
    assert only(examined(tmp_path, {**limits, **place}), code="machine-quota").told == "0.50 CPUs"


def test_virtual_machines_and_containers_are_told(tmp_path: Path) -> None:
    virtual = {
        "proc/cpuinfo": "flags : hypervisor\n",
        "sys/class/dmi/id/product_name": "KVM\n",
        ".dockerenv": "",
        f"{CPU}/smt/active": "1",
    }
    found = examined(tmp_path, virtual)
    assert only(found, code="machine-virtual").told == "a virtual machine (KVM) and a container"
    assert only(found, code="machine-processor").told.endswith("two threads of a core each")


def test_what_a_kernel_does_not_tell_is_left_out(tmp_path: Path) -> None:
    found = list(examine_machine(Trees(tmp_path / "proc", tmp_path / "sys", tmp_path), cpus=1, load_1m=0.0))
    assert {one.code for one in found} == {"machine-processor", "machine-load", "machine-quota", "machine-virtual"}
