"""The memory limit kills, is reported, and what was used is measured."""

from __future__ import annotations

import mmap

import pytest

from resnet_bench.results.records import Skipped
from resnet_bench.sandbox.memory import peak_rss_bytes, rss_bytes
from resnet_bench.sandbox.process import PIPE
from resnet_bench.units import MIB
from sandboxes import LIMITING, REAL, SLEEP, limiter_or_skip, start_python, wait_until

# Touches every page, in steps, and then stays.
GROW = """
import sys, time
blocks = []
for _ in range(int(sys.argv[1])):
    blocks.append(b"x" * (1 << 20))
    time.sleep(0.001)
print("grown", flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("name", LIMITING)
def test_the_memory_limit_kills_and_says_so(name: str) -> None:
    with start_python(limiter_or_skip(name), GROW, "300", memory_bytes=64 * MIB) as sandbox:
        assert sandbox.wait(60) == -9
        assert sandbox.memory_killed()
        assert sandbox.describe_exit() == "signal: killed"
    assert sandbox.memory_killed()


@pytest.mark.parametrize("name", LIMITING)
def test_a_kill_for_memory_is_known_after_closing_even_if_nobody_asked_before(name: str) -> None:
    with start_python(limiter_or_skip(name), GROW, "300", memory_bytes=64 * MIB) as sandbox:
        assert sandbox.wait(60) == -9
    assert sandbox.memory_killed()


@pytest.mark.parametrize("name", REAL)
def test_a_kill_from_elsewhere_is_not_blamed_on_memory(name: str) -> None:
    with start_python(limiter_or_skip(name), "import os; os.kill(os.getpid(), 9)") as sandbox:
        assert sandbox.wait(30) == -9
        assert not sandbox.memory_killed()


@pytest.mark.parametrize("name", REAL)
def test_the_peak_is_measured_and_outlives_the_sandbox(name: str) -> None:
    with start_python(limiter_or_skip(name), GROW, "60", stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        assert sandbox.stdout.readline() == b"grown\n"
        rss, kernel = sandbox.peak_rss_bytes(), sandbox.peak_memory_bytes()
    assert 60 * MIB < rss < 100 * MIB
    assert sandbox.peak_rss_bytes() >= rss
    if isinstance(kernel, Skipped):
        assert name in {"throttle", "none"}
        assert "cgroup" in kernel.reason
    else:
        assert 60 * MIB < kernel < 100 * MIB
        later = sandbox.peak_memory_bytes()
        assert isinstance(later, int)
        assert later >= kernel


def test_the_peak_sums_the_processes_of_the_sandbox() -> None:
    code = f"import os\nos.fork()\nblock = b'x' * {40 * MIB}\nprint('grown', flush=True)\n{SLEEP}"
    with start_python(limiter_or_skip("none"), code, stdout=PIPE) as sandbox:
        assert sandbox.stdout is not None
        assert [sandbox.stdout.readline() for _ in range(2)] == [b"grown\n", b"grown\n"]
        assert sandbox.peak_rss_bytes() > 80 * MIB


def test_the_peak_does_not_count_the_parents_memory() -> None:
    ours = b"x" * (100 * MIB)
    with start_python(limiter_or_skip("none"), SLEEP) as sandbox:
        assert sandbox.peak_rss_bytes() < len(ours)
        wait_until(lambda: sandbox.peak_rss_bytes() > 4 * MIB, "the interpreter to start")


def test_a_process_reads_its_own_memory() -> None:
    before = rss_bytes()
    # Mapped, because the heap may still hold as much that earlier tests have freed.
    with mmap.mmap(-1, 50 * MIB) as block:
        block.write(bytes(len(block)))
        assert rss_bytes() > before + 0.9 * len(block)
    assert peak_rss_bytes() >= before + 45 * MIB
