"""systemd's command lines; the bus itself is tested where there is one (tests/integration/test_sandbox_*)."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_bench.errors import SandboxError
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.limits.systemd import Systemd, SystemdCage, scope_command, set_cpu_command
from resnet_bench.units import MIB


def test_a_scope_carries_the_share_its_period_and_the_memory_limit() -> None:
    allowance = Allowance(1024)
    assert scope_command("x.scope", allowance.cpu, allowance.memory_bytes) == (
        "systemd-run",
        "--user",
        "--scope",
        "--quiet",
        "--collect",
        "--unit=x.scope",
        "--property=CPUQuota=57.9%",
        "--property=CPUQuotaPeriodSec=20000us",
        "--property=MemoryAccounting=yes",
        f"--property=MemoryMax={1024 * MIB}",
        "--property=MemorySwapMax=0",
        "--",
    )


def test_without_limits_a_scope_only_accounts() -> None:
    properties = [word for word in scope_command("x.scope", None, None) if word.startswith("--property")]
    assert properties == ["--property=CPUQuota=", "--property=MemoryAccounting=yes"]


def test_a_share_is_changed_at_run_time_and_lifted_by_an_empty_value() -> None:
    start = ("systemctl", "--user", "set-property", "--runtime", "x.scope")
    assert set_cpu_command("x.scope", Allowance(3008).cpu) == (*start, "CPUQuota=170.0%", "CPUQuotaPeriodSec=20000us")
    assert set_cpu_command("x.scope", None) == (*start, "CPUQuota=")


def test_the_janitor_is_told_of_the_unit() -> None:
    cage = Systemd().cage("lambda", cpu=None, memory_bytes=None)
    (unit,) = cage.leftovers.units
    assert unit.startswith("resnet-bench-")
    assert unit.endswith("-lambda.scope")
    assert f"--unit={unit}" in cage.entry.prefix


def test_a_process_outside_its_scope_is_not_taken_for_limited() -> None:
    with pytest.raises(SandboxError, match="not in its scope"):
        SystemdCage("elsewhere.scope", None, None).attach(1)


def test_without_systemd_the_reason_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = Systemd().unavailable()
    assert reason is not None
    assert "systemd-run cannot be run" in reason.reason or "not mounted" in reason.reason
