"""How close the user-space throttle comes to the kernel's limits: the same work under both, interleaved.

    python benchmarks/limiters.py [--rounds 30] [--work-ms 200] [--threads 1] [--memory 512 1024 1769]

Each sandbox does a fixed amount of hashing (``--work-ms`` of CPU time, as measured unlimited) per round, the
mechanisms in random order; the wall time of each is its own clock's. Goal: throttle over cgroup within 10 %.
"ideal" is the wall time that the share allows: work over share, or the CPU time itself if that is longer.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time

from resnet_bench.benchmark.ratios import paired_ratio
from resnet_bench.benchmark.stats import median
from resnet_bench.sandbox.allowance import PERIOD_US, Allowance
from resnet_bench.sandbox.limits import LIMITERS
from resnet_bench.sandbox.process import PIPE, Sandbox

# Reads the number of blocks per thread from each line, hashes them, answers with wall and CPU seconds.
WORKER = """
import hashlib, sys, threading, time
block, threads = bytes(1 << 18), int(sys.argv[1])
def work(count):
    for _ in range(count):
        hashlib.sha256(block)
for line in sys.stdin:
    began, cpu = time.monotonic(), time.process_time()
    team = [threading.Thread(target=work, args=(int(line),)) for _ in range(threads - 1)]
    for member in team:
        member.start()
    work(int(line))
    for member in team:
        member.join()
    print(time.monotonic() - began, time.process_time() - cpu, flush=True)
"""


def start(mechanism: str, allowance: Allowance, threads: int) -> Sandbox:
    return Sandbox.start(
        [sys.executable, "-I", "-S", "-c", WORKER, str(threads)],
        env={},
        cage=LIMITERS[mechanism]().cage(mechanism, cpu=allowance.cpu, memory_bytes=allowance.memory_bytes),
        stdin=PIPE,
        stdout=PIPE,
        vcpus_count=allowance.vcpus_count,
    )


def run(sandbox: Sandbox, blocks: int) -> tuple[float, float]:
    """Wall and CPU seconds of one piece of work."""
    assert sandbox.stdin is not None
    assert sandbox.stdout is not None
    sandbox.stdin.write(b"%d\n" % blocks)
    sandbox.stdin.flush()
    wall_s, cpu_s = map(float, sandbox.stdout.readline().split())
    return wall_s, cpu_s


def calibrate(work_s: float, threads: int) -> int:
    """Blocks per thread that take ``work_s`` of CPU time, all threads together."""
    with start("none", Allowance(1769), threads) as sandbox:
        run(sandbox, 20)
        cpu_s = median([run(sandbox, 50)[1] for _ in range(5)]) / 50
    return max(1, round(work_s / cpu_s))


def compare(mechanisms: list[str], memory_mb: int, blocks: int, options: argparse.Namespace) -> None:
    allowance = Allowance(memory_mb)
    walls: dict[str, list[float]] = {name: [] for name in mechanisms}
    cpus: dict[str, list[float]] = {name: [] for name in mechanisms}
    sandboxes = {name: start(name, allowance, options.threads) for name in mechanisms}
    try:
        for sandbox in sandboxes.values():
            run(sandbox, blocks)
        for _ in range(options.rounds):
            for name in random.sample(mechanisms, len(mechanisms)):
                # Both count periods from their own beginnings: a random moment in each, for short work's sake.
                time.sleep(random.random() * 2 * PERIOD_US / 1e6)
                wall_s, cpu_s = run(sandboxes[name], blocks)
                walls[name].append(wall_s)
                cpus[name].append(cpu_s)
    finally:
        for sandbox in sandboxes.values():
            sandbox.close()
    kernel, throttle = mechanisms[0], "throttle"
    ratio = paired_ratio(walls[throttle], walls[kernel])
    cpu_ratio = paired_ratio(cpus[throttle], cpus[kernel])
    assert ratio is not None
    assert cpu_ratio is not None
    between = f"[{ratio.interval.low:.3f}, {ratio.interval.high:.3f}]" if ratio.interval else "(too few rounds)"
    work_s = median(cpus[kernel])
    ideal_s = max(work_s / allowance.cpu.share, work_s / options.threads)
    columns = (f"{median(walls[name]) * 1e3:10.1f}" for name in mechanisms)
    print(
        f"{memory_mb:6d} {ideal_s * 1e3:8.1f} {''.join(columns)}   {ratio.value:.3f} {between}  {cpu_ratio.value:.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--work-ms", type=float, default=200.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=int, nargs="+", default=[512, 1024, 1769])
    options = parser.parse_args()
    kernels = [name for name in ("cgroup-v2", "cgroup-v1", "systemd") if LIMITERS[name]().unavailable() is None]
    if not kernels:
        sys.exit("no kernel mechanism to compare with can be used here")
    mechanisms = [kernels[0], "throttle"]
    blocks = calibrate(options.work_ms / 1e3, options.threads)
    print(f"{options.work_ms:.0f} ms of hashing on {options.threads} thread(s), {options.rounds} rounds; load", end=" ")
    print(f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs. Wall times: medians, ms; the last column: CPU time.")
    print(f"{'MB':>6} {'ideal':>8} {''.join(f'{name:>10}' for name in mechanisms)}   throttle/{kernels[0]}, 95 %")
    for memory_mb in options.memory:
        compare(mechanisms, memory_mb, blocks, options)


if __name__ == "__main__":
    main()
