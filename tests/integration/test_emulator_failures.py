"""What Lambda does when the function fails: errors, exits, time-outs, memory, initialisation."""

from __future__ import annotations

import base64
import errno
import json
import os
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulated import ask, cages, call, emulate, report_number, reports, wait_until
from resnet_bench.aws.access.clients import client
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.units import MIB

SERVER_ERROR = {"message": "Internal Server Error"}


@pytest.fixture(scope="module")
def probe() -> Iterator[EmulatedLambda]:
    with emulate(memory_mb=256) as emulated:
        yield emulated


def invoke(emulated: EmulatedLambda, do: str, **order: Any) -> tuple[str | None, Any, str]:
    """``FunctionError``, payload and log tail of a direct call."""
    done = client("lambda", endpoint_url=emulated.aws_url).invoke(
        FunctionName="resnet-bench", Payload=json.dumps({"do": do, **order}), LogType="Tail"
    )
    tail = base64.b64decode(done["LogResult"]).decode()
    return done.get("FunctionError"), json.loads(done["Payload"].read()), tail


def test_an_exception_is_a_server_error_behind_the_gateway_and_a_function_error_of_invoke(
    probe: EmulatedLambda,
) -> None:
    response = call(probe, "fail", message="what a pity")
    assert (response.status_code, response.json()) == (500, SERVER_ERROR)
    error, payload, tail = invoke(probe, "fail", message="what a pity")
    assert error == "Unhandled"
    assert payload["errorType"] == "ValueError"
    assert payload["errorMessage"] == "what a pity"
    assert any("probe.py" in line for line in payload["stackTrace"])
    assert "what a pity" in tail


def test_an_environment_survives_an_exception(probe: EmulatedLambda) -> None:
    before = ask(probe, "who")
    call(probe, "fail", message="no")
    after = ask(probe, "who")
    assert (after["pid"], after["count"]) == (before["pid"], before["count"] + 2)


def test_a_process_that_exits_is_a_runtime_exit_error_and_the_next_request_is_cold(probe: EmulatedLambda) -> None:
    error, payload, tail = invoke(probe, "exit", status=3)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")
    assert payload["errorMessage"].startswith("RequestId: ")
    assert "Status: error\tError Type: Runtime.ExitError" in tail
    assert ask(probe, "who")["count"] == 1


def test_an_idle_environment_that_somebody_killed_is_not_used_again(probe: EmulatedLambda) -> None:
    pid = ask(probe, "who")["pid"]
    os.kill(pid, signal.SIGKILL)
    for stopped in (True, False):  # frozen by a cgroup or stopped by a signal, it dies at once or when it is thawed
        response = call(probe, "who")
        if response.status_code == 200 or not stopped:
            break
    assert response.json()["pid"] != pid
    assert response.json()["count"] == 1


def test_memory_over_the_limit_kills_and_the_report_says_so(probe: EmulatedLambda) -> None:
    if not probe.deployment().enforcement.memory_limited:
        pytest.skip(f"no memory limit here: {probe.deployment().enforcement.description}")
    error, payload, tail = invoke(probe, "eat", megabytes=400)
    assert error == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Error Type: Runtime.OutOfMemory" in tail
    last = reports(probe)[-1]
    assert last.max_memory_used_bytes == last.memory_size_bytes == 256 * MIB
    assert ask(probe, "who")["count"] == 1


def test_a_timeout_kills_the_environment(tmp_path: Path) -> None:
    late = tmp_path / "late"
    with emulate(timeout_s=1.0) as emulated:
        pid = ask(emulated, "who")["pid"]
        error, payload, tail = invoke(emulated, "sleep", for_s=3, mark=str(late))
        assert error == "Unhandled"
        assert payload["errorType"] == "Sandbox.Timedout"
        assert payload["errorMessage"].endswith("Task timed out after 1.00 seconds")
        assert "Task timed out after 1.00 seconds" in tail
        assert "Status: timeout" in tail
        assert not Path(f"/proc/{pid}").exists()
        assert ask(emulated, "who")["count"] == 1
        timed_out = reports(emulated)[1]
        assert (timed_out.status, timed_out.error_type) == ("timeout", None)
        assert timed_out.duration_s >= 1.0
    assert not late.exists()


@pytest.mark.parametrize("line", ["", "x" * 1000])
def test_a_function_that_prints_without_pause_is_timed_out_all_the_same(line: str) -> None:
    with emulate(timeout_s=1.0) as emulated:
        ask(emulated, "who")
        error, payload, tail = invoke(emulated, "flood", line=line)
        assert (error, payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
        assert "Status: timeout" in tail
        assert 1.0 <= reports(emulated)[-1].duration_s < 30.0  # endless without the bound; the rest is a busy machine's
        assert ask(emulated, "who")["count"] == 1


def test_an_emulator_whose_function_prints_without_pause_can_be_closed(tmp_path: Path) -> None:
    emulated = emulate(timeout_s=600.0).start()
    with ThreadPoolExecutor() as pool:
        pool.submit(call, emulated, "flood", line="x")
        wait_until(lambda: emulated.log_since(0)[1] > 1000, "the flood")
        closing = pool.submit(emulated.close)
        closing.result(timeout=20.0)
    assert emulated._service.environments_count == 0


def test_an_import_error_is_tried_twice_and_its_traceback_is_in_the_log() -> None:
    with emulate("init_fails.handler") as emulated:
        response = call(emulated, "who")
        assert (response.status_code, response.json()) == (500, SERVER_ERROR)
        report = report_number(emulated, 0)
        lines = emulated.log_lines()
        assert sum("the model file is missing" in line and "RuntimeError" in line for line in lines) == 2
        assert any("init_fails.py" in line for line in lines)
        phases = [line.strip().split("\t")[1:] for line in lines if "INIT_REPORT Init Duration: " in line]
        assert phases == [
            [f"Phase: {phase}", "Status: error", "Error Type: RuntimeError"] for phase in ("init", "invoke")
        ]
        assert report.init_s is None
        assert report.status == "error"
        assert emulated.environments_count() == 0
        error, payload, _ = invoke(emulated, "who")
        assert error == "Unhandled"
        assert payload["errorMessage"] == "the model file is missing"
        assert payload["errorType"] == "RuntimeError"


def test_an_exit_during_init_is_reported_with_its_status() -> None:
    with emulate("init_exits.handler") as emulated:
        error, payload, tail = invoke(emulated, "who")
        assert error == "Unhandled"
        assert payload["errorType"] == "Runtime.ExitError"
        assert payload["errorMessage"].endswith("Runtime exited with error: exit status 7")
        assert tail.count("leaving during init") == 2


def test_a_handler_that_does_not_exist_is_told_by_the_runtime() -> None:
    with emulate("no_such_module.handler") as emulated:
        _, payload, _ = invoke(emulated, "who")
        assert payload["errorType"] == "Runtime.ImportModuleError"
        assert "no_such_module" in payload["errorMessage"]


def test_an_init_over_its_limit_is_done_again_inside_the_invocation() -> None:
    with emulate("init_slow_once.handler", init_limit_s=3.0) as emulated:
        init_s = call(emulated, "who").json()["init_s"]
        report = report_number(emulated, 0)
        assert report.init_s is None
        assert report.duration_s >= init_s >= 0.3
        assert report.status is None
        (line,) = [line for line in emulated.log_lines() if line.startswith("INIT_REPORT")]
        assert "Phase: init\tStatus: timeout" in line


def test_an_init_that_never_ends_runs_into_the_functions_own_timeout() -> None:
    with emulate("init_slow.handler", init_limit_s=0.3, timeout_s=0.5) as emulated:
        error, payload, tail = invoke(emulated, "who")
        assert error == "Unhandled"
        assert payload["errorType"] == "Sandbox.Timedout"
        assert "Status: timeout" in tail
        assert reports(emulated)[0].duration_s >= 0.5


def test_a_response_over_six_megabytes_is_an_error(probe: EmulatedLambda) -> None:
    assert len(call(probe, "large", size=6_000_000).content) == 6_000_000
    error, payload, _ = invoke(probe, "large", size=6_300_000)
    assert error == "Unhandled"
    assert payload["errorType"] == "Function.ResponseSizeTooLarge"
    response = call(probe, "large", size=6_300_000)
    assert (response.status_code, response.json()) == (500, SERVER_ERROR)
    assert ask(probe, "who")["count"] >= 1


def test_a_program_that_does_not_exist_is_not_the_functions_fault() -> None:
    with emulate(bootstrap=("no-such-program",)) as emulated:
        assert_refused(emulated, "no-such-program")


@pytest.mark.parametrize("lacking", ["file descriptors", "a temporary folder"])
def test_what_this_machine_lacks_is_told_costs_no_concurrency_and_leaves_no_figures(
    lacking: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = cages(os.getpid())
    with emulate(concurrency=1) as emulated, monkeypatch.context() as lack:
        if lacking == "file descriptors":
            lack.setattr("resnet_bench.emulator.environment.os.pipe", no_more_files)
            assert_refused(emulated, "Too many open files")
        else:
            lack.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
            assert_refused(emulated, "No such file or directory")
        assert cages(os.getpid()) == before
        lack.undo()
        assert ask(emulated, "who")["count"] == 1
        assert report_number(emulated, 0).init_s is not None


def no_more_files() -> tuple[int, int]:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def assert_refused(emulated: EmulatedLambda, why: str) -> None:
    """Twice, and each time without an environment that stays, or a figure of what did not run."""
    response = call(emulated, "who")
    assert (response.status_code, response.json()) == (500, SERVER_ERROR)
    with pytest.raises(ClientError, match="ServiceException") as caught:
        invoke(emulated, "who")
    assert why in caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    wait_until(lambda: emulated.environments_count() == 0, "the environments to be gone")
    lines = emulated.log_lines()
    assert len(lines) == 2
    assert all(line.startswith("emulator: ") and why in line for line in lines)


def test_starts_and_ends_frame_what_the_function_prints(probe: EmulatedLambda) -> None:
    _, _, tail = invoke(probe, "say", lines=["first", "second"])
    lines = tail.splitlines()
    request_id = lines[0].split()[2]
    assert lines[:4] == [
        f"START RequestId: {request_id} Version: $LATEST",
        "first",
        "second",
        f"END RequestId: {request_id}",
    ]
    assert lines[4].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
