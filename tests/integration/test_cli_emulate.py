"""``resnet-bench emulate`` as a user runs it, and ``remote --url`` against it."""

from __future__ import annotations

import json
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from program import CAT, Running, run, started
from resnet_bench import wire
from resnet_bench.inference.model import Model
from sandboxes import wait_until

pytestmark = pytest.mark.usefixtures("model")
FUNCTION = """
import json
print("the module is loaded")

def handler(event, context):
    print("called with", event["rawPath"])
    if event["rawPath"] == "/fail":
        raise ValueError("this function does not like the path")
    return {"statusCode": 418, "body": json.dumps({"path": event["rawPath"], "memory": context.memory_limit_in_mb})}
"""
# A runtime client in ten lines, with nothing but the standard library.
BOOTSTRAP = """
import json, os, urllib.request
base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(base + "next") as given:
        event, request = json.load(given), given.headers["Lambda-Runtime-Aws-Request-Id"]
    body = json.dumps({"statusCode": 200, "body": "bootstrapped " + event["rawPath"]}).encode()
    urllib.request.urlopen(urllib.request.Request(base + request + "/response", body)).close()
"""


@pytest.fixture(scope="module")
def function(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("emulated")
    with started("emulate", "--weights", "random", "--memory", "1769", folder=folder) as running:
        running.wait_for("Ctrl-C ends it")
        yield running
        done = running.end()
        assert done.code == 0, done.err
        assert done.err.splitlines()[-1] == "ended"
        running.assert_nothing_is_left()


def address(running: Running, what: str = "HTTP API") -> str:
    return running.wait_for(rf"{what} +(http://127\.0\.0\.1:\d+)")[1]


def test_it_says_what_it_is_where_it_is_and_how_to_try_it(function: Running) -> None:
    url = address(function)
    assert "emulated Lambda: 1769 MB, 1.00 vCPU (" in function.err
    assert f"curl --data-binary @cat.jpg -H 'content-type: image/jpeg' {url}/classify" in function.err
    assert "untrained weights" in function.err
    assert function.out == ""


def test_it_answers_what_its_curl_example_sends_and_tells_of_each_invocation(function: Running) -> None:
    before = len(re.findall(r" of 1769 MB$", function.err, re.MULTILINE))
    headers = {"content-type": "image/png"}
    answered = httpx.post(f"{address(function)}/classify", content=Path(CAT).read_bytes(), headers=headers, timeout=60)
    assert answered.status_code == 200
    answer = wire.decode_answer(answered.content)
    assert len(answer.predictions) == 5
    lines = rf"(?m)^{answer.identity.request_id}  ok  [\d.]+ ms \((cold, init \d+ ms|warm)\)  \d+ of 1769 MB$"
    function.wait_for(lines)
    assert len(re.findall(r" of 1769 MB$", function.err, re.MULTILINE)) == before + 1


def test_remote_calls_it_by_its_address_and_reads_its_traces(function: Running, tmp_path: Path) -> None:
    credentials = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    arguments = ("--url", address(function), "--aws-url", address(function, "AWS calls"), "--json", "--no-save")
    done = run("remote", CAT, *arguments, cwd=tmp_path, env=credentials)
    assert done.code == 0, done.err
    result = json.loads(done.out)["result"]
    assert result["deployment"]["kind"] == "url"
    assert result["settings"].get("memory_bytes") is None, "a URL does not tell its memory"
    traced = [sample for sample in result["samples"] if sample["outcome"]["identity"]["sampled"]]
    for sample in traced:
        assert sample["trace"]["trace_id"] == sample["outcome"]["identity"]["trace_id"]
    for sample in result["samples"]:
        assert sample["report"]["request_id"] == sample["outcome"]["identity"]["request_id"]


def test_remote_finds_it_through_the_environment_and_says_that_traces_need_an_address(
    function: Running, tmp_path: Path
) -> None:
    done = run("remote", CAT, "--json", "--no-save", cwd=tmp_path, env={"RESNET_BENCH_URL": address(function) + "/"})
    assert done.code == 0, done.err
    (sample,) = [each for each in json.loads(done.out)["result"]["samples"] if each["phase"] == "warm"]
    assert "--aws-url" in sample["trace"]["reason"]
    assert "log group" in sample["report"]["reason"]


def test_a_port_in_use_is_told(function: Running, tmp_path: Path) -> None:
    port = address(function).rpartition(":")[2]
    done = run("emulate", "--weights", "random", "--port", port, cwd=tmp_path)
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in done.error()
    assert done.code == 3


def test_it_runs_any_handler_from_this_folder_and_shows_a_failed_ones_log(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FUNCTION)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with started("emulate", "--handler", "app.handler", "--port", str(port), "--memory", "256", folder=tmp_path) as app:
        url = address(app)
        assert url == f"http://127.0.0.1:{port}"
        answered = httpx.get(f"{url}/anything", timeout=60)
        assert (answered.status_code, answered.json()) == (418, {"path": "/anything", "memory": "256"})
        app.wait_for(r"  ok  [\d.]+ ms \(cold, init")
        assert "called with" not in app.err, "only --verbose shows what went well"

        assert httpx.get(f"{url}/fail", timeout=60).status_code == 500
        app.wait_for(r"(?m)^[0-9a-f-]{36}  Unhandled  ")
        for line in ("called with /fail", "[ERROR] ValueError: this function does not like the path", "Traceback"):
            assert f"\n  | {line}" in app.err, "as the function's own"
        assert "\nTraceback" not in app.err

        assert app.end(signal.SIGTERM).code == 0
        app.assert_nothing_is_left()


def test_a_handler_that_cannot_be_imported_is_told_as_the_functions_own_failure(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import no_such_module\n")
    with started("emulate", "--handler", "app.handler", folder=tmp_path) as app:
        assert httpx.get(address(app), timeout=60).status_code == 500
        app.wait_for(r"(?m)^[0-9a-f-]{36}  Runtime\.ImportModuleError  ")
        assert "  | [ERROR] Runtime.ImportModuleError: Unable to import module 'app': No module named" in app.err
        assert "LAMBDA_WARNING" not in app.err
        assert "\nTraceback" not in app.err
        assert app.end().code == 0
        app.assert_nothing_is_left()


def test_it_runs_any_runtime_client(tmp_path: Path) -> None:
    (tmp_path / "bootstrap.py").write_text(BOOTSTRAP)
    with started("emulate", "--bootstrap", f"'{sys.executable}' bootstrap.py", "--verbose", folder=tmp_path) as app:
        assert httpx.get(f"{address(app)}/hello", timeout=60).text == "bootstrapped /hello"
        assert app.end().code == 0
        app.assert_nothing_is_left()


def test_a_function_that_could_not_be_started_is_told_with_the_reason_and_without_figures(tmp_path: Path) -> None:
    with started("emulate", "--bootstrap", "no-such-program", folder=tmp_path) as app:
        assert httpx.get(address(app), timeout=60).status_code == 500
        app.wait_for(r"(?m)^  \| emulator: .*no-such-program.*\n[0-9a-f-]{36}  InternalFailure$")
        assert app.end().code == 0
        app.assert_nothing_is_left()


def test_kill_9_leaves_no_environment_behind(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(FUNCTION + "import os\nprint('pid', os.getpid())\n")
    with started("emulate", "--handler", "app.handler", "--verbose", folder=tmp_path) as app:
        httpx.get(address(app), timeout=60)
        pid = int(app.wait_for(r"\| pid (\d+)")[1])
        app.process.kill()
        app.process.wait()
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), "the function's process to end")
        app.assert_nothing_is_left()
