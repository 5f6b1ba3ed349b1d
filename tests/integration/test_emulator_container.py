"""The emulated Lambda with containers for environments: the real image classifies, and fails as Lambda does."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from containers import PROBE, at_work_in, containers, monitors
from emulated import PATIENCE_S, ask, call, report_number, report_of, wait_until
from handlers import PHOTO
from image_store import Store
from program import run, started
from resnet_bench import wire
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.traces.times import parse_trace
from resnet_bench.aws.traces.xray import fetch_documents
from resnet_bench.benchmark.agreement import difference
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.classify import load_classifier
from resnet_bench.inference.model import Model
from resnet_bench.lambda_image.build import BuiltImage
from resnet_bench.results.records import Answer, TraceTimes
from resnet_bench.sandbox.limits.container import find_container
from resnet_bench.units import MIB

pytestmark = [pytest.mark.image, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True, scope="module")
def in_the_store(image_store: Store) -> Iterator[None]:
    with at_work_in(image_store):
        yield


@pytest.fixture(scope="module")
def deployed(lambda_image: BuiltImage) -> Iterator[EmulatedLambda]:
    # A busy machine may take longer than Lambda's ten seconds to load the engine.
    function = Function("", image=lambda_image.name, memory_mb=1769, init_limit_s=60.0)
    with EmulatedLambda(function, find_container(lambda_image.name)) as emulated:
        yield emulated


@pytest.fixture(scope="module")
def probe(probe_image: str) -> Iterator[EmulatedLambda]:
    function = Function("", image=probe_image, memory_mb=256, concurrency=2)
    with EmulatedLambda(function, find_container(probe_image)) as emulated:
        yield emulated


def classify(emulated: EmulatedLambda) -> Answer:
    """Through the gateway."""
    body, headers = PHOTO.read_bytes(), {"content-type": "image/png"}
    response = httpx.post(emulated.url + "/classify", content=body, headers=headers, timeout=PATIENCE_S)
    assert response.status_code == 200, (response.text, emulated.log_lines()[-20:])
    return wire.decode_answer(response.content)


def test_the_real_image_classifies_as_this_machine_does_and_its_figures_fit_together(
    deployed: EmulatedLambda, model: Model
) -> None:
    cold = classify(deployed)
    here = load_classifier("onnx", model, 1).classify(PHOTO.read_bytes())
    assert difference(here.predictions, cold.predictions) == ""
    assert cold.identity.cold_start
    assert (cold.memory.limit_bytes, cold.runtime.engine) == (1769 * MIB, "onnx")
    report = report_of(deployed, cold.identity.request_id or "")
    assert report.init_s is not None
    assert cold.cold is not None
    assert cold.cold.imports_s + cold.cold.engine_s < report.init_s < report.billed_s
    assert cold.stages.total_s < report.duration_s
    # Of the function alone: the handler's own peak, read before its answer was written, and little more.
    assert cold.memory.peak_rss_bytes <= report.max_memory_used_bytes < cold.memory.peak_rss_bytes + 30 * MIB
    kernels = deployed.settle(cold.identity.environment_id)
    assert isinstance(kernels, int)
    assert 0 < kernels < 1769 * MIB

    trace_id = cold.identity.trace_id or ""
    documents, _ = fetch_documents(client("xray", endpoint_url=deployed.aws_url), [trace_id])
    trace = parse_trace(documents[trace_id])
    assert isinstance(trace, TraceTimes)
    assert trace.initialization_s == pytest.approx(report.init_s, abs=1e-5)
    assert trace.provisioning_s is not None
    assert trace.provisioning_s > 0.05, "a container is not made in less"
    assert trace.provisioning_s + trace.initialization_s + trace.invocation_s < trace.total_s + 0.002


def test_the_next_call_meets_the_same_container_again(deployed: EmulatedLambda, image_store: Store) -> None:
    first, second = classify(deployed), classify(deployed)
    assert second.identity.environment_id == first.identity.environment_id
    assert second.identity.invocation_count == first.identity.invocation_count + 1
    assert not second.identity.cold_start
    assert report_of(deployed, second.identity.request_id or "").init_s is None
    assert len(containers(image_store)) == 1


def test_captions_name_the_tool_and_how_it_limits(deployed: EmulatedLambda) -> None:
    enforcement = deployed.deployment().enforcement
    assert (enforcement.mechanism, enforcement.cpu_limited, enforcement.memory_limited) == ("container", True, True)
    assert enforcement.description == ("podman runs the image; CFS quota with a 20 ms period, memory limit that kills")


def test_the_function_gets_lambdas_variables_and_none_of_this_machines(
    probe: EmulatedLambda, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://user:password@proxy")
    monkeypatch.setenv("no_proxy", "*")  # for this test's own call
    monkeypatch.setenv("OURS", "secret")
    probe.force_cold()
    variables = ask(probe, "environment")["variables"]
    assert variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert (variables["LAMBDA_TASK_ROOT"], variables["_HANDLER"]) == ("/var/task", "probe.handler")
    assert variables["PATH"] == "/usr/local/bin:/usr/bin:/bin:/opt/bin"
    assert not {"http_proxy", "no_proxy", "OURS", "TMPDIR", "RESNET_BENCH_STARTED_NS"} & variables.keys()


def test_nothing_runs_in_the_container_between_two_events(probe: EmulatedLambda) -> None:
    ask(probe, "who")
    time.sleep(0.5)
    woken = ask(probe, "sleep", for_s=0.5)
    assert woken["idle_s"] >= 0.5
    # What the function's other thread counted while the event was handled, and in as long a time before it.
    assert woken["ticks"] < woken["ticks_over"] / 4


def test_what_it_prints_stands_in_the_log_before_the_report(probe: EmulatedLambda) -> None:
    ask(probe, "say", lines=["one line", "and another"])
    request_id = ask(probe, "say", lines=["printed last"])["request_id"]
    report_of(probe, request_id)
    lines = [line.strip() for line in probe.log_lines()]
    mine = lines[lines.index(f"START RequestId: {request_id} Version: $LATEST") :]
    assert mine[1:3] == ["printed last", f"END RequestId: {request_id}"]


def test_the_memory_limit_kills_the_container_and_is_reported_as_on_lambda(probe_image: str) -> None:
    function = Function("", image=probe_image, memory_mb=256)
    with EmulatedLambda(function, find_container(probe_image)) as emulated:
        assert call(emulated, "eat", megabytes=400).status_code == 500
        report = report_number(emulated, 0)
        assert (report.status, report.error_type) == ("error", "Runtime.OutOfMemory")
        assert report.max_memory_used_bytes == 256 * MIB
        before = ask(emulated, "who")
        assert before["count"] == 1
        assert call(emulated, "exit", status=3).status_code == 500
        assert report_number(emulated, 2).error_type == "Runtime.ExitError"


def test_closing_while_a_container_is_made_leaves_nothing(probe_image: str, image_store: Store) -> None:
    mine = f"resnet-bench-{os.getpid()}-"
    before, watching = set(containers(image_store)), set(monitors(mine))
    limiter = find_container(probe_image)
    for podman_has_begun in (False, True):
        emulated = EmulatedLambda(Function("", image=probe_image, memory_mb=256), limiter).start()
        with ThreadPoolExecutor() as pool:
            pool.submit(call, emulated, "who")
            wait_until(lambda: emulated.environments_count() == 1, "the environment")  # noqa: B023 - of this round
            if podman_has_begun:
                wait_until(lambda: set(monitors(mine)) > watching, "podman's monitor")
            emulated.close()
        assert set(containers(image_store)) == before
        wait_until(lambda: set(monitors(mine)) <= watching, "podman's monitor to end")


def test_ctrl_c_ends_emulate_and_leaves_nothing(probe_image: str, image_store: Store, tmp_path: Path) -> None:
    before = set(containers(image_store))
    with started("emulate", "--image", probe_image, "--memory", "256", folder=tmp_path) as running:
        url = running.wait_for(r"HTTP API +(http://127\.0\.0\.1:\d+)")[1]
        assert "256 MB, 0.14 vCPU (podman runs the image; CFS quota" in running.err
        answered = httpx.post(url, json={"do": "who"}, timeout=PATIENCE_S)
        assert answered.json()["count"] == 1
        running.wait_for(r"ok  [\d.]+ ms \(cold, init \d+ ms\)  \d+ of 256 MB")
        assert len(set(containers(image_store)) - before) == 1
        done = running.end()
        assert (done.code, done.err.splitlines()[-1]) == (0, "ended")
        running.assert_nothing_is_left()
    assert set(containers(image_store)) == before


def test_emulate_refuses_what_an_image_decides_itself_and_images_that_are_not_here(tmp_path: Path) -> None:
    done = run("emulate", "--image", PROBE, "--limiter", "throttle", cwd=tmp_path)
    assert (done.code, done.error()) == (2, "--limiter cannot go with --image")
    done = run("emulate", "--image", "no/such:image", cwd=tmp_path)
    assert done.code == 3
    assert re.match(r"no image no/such:image here \(asked: .*podman\)", done.error())
