from __future__ import annotations

from pathlib import Path

import pytest

from resnet_bench.sandbox.limits.mounts import find_v1, find_v2

HYBRID = """\
31 23 0:28 / {root} rw - tmpfs tmpfs rw,mode=755
32 31 0:29 / {root}/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / {root}/memory rw,relatime - cgroup cgroup rw,memory
36 31 0:33 /docker/abc {root}/freezer rw,relatime - cgroup cgroup rw,freezer
41 31 0:38 / {root}/uni\\040fied rw,relatime - cgroup2 cgroup2 rw
"""


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    root = tmp_path / "cgroup"
    for folder in ("cpu,cpuacct/mine", "memory", "freezer/inner", "uni fied/user.slice"):
        (root / folder).mkdir(parents=True)
    proc = tmp_path / "self"
    proc.mkdir()
    (proc / "mountinfo").write_text(HYBRID.format(root=root))
    (proc / "cgroup").write_text(
        "5:cpu,cpuacct:/mine\n4:memory:/not/visible/here\n3:freezer:/docker/abc/inner\n1:name=systemd:/x\n0::/user.slice\n"
    )
    return proc


def test_a_controller_is_found_among_those_of_its_hierarchy(proc: Path) -> None:
    found = find_v1("cpu", proc)
    assert found is not None
    assert found.own.relative_to(proc.parent).as_posix() == "cgroup/cpu,cpuacct/mine"
    assert found.mount.name == "cpu,cpuacct"


def test_a_container_s_mount_shows_only_its_part_of_the_hierarchy(proc: Path) -> None:
    found = find_v1("freezer", proc)
    assert found is not None
    assert found.own.relative_to(found.mount).as_posix() == "inner"


def test_a_position_that_cannot_be_seen_becomes_the_mount_point(proc: Path) -> None:
    found = find_v1("memory", proc)
    assert found is not None
    assert found.own == found.mount


def test_version_2_is_found_even_under_a_name_with_a_space(proc: Path) -> None:
    found = find_v2(proc)
    assert found is not None
    assert found.own.relative_to(proc.parent).as_posix() == "cgroup/uni fied/user.slice"


def test_what_is_not_mounted_is_not_found(proc: Path) -> None:
    assert find_v1("cpuset", proc) is None
    (proc / "mountinfo").write_text("")
    assert find_v2(proc) is None


def test_this_machine_s_own_tables_are_read() -> None:
    for found in (find_v1("cpu"), find_v1("memory"), find_v2()):
        assert found is None or found.own.is_dir()
