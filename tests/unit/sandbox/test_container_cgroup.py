"""A container's cgroup, found in imitations of what kernels, tools and runtimes make of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits.cgroup1_files import Cgroup1Files
from resnet_bench.sandbox.limits.cgroup2_files import Cgroup2Files
from resnet_bench.sandbox.limits.container.cgroup import container_files
from resnet_bench.units import MIB

ID = "4" * 64
PID = 4711
V2 = "30 23 0:26 / {root} rw - cgroup2 cgroup2 rw\n"
V1 = """\
31 23 0:28 / {root}/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
32 23 0:29 / {root}/memory rw - cgroup cgroup rw,memory
33 23 0:30 / {root}/freezer rw - cgroup cgroup rw,freezer
34 23 0:31 / {root}/unified rw - cgroup2 cgroup2 rw
"""
USER = "user.slice/user-1000.slice/user@1000.service/user.slice"


class FakeProc:
    """``proc/self`` sees the mounts; ``proc/4711`` stands where it is told. The folders are made below ``cgroup``."""

    def __init__(self, folder: Path, mounts: str) -> None:
        self.root, self.proc = folder / "cgroup", folder / "proc"
        (self.proc / "self").mkdir(parents=True)
        (self.proc / str(PID)).mkdir()
        (self.proc / "self" / "mountinfo").write_text(mounts.format(root=self.root))

    def stand(self, *lines: str) -> None:
        (self.proc / str(PID) / "cgroup").write_text("\n".join(lines) + "\n")

    def folder(self, path: str) -> Path:
        made = self.root / path
        made.mkdir(parents=True)
        return made

    def find(self) -> Cgroup1Files | Cgroup2Files:
        return container_files(PID, self.proc)


@pytest.mark.parametrize(
    ("container", "below"),
    [
        (f"system.slice/docker-{ID}.scope", ""),
        (f"docker/{ID}", ""),
        (f"machine.slice/libpod-{ID}.scope", "/container"),  # crun's
        (f"{USER}/libpod-{ID}.scope", "/container"),
        (f"docker/{'5' * 64}/docker/{ID}", ""),  # in a container of this process's own
    ],
)
def test_on_version_2_it_is_the_innermost_folder_with_an_id(tmp_path: Path, container: str, below: str) -> None:
    fake = FakeProc(tmp_path, V2)
    fake.folder(container + below)
    fake.stand(f"0::/{container}{below}")
    files = fake.find()
    assert isinstance(files, Cgroup2Files)
    assert files.folders == (fake.root / container,)


def test_on_version_2_the_processes_of_the_runtimes_own_folder_count(tmp_path: Path) -> None:
    fake = FakeProc(tmp_path, V2)
    inner = fake.folder(f"libpod-{ID}.scope/container")
    fake.stand(f"0::/libpod-{ID}.scope/container")
    (inner / "cgroup.procs").write_text("4711\n4712\n")
    (inner.parent / "cgroup.procs").write_text("")
    assert fake.find().processes() == [4711, 4712]


def test_on_version_1_it_is_a_folder_of_each_hierarchy(tmp_path: Path) -> None:
    fake = FakeProc(tmp_path, V1)
    folders = {name: fake.folder(f"{name}/libpod_parent/libpod-{ID}") for name in ("cpu,cpuacct", "memory", "freezer")}
    place = f"/libpod_parent/libpod-{ID}"
    fake.folder(f"unified{place}")
    fake.stand(f"5:cpu,cpuacct:{place}", f"4:memory:{place}", f"3:freezer:{place}", f"0::{place}")
    files = fake.find()
    assert isinstance(files, Cgroup1Files)
    assert set(files.folders) == set(folders.values())


@pytest.mark.parametrize("place", ["/", "/user.slice/session-1.scope", f"/docker/{ID}/nowhere"])
def test_a_folder_that_others_share_or_that_is_not_there_is_never_taken(tmp_path: Path, place: str) -> None:
    fake = FakeProc(tmp_path, V2)
    fake.folder("user.slice/session-1.scope")
    fake.stand(f"0::{place}")
    with pytest.raises(SandboxError, match="cgroup is not visible here: its process 4711"):
        fake.find()


def test_a_process_of_another_machine_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="process 4711 cannot be seen from here: No such file"):
        FakeProc(tmp_path, V2).find()


def test_limits_hold_only_if_the_kernel_has_them(tmp_path: Path) -> None:
    lambdas = Allowance(512)
    wanted = (lambdas.cpu, lambdas.memory_bytes)
    two, one = tmp_path / "two", tmp_path / "one"
    for folder in (two, one):
        folder.mkdir()
    files: Cgroup1Files | Cgroup2Files = Cgroup2Files(two)
    assert not files.holds(*wanted), "no controller is there"
    for text, holds in ((f"{lambdas.cpu.quota_us} 20000\n", True), ("max 100000\n", False), ("5788 100000\n", False)):
        (two / "cpu.max").write_text(text)
        (two / "memory.max").write_text(f"{512 * MIB}\n")
        assert files.holds(*wanted) == holds
        assert files.holds(None, None)
    files = Cgroup1Files({"cpu": one, "memory": one})
    (one / "cpu.cfs_period_us").write_text("20000")
    (one / "memory.limit_in_bytes").write_text(str(512 * MIB))
    for quota, holds in ((lambdas.cpu.quota_us, True), (-1, False)):
        (one / "cpu.cfs_quota_us").write_text(str(quota))
        assert files.holds(*wanted) == holds
        assert files.holds(None, 512 * MIB)
        assert not files.holds(None, 511 * MIB)
