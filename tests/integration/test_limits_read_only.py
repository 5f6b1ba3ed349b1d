"""Where the cgroup hierarchies are mounted read-only, as in most containers, that is said, and at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandboxes import limiter_or_skip

READ_ONLY = """
for mount in /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,bind,ro $mount 2>/dev/null; done
exec "$@"
"""
WHY = """
from resnet_bench.sandbox.limits import LIMITERS
print(*(f"{name}: {LIMITERS[name]().unavailable()}" for name in ("cgroup-v1", "cgroup-v2")), sep="\\n")
"""


@pytest.mark.cgroup
def test_a_read_only_hierarchy_is_the_reason_and_not_what_could_not_be_removed() -> None:
    limiter_or_skip("cgroup-v1")
    own_mounts = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh"]
    if subprocess.run([*own_mounts, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be had here")
    done = subprocess.run([*own_mounts, sys.executable, "-c", WHY], capture_output=True, text=True, check=True)
    first, second = done.stdout.splitlines()
    assert "Read-only file system" in first
    assert "None" not in second
