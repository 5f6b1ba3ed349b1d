"""The words of ``docker run`` and ``podman run`` that make a container what Lambda makes of an image.

Both tools read the same words but for a few, which stand in ``_OWN_WORDS``. Manuals: docker-run(1), podman-run(1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from resnet_bench.container.tools import Tool
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.limits.base import Program

# Lambda's own, by its developer guide: a read-only file system with 512 MB of /tmp, a user with the least privileges,
# 1,024 processes and threads. What is written to this /tmp counts as memory, which it does not on Lambda.
_LAMBDA = (
    "--read-only",
    "--tmpfs=/tmp:rw,size=512m,mode=1777",
    "--user=993:990",  # the ids of Lambda's sbx_user1051
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--pids-limit=1024",
)
# The Runtime API listens on this machine's loopback only.
_HERE = ("--network=host", "--pull=never", "--oom-score-adj=500", "--stop-timeout=0")
_OWN_WORDS = {
    # Whoever makes a docker container is a daemon: it inherits no CPUs, and its output comes back through the client.
    "docker": ("--log-driver=none",),
    # The container writes into our pipe itself; of what podman adds unasked, the proxy's variables are the user's own.
    "podman": ("--log-driver=passthrough", "--read-only-tmpfs=false", "--http-proxy=false"),
}


@dataclass(frozen=True)
class Plan:
    """A container's unique name, its limits (``None``: none), and where podman is to write its first process's pid."""

    name: str
    cpu: CpuAllowance | None
    memory_bytes: int | None
    pid_file: Path | None = None


def wrap(tool: Tool, plan: Plan, program: Program, own_env: Mapping[str, str]) -> Program:
    """The tool's command that runs ``program``, whose first word is an image, in a container.

    The tool needs ``own_env`` and gets the container's variables with it: on the command line, other users would see
    their values. Those whose names both have stand there nevertheless.
    """
    words = [tool.path, "run", f"--name={plan.name}", *_LAMBDA, *_HERE, *_OWN_WORDS[tool.name]]
    words += _limits(plan)
    if plan.pid_file is not None:
        words.append(f"--pidfile={plan.pid_file}")
    if tool.name == "docker" and program.cpus:
        words.append(f"--cpuset-cpus={','.join(map(str, program.cpus))}")
    words += [f"--env={key}={value}" if key in own_env else f"--env={key}" for key, value in program.env.items()]
    return replace(program, argv=(*words, *program.argv), env={**program.env, **own_env})


def _limits(plan: Plan) -> Iterator[str]:
    if plan.cpu is not None:
        yield from cpu_words(plan.cpu)
    if plan.memory_bytes is not None:
        yield f"--memory={plan.memory_bytes}"
        yield f"--memory-swap={plan.memory_bytes}"  # memory and swap together: no swap


def cpu_words(cpu: CpuAllowance | None) -> tuple[str, ...]:
    """For ``run`` and ``update``; ``None`` lifts the limit."""
    return ("--cpu-quota=-1",) if cpu is None else (f"--cpu-period={cpu.period_us}", f"--cpu-quota={cpu.quota_us}")
