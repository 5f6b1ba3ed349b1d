"""What of this machine makes times vary: power, other tenants, limits on ourselves; as the kernel tells it.

``Trees`` are the kernel's file systems; tests put false ones in their places.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from resnet_bench.diagnosis.about import About
from resnet_bench.diagnosis.figures import QUIET, percent, reading
from resnet_bench.processor import cpu_flags, cpu_model
from resnet_bench.results.diagnosis import Finding, Topic
from resnet_bench.sandbox.limits.mounts import Hierarchy, find_v1, find_v2

# Load and pressure from which other work is likely to take time from a measurement.
BUSY_LOAD, BUSY_PRESSURE = 0.5, 0.10
_TIMES: tuple[Topic, ...] = ("local timings", "ratios")
_finding = About("noise", _TIMES)
_STEADY_GOVERNORS = frozenset({"performance", "schedutil"})


@dataclass(frozen=True)
class Trees:
    proc: Path = Path("/proc")
    sys: Path = Path("/sys")
    root: Path = Path("/")

    def read(self, tree: Literal["proc", "sys"], *names: str) -> str | None:
        """A file of ``/sys`` or ``/proc``; ``None`` where there is none."""
        with suppress(OSError):
            return (self.proc if tree == "proc" else self.sys).joinpath(*names).read_text(errors="replace").strip()
        return None


def examine_machine(trees: Trees = Trees(), cpus: int | None = None, load_1m: float | None = None) -> Iterator[Finding]:
    cpus = cpus or len(os.sched_getaffinity(0))
    yield _processor(trees, cpus)
    yield from _load(os.getloadavg()[0] if load_1m is None else load_1m, cpus)
    yield from _pressure(trees)
    yield from _governor(trees)
    yield from _turbo(trees)
    yield from _hot(trees)
    yield from _battery(trees)
    yield from _swap(trees)
    yield from _quota(trees, cpus)
    yield _virtual(trees)


def _processor(trees: Trees, cpus: int) -> Finding:
    siblings = trees.read("sys", "devices", "system", "cpu", "smt", "active")
    told = f"{cpu_model(trees.proc / 'cpuinfo')}, {cpus} CPUs"
    shared = siblings == "1"
    return _finding(
        "machine-processor",
        "processor",
        "ok",
        f"{told}, two threads of a core each" if shared else told,
        follows="two busy threads of one core are slower than on two cores" if shared else "",
    )


def _load(load: float, cpus: int) -> Iterator[Finding]:
    busy = load > BUSY_LOAD * cpus
    yield _finding(
        "machine-load",
        "load of the last minute",
        "doubt" if busy else "ok",
        f"{load:.2f} on {cpus} CPUs",
        reading("load", load, "ratio"),
        follows="others take CPU time from what is measured" if busy else "",
        todo=QUIET if busy else "",
    )


def _pressure(trees: Trees) -> Iterator[Finding]:
    """Of the last ten seconds, how much of the time something waited (kernel: accounting/psi)."""
    for kind, waits in (("cpu", "a CPU"), ("memory", "memory"), ("io", "the disk")):
        text = trees.read("proc", "pressure", kind)
        with suppress(AttributeError, IndexError, ValueError, KeyError):
            some = dict(field.split("=") for field in (text or "").splitlines()[0].split()[1:])
            share = float(some["avg10"]) / 100
            high = share > BUSY_PRESSURE
            yield _finding(
                "machine-pressure",
                f"pressure: {kind}",
                "doubt" if high else "ok",
                f"{percent(share)} of the last 10 s something waited for {waits}",
                reading("share of time", share, "share"),
                follows="times hold waiting that is not the program's" if high else "",
                todo=QUIET if high else "",
            )


def _governor(trees: Trees) -> Iterator[Finding]:
    found = {
        text
        for file in (trees.sys / "devices/system/cpu").glob("cpu[0-9]*/cpufreq/scaling_governor")
        if (text := trees.read("sys", str(file.relative_to(trees.sys)))) is not None
    }
    if found:
        saving = found - _STEADY_GOVERNORS
        yield _finding(
            "machine-governor",
            "frequency governor",
            "doubt" if saving else "ok",
            ", ".join(sorted(found)),
            follows="the first calls after a pause are slower: the clock rises with the load" if saving else "",
            todo="sudo cpupower frequency-set -g performance" if saving else "",
        )


def _turbo(trees: Trees) -> Iterator[Finding]:
    no_turbo = trees.read("sys", "devices/system/cpu/intel_pstate/no_turbo")
    boost = trees.read("sys", "devices/system/cpu/cpufreq/boost")
    if no_turbo is not None or boost is not None:
        on = no_turbo == "0" if no_turbo is not None else boost == "1"
        yield _finding(
            "machine-turbo",
            "turbo",
            "ok",
            "on" if on else "off",
            follows="a single busy CPU is faster than all at once, and a cold one than a hot one" if on else "",
        )


def _hot(trees: Trees) -> Iterator[Finding]:
    counts = [
        int(text)
        for file in (trees.sys / "devices/system/cpu").glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
        if (text := trees.read("sys", str(file.relative_to(trees.sys)))) is not None and text.isdecimal()
    ]
    if counts:
        hot = sum(counts) > 0
        yield _finding(
            "machine-hot",
            "slowed down for heat",
            "doubt" if hot else "ok",
            f"{sum(counts):,} times since the start" if hot else "never since the start",
            reading("times", sum(counts), "count"),
            follows="long runs get slower towards their end" if hot else "",
            todo="give it air, and look for drift in the caveats of a run" if hot else "",
        )


def _battery(trees: Trees) -> Iterator[Finding]:
    for supply in sorted((trees.sys / "class/power_supply").glob("*")):
        name = str(supply.relative_to(trees.sys))
        if trees.read("sys", name, "type") == "Battery":
            status = trees.read("sys", name, "status") or "unknown"
            empties = status == "Discharging"
            yield _finding(
                "machine-battery",
                f"battery {supply.name}",
                "doubt" if empties else "ok",
                status.lower(),
                follows="the machine saves power, and is slower" if empties else "",
                todo="plug it in" if empties else "",
            )


def _swap(trees: Trees) -> Iterator[Finding]:
    text = trees.read("proc", "meminfo") or ""
    sizes = {name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in text.splitlines())}
    if "SwapTotal" in sizes and "SwapFree" in sizes:
        used = sizes["SwapTotal"] - sizes["SwapFree"]
        yield _finding(
            "machine-swap",
            "swap in use",
            "doubt" if used else "ok",
            "some is" if used else "none",
            reading("in use", used, "bytes"),
            follows="pages may come from the disk in the middle of a call" if used else "",
            todo="free memory, then: sudo swapoff -a && sudo swapon -a" if used else "",
        )


def _quota(trees: Trees, cpus: int) -> Iterator[Finding]:
    """A limit on ourselves: then what we measure as this machine is a part of it, and stops now and then."""
    found = [share for place in _places(trees) for share in _quotas(place)]
    if not found:
        yield _finding("machine-quota", "CPU quota on ourselves", "ok", "none")
        return
    lowest = min(found)
    low = lowest < cpus
    yield _finding(
        "machine-quota",
        "CPU quota on ourselves",
        "doubt" if low else "ok",
        f"{lowest:.2f} CPUs",
        reading("CPUs", lowest, "ratio"),
        follows=f"this process sees {cpus} CPUs and gets less: it is stopped at its quota" if low else "",
        todo="run it outside of the container, or with as many CPUs as it sees" if low else "",
    )


def _places(trees: Trees) -> list[Hierarchy]:
    with suppress(OSError):
        found = (find_v1("cpu", trees.proc / "self"), find_v2(trees.proc / "self"))
        return [place for place in found if place is not None]
    return []


def _quotas(place: Hierarchy) -> Iterator[float]:
    """In CPUs, of our own folder and of those above it."""
    for folder in (place.own, *place.own.parents):
        with suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
            if quota != "max":
                yield int(quota) / int(period)
        with suppress(OSError, ValueError):
            quota_us = int((folder / "cpu.cfs_quota_us").read_text(encoding="ascii"))
            if quota_us > 0:
                yield quota_us / int((folder / "cpu.cfs_period_us").read_text(encoding="ascii"))
        if folder == place.mount:
            return


def _virtual(trees: Trees) -> Finding:
    kinds = []
    if "hypervisor" in cpu_flags(trees.proc / "cpuinfo"):
        product = trees.read("sys", "class/dmi/id/product_name")
        kinds.append(f"a virtual machine ({product})" if product else "a virtual machine")
    if (trees.root / ".dockerenv").exists() or (trees.root / "run/.containerenv").exists():
        kinds.append("a container")
    return _finding(
        "machine-virtual",
        "kind of machine",
        "ok",
        " and ".join(kinds) or "no virtual machine, as far as it tells",
        follows="neighbours on the same hardware are not seen from here, but for stolen time" if kinds else "",
    )
