import os
import subprocess
import sys
import time

from resnet_bench.sandbox.cpu_wait import cpu_wait_s


def test_two_that_share_one_cpu_wait_for_each_other_and_a_sleeper_does_not() -> None:
    cpu = str(min(os.sched_getaffinity(0)))
    busy = [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, [{cpu}])\nwhile True: pass"]
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    processes = [subprocess.Popen(command) for command in (busy, busy, sleeping)]
    try:
        deadline_s = time.monotonic() + 30
        waits: list[float] = [0.0]
        while max(waits) < 0.3 and time.monotonic() < deadline_s:
            time.sleep(0.1)
            waits = [cpu_wait_s(process.pid) or 0.0 for process in processes]
        assert max(waits[:2]) >= 0.3
        assert waits[2] < max(waits[:2])
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_nothing_is_known_of_a_process_that_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert cpu_wait_s(process.pid) is None
