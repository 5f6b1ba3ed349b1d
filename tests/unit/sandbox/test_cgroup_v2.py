"""Version 2 cages against an imitation of the kernel's file tree: few test machines delegate a real one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.results.records import Skipped
from resnet_bench.sandbox import cgroupfs
from resnet_bench.sandbox.allowance import Allowance, CpuAllowance
from resnet_bench.sandbox.limits.cgroup_v2 import CgroupV2, find_place
from resnet_bench.sandbox.limits.mounts import Hierarchy
from resnet_bench.units import MIB

FILES = {
    "cpu.max": "max 100000\n",
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.peak": "12345678\n",
    "memory.events": "low 0\nhigh 0\nmax 7\noom 1\noom_kill 0\noom_group_kill 0\n",
    "cgroup.procs": "",
    "cgroup.kill": "",
    "cgroup.freeze": "0\n",
    "cgroup.events": "populated 0\nfrozen 0\n",
}


class FakeKernel:
    """A folder tree with the interface files of the root, a slice and a scope in it that holds this process."""

    def __init__(self, root: Path) -> None:
        self.root, self.slice, self.scope = root, root / "app.slice", root / "app.slice" / "shell.scope"
        for folder in (self.root, self.slice, self.scope):
            folder.mkdir(exist_ok=True)
            (folder / "cgroup.controllers").write_text("cpu io memory pids\n")
            (folder / "cgroup.subtree_control").write_text("")
            (folder / "cgroup.procs").write_text("")
        self.removed = root.parent / "removed"
        self.removed.mkdir()
        self.occupied = {self.scope / "cgroup.subtree_control"}
        self.hierarchy = Hierarchy(root, self.scope)

    def write_text(self, path: Path, text: str, plain: Any) -> int:
        if path in self.occupied:
            raise OSError(errno.EBUSY, "Device or resource busy")
        if path.name == "cgroup.freeze":
            plain(path.with_name("cgroup.events"), f"populated 1\nfrozen {text}\n")
        return int(plain(path, text))

    def mkdir(self, path: Path, plain: Any) -> None:
        plain(path)
        for name, text in FILES.items():
            with (path / name).open("w") as file:
                file.write(text)

    def rmdir(self, path: str) -> None:
        if not Path(path).exists():
            raise FileNotFoundError(path)
        for file in Path(path).iterdir():
            file.unlink()
        Path(path).rename(self.removed / f"{len(list(self.removed.iterdir()))}")


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeKernel:
    fake = FakeKernel(tmp_path / "cgroup")
    write_text, mkdir = Path.write_text, Path.mkdir
    monkeypatch.setattr(Path, "write_text", lambda path, text: fake.write_text(path, text, write_text))
    monkeypatch.setattr(Path, "mkdir", lambda path: fake.mkdir(path, mkdir))
    # Removing a cgroup folder needs no emptying of its interface files.
    monkeypatch.setattr(cgroupfs.os, "rmdir", fake.rmdir)
    return fake


def content(folder: Path, name: str) -> str:
    return (folder / name).read_text().strip()


def test_a_folder_that_holds_processes_is_passed_over_for_its_parent(kernel: FakeKernel) -> None:
    assert find_place(kernel.hierarchy) == kernel.slice
    assert content(kernel.slice, "cgroup.subtree_control") == "+cpu +memory"


def test_controllers_that_are_passed_on_already_are_not_asked_for_again(kernel: FakeKernel) -> None:
    subtree_control = kernel.slice / "cgroup.subtree_control"
    subtree_control.write_text("cpu memory pids")
    kernel.occupied.add(subtree_control)  # a write would fail
    assert find_place(kernel.hierarchy) == kernel.slice


def test_without_the_controllers_at_the_root_the_reason_is_told(kernel: FakeKernel) -> None:
    for folder in (kernel.root, kernel.slice, kernel.scope):
        (folder / "cgroup.controllers").write_text("hugetlb")
    reason = CgroupV2(kernel.hierarchy).unavailable()
    assert reason == Skipped(f"{kernel.root}: no cpu and memory controller here")


def test_a_hierarchy_that_this_user_may_not_write_is_told(kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    reason = CgroupV2(kernel.hierarchy).unavailable()
    assert reason == Skipped(f"{kernel.root}: not writable by this user")


def test_a_refusal_names_the_file_and_leaves_no_folder(kernel: FakeKernel, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = FakeKernel.write_text

    def refuse(fake: FakeKernel, path: Path, text: str, real: Any) -> int:
        if path.name == "memory.max":
            raise OSError(errno.EINVAL, "Invalid argument")
        return plain(fake, path, text, real)

    monkeypatch.setattr(FakeKernel, "write_text", refuse)
    with pytest.raises(SandboxError, match=r"Invalid argument: .*/memory\.max"):
        CgroupV2(kernel.hierarchy).cage("lambda", cpu=None, memory_bytes=MIB)
    assert [entry for entry in kernel.slice.iterdir() if entry.name.startswith("resnet-bench")] == []


def test_the_probe_reads_its_limits_back_and_leaves_nothing(kernel: FakeKernel) -> None:
    before = sorted(kernel.slice.iterdir())
    assert CgroupV2(kernel.hierarchy).unavailable() is None
    assert sorted(kernel.slice.iterdir()) == before


def test_the_limits_are_written_as_the_kernel_reads_them(kernel: FakeKernel) -> None:
    allowance = Allowance(1024)
    cage = CgroupV2(kernel.hierarchy).cage("lambda", cpu=allowance.cpu, memory_bytes=allowance.memory_bytes)
    folder = cage.files.folder
    assert folder.parent == kernel.slice
    assert cage.entry.procs_files == (folder / "cgroup.procs",)
    assert cage.leftovers.cgroups == (folder,)
    assert content(folder, "cpu.max") == "11577 20000"
    assert content(folder, "memory.max") == str(1024 * MIB)
    assert content(folder, "memory.swap.max") == "0"
    cage.set_cpu(CpuAllowance(5000))
    assert content(folder, "cpu.max") == "5000 20000"
    cage.set_cpu(None)
    assert content(folder, "cpu.max") == "max"


def test_freezing_waits_for_the_kernel_s_word(kernel: FakeKernel) -> None:
    cage = CgroupV2(kernel.hierarchy).cage("lambda", cpu=None, memory_bytes=None)
    cage.freeze()
    assert content(cage.files.folder, "cgroup.freeze") == "1"
    cage.thaw()
    assert content(cage.files.folder, "cgroup.freeze") == "0"


def test_peak_and_kills_are_read_and_outlive_the_folder(kernel: FakeKernel) -> None:
    cage = CgroupV2(kernel.hierarchy).cage("lambda", cpu=None, memory_bytes=None)
    assert not cage.memory_killed()
    (cage.files.folder / "memory.events").write_text("oom 2\noom_kill 1\n")
    cage.close()
    cage.close()
    assert not cage.files.folder.exists()
    assert cage.memory_killed()
    assert cage.peak_memory_bytes() == 12345678


def test_an_older_kernel_without_a_peak_is_told_and_not_guessed(kernel: FakeKernel) -> None:
    cage = CgroupV2(kernel.hierarchy).cage("lambda", cpu=None, memory_bytes=None)
    (cage.files.folder / "memory.peak").unlink()
    peak = cage.peak_memory_bytes()
    assert isinstance(peak, Skipped)
    assert "memory.peak" in peak.reason
