"""The life of execution environments: cold, warm, busy, frozen, reaped, ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulated import FUNCTIONS, ask, call, emulate, report_number, report_of, wait_until
from resnet_bench.emulator.account import Invoked
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.errors import UsageError
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.limits.unlimited import Unlimited, UnlimitedCage


@pytest.fixture(scope="module")
def probe() -> Iterator[EmulatedLambda]:
    with emulate(concurrency=3) as emulated:
        yield emulated


def test_the_first_request_is_cold_and_the_next_meets_the_same_process(probe: EmulatedLambda) -> None:
    probe.force_cold()
    first, second = ask(probe, "who"), ask(probe, "who")
    assert (first["count"], second["count"]) == (1, 2)
    assert first["pid"] == second["pid"]
    cold, warm = (report_of(probe, each["request_id"]) for each in (first, second))
    assert cold.init_s is not None
    assert cold.init_s > 0
    assert warm.init_s is None
    assert cold.billed_s >= cold.init_s + cold.duration_s > cold.billed_s - 0.002
    assert warm.billed_s >= warm.duration_s > warm.billed_s - 0.002
    assert 0 < warm.max_memory_used_bytes < 512 * 1024 * 1024 == warm.memory_size_bytes


def test_no_environment_exists_before_the_first_request() -> None:
    with emulate() as emulated:
        assert emulated.environments_count() == 0
        assert emulated.log_lines() == []


def test_forcing_a_cold_start_gives_the_next_request_another_process(probe: EmulatedLambda) -> None:
    before = ask(probe, "who")
    probe.force_cold()
    after = ask(probe, "who")
    assert after["pid"] != before["pid"]
    assert after["count"] == 1
    assert not Path(f"/proc/{before['pid']}").exists()


def test_another_memory_size_gives_the_next_request_a_fresh_environment_of_that_size() -> None:
    with emulate(memory_mb=512) as emulated:
        before = ask(emulated, "who")
        emulated.set_memory(768)
        after = ask(emulated, "who")
        sizes = [report_of(emulated, each["request_id"]).memory_size_bytes for each in (before, after)]
        assert [size // (1024 * 1024) for size in sizes] == [512, 768]
        assert after["count"] == 1
        assert emulated.deployment().memory_bytes == sizes[1]


def test_a_size_that_lambda_does_not_offer_is_refused_and_changes_nothing(probe: EmulatedLambda) -> None:
    with pytest.raises(UsageError, match="memory is 64 MB"):
        probe.set_memory(64)
    assert report_of(probe, ask(probe, "who")["request_id"]).memory_size_bytes == 512 * 1024 * 1024


def test_a_busy_environment_is_replaced_after_its_current_event(probe: EmulatedLambda, tmp_path: Path) -> None:
    gate, arrived = tmp_path / "gate", tmp_path / "arrived"
    arrived.mkdir()
    with ThreadPoolExecutor() as pool:
        busy = pool.submit(ask, probe, "wait_for", path=str(gate), arrived=str(arrived))
        wait_until(lambda: any(arrived.iterdir()), "the request in the function")
        probe.force_cold()
        gate.touch()
        old = busy.result()
    assert ask(probe, "who")["pid"] != old["pid"]


def test_parallel_requests_get_an_environment_each_and_one_too_many_is_refused(
    probe: EmulatedLambda, tmp_path: Path
) -> None:
    gate, arrived = tmp_path / "gate", tmp_path / "arrived"
    arrived.mkdir()
    probe.force_cold()
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(ask, probe, "wait_for", path=str(gate), arrived=str(arrived)) for _ in range(3)]
        wait_until(lambda: len(list(arrived.iterdir())) == 3, "three requests in three processes")
        refused = call(probe, "who")
        gate.touch()
        answers = [each.result() for each in waiting]
    assert refused.status_code == 503
    assert refused.json() == {"message": "Service Unavailable"}
    assert len({answer["pid"] for answer in answers}) == 3
    assert all(answer["count"] == 1 for answer in answers)
    assert probe.environments_count() == 3


def test_calls_one_after_the_other_share_one_environment(probe: EmulatedLambda) -> None:
    probe.force_cold()
    pids = {ask(probe, "who")["pid"] for _ in range(20)}
    assert len(pids) == 1


def test_nothing_runs_in_an_environment_between_two_events(probe: EmulatedLambda) -> None:
    probe.force_cold()
    ask(probe, "who")
    time.sleep(1.0)
    woken = ask(probe, "sleep", for_s=1.0)
    assert woken["idle_s"] >= 1.0
    # What the function's other thread counted while the event was handled, and in as long a time before it.
    assert woken["ticks"] < woken["ticks_over"] / 4


def test_environments_that_nobody_uses_are_reaped() -> None:
    with emulate(idle_s=0.2) as emulated:
        pid = ask(emulated, "who")["pid"]
        wait_until(lambda: emulated.environments_count() == 0, "the idle environment to go")
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), "its process to go")
        assert ask(emulated, "who")["count"] == 1


def test_an_environment_in_use_is_not_reaped() -> None:
    with emulate(idle_s=0.2) as emulated:
        ask(emulated, "sleep", for_s=2.5)
        assert report_number(emulated, 0).status is None


def test_whoever_watches_hears_of_each_invocation() -> None:
    heard: list[Invoked] = []
    emulated = emulate()
    emulated._service.on_invoked = heard.append
    with emulated:
        ask(emulated, "who")
        call(emulated, "fail", message="no")
        wait_until(lambda: len(heard) == 2, "both accounts")
    assert [each.cold_start for each in heard] == [True, False]
    assert [each.function_error for each in heard] == [None, "Unhandled"]
    assert heard[0].report.init_s is not None


def test_the_function_sees_the_variables_that_lambda_defines(probe: EmulatedLambda) -> None:
    seen = ask(probe, "environment")
    variables = seen["variables"]
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert variables["AWS_LAMBDA_FUNCTION_NAME"] == "resnet-bench"
    assert variables["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert variables["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/resnet-bench"
    assert "[$LATEST]" in variables["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert variables["AWS_REGION"] == "us-east-1"
    assert variables["_HANDLER"] == "probe.handler"
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert seen["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:resnet-bench"
    assert 0 < seen["left_ms"] <= 30_000


def test_the_function_sees_nothing_of_the_users_shell(probe: EmulatedLambda, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")
    probe.force_cold()
    assert "the user's own" not in str(ask(probe, "environment")["variables"])


class SlowCage(UnlimitedCage):
    """Its program counts as begun only once ``begin`` is set."""

    def __init__(self, begin: threading.Event) -> None:
        super().__init__()
        self._begin = begin

    def await_program(self, launched_ns: int) -> int:
        assert self._begin.wait(60.0)
        return launched_ns


class SlowAfterTheFirst(Unlimited):
    def __init__(self) -> None:
        self.begin = threading.Event()
        self.cages = 0

    def cage(self, label: str, *, cpu: object, memory_bytes: object) -> UnlimitedCage:
        self.cages += 1
        return UnlimitedCage() if self.cages == 1 else SlowCage(self.begin)


def test_calls_go_on_while_another_environment_takes_its_time_to_be_made(tmp_path: Path) -> None:
    slow = SlowAfterTheFirst()
    limiter: Limiter = slow
    function = Function("probe.handler", task_root=str(FUNCTIONS), concurrency=2)
    with EmulatedLambda(function, limiter) as emulated, ThreadPoolExecutor() as pool:
        busy = pool.submit(ask, emulated, "wait_for", path=str(tmp_path / "go"), arrived=str(tmp_path))
        wait_until(lambda: any(tmp_path.iterdir()), "the first call in its function")
        second = pool.submit(ask, emulated, "who")
        wait_until(lambda: slow.cages == 2, "the second environment")
        (tmp_path / "go").touch()
        assert busy.result()["count"] == 1
        assert not second.done()
        slow.begin.set()
        assert second.result()["count"] == 1
