"""From nothing to a measured Lambda and back to nothing, by the three commands, as processes.

By default AWS is ``aws_world`` (moto and the emulated Lambda behind one address). ``make test-aws`` runs the same test
on the account that the user's AWS settings name, with an image that is really built and pushed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from aws_world import ENVIRONMENT, KEY, REGION, SECRET, AwsWorld
from emulated import limiter, wait_for_the_next_second
from moto_server import reset
from program import CAT, IMAGES, Done, run, started
from resnet_bench.cli.targets.emulated import HANDLER, handler_variables
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from resnet_bench.results.records import Answer, ClientTimes, Failed, ReportLine, Skipped, TraceTimes
from resnet_bench.results.run import Run
from sandboxes import wait_until

REAL = bool(os.environ.get("RESNET_BENCH_TEST_AWS"))
STACK = "resnet-bench-test" if REAL else "resnet-bench"
IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/resnet-bench@sha256:{'0' * 64}"
RANDOM = ("--weights", "random")


@dataclass(frozen=True)
class Place:
    """Where the commands find AWS: ``environment`` leads them there; ``world`` is ``None`` on a real account."""

    environment: dict[str, str]
    world: AwsWorld | None
    folder: Path

    def run(self, *arguments: str | Path) -> Done:
        return run(*arguments, cwd=self.folder, env=self.environment, patience_s=1800 if REAL else 120)

    def deploy(self) -> Done:
        image = () if self.world is None else ("--image", IMAGE)
        return self.run("deploy", "--stack", STACK, *image, *(RANDOM if self.world is None else ()), "--yes")

    def saved(self, name: str) -> Run:
        return load(self.folder / name)


@pytest.fixture(scope="module")
def place(model: Model, moto_session: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("journey")
    if REAL:
        yield Place({}, None, folder)
        return
    reset(moto_session)
    function = Function(
        HANDLER,
        memory_mb=1024,
        name=STACK,
        variables=handler_variables(model, "onnx", "auto"),
        task_root=str(model.folder),
    )
    with EmulatedLambda(function, limiter()) as emulated, AwsWorld(moto_session, emulated) as world:
        yield Place({**ENVIRONMENT, "AWS_ENDPOINT_URL": world.url}, world, folder)


@pytest.fixture(scope="module")
def deployed(place: Place) -> Iterator[Place]:
    """Deployed for all tests of this module that need it; the test of ``destroy`` is the last."""
    try:
        done = place.deploy()
        assert done.code == 0, done.err
        yield place
    finally:
        if REAL:
            place.run("destroy", "--stack", STACK, "--yes")


def session(place: Place) -> boto3.Session:
    """Of whoever owns the account; on a real one as the program finds them."""
    if place.world is None:
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    return boto3.Session(region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET)


@contextmanager
def client(place: Place, service: str) -> Iterator[Any]:
    where = None if place.world is None else place.world.moto_url
    with closing(session(place).client(service, endpoint_url=where)) as made:
        yield made


def assert_nothing_private(place: Place, *texts: str) -> None:
    with client(place, "sts") as sts:
        account = sts.get_caller_identity()["Account"]
    keys = session(place).get_credentials().get_frozen_credentials()
    for private in (keys.access_key, keys.secret_key, account, "arn:aws", "execute-api"):
        for text in texts:
            assert private not in text


def function_settings(place: Place) -> tuple[int, dict[str, str]]:
    with client(place, "lambda") as functions:
        found = functions.get_function_configuration(FunctionName=STACK)
    return found["MemorySize"], found.get("Environment", {}).get("Variables", {})


def test_status_shows_what_is_deployed(deployed: Place) -> None:
    done = deployed.run("status", "--stack", STACK, "--json")
    assert done.code == 0, done.err
    assert "onnx" in done.out
    assert "1024" in done.out


def test_a_stack_is_compared_with_this_machine_and_left_as_it_was(deployed: Place) -> None:
    before = function_settings(deployed)
    options = ("--stack", STACK, "--runs", "4", "--warmup", "1", "--cold", "2", "--interval", "1", "--save", "run.json")
    done = deployed.run("compare", CAT, *RANDOM, *options)
    assert done.code == 0, done.err
    assert function_settings(deployed) == before
    if REAL:  # log lines can be minutes late
        assert deployed.run("collect", "run.json", "--wait", "300").code == 0
    saved = deployed.saved("run.json")
    assert saved.finished
    assert saved.deployment is not None
    assert (saved.deployment.kind, saved.deployment.stack, saved.deployment.memory_bytes) == ("aws", STACK, 1 << 30)
    far = [sample for sample in saved.samples if sample.side == "remote" and sample.phase != "warmup"]
    assert len(far) == 6
    for sample in far:
        assert isinstance(sample.outcome, Answer)
        assert isinstance(sample.report, ReportLine)
        # Two calls a second apart may still share a second of the platform's clock, and then one is not traced.
        assert isinstance(sample.trace, TraceTimes) == (sample.outcome.identity.sampled is True)
        assert sample.outcome.identity.cold_start == (sample.phase == "cold")
        assert sample.attempts == ()
    assert any(isinstance(sample.trace, TraceTimes) for sample in far)
    assert "on AWS" in done.out
    assert_nothing_private(deployed, (deployed.folder / "run.json").read_text(), done.out, done.err)


def test_the_page_classifies_on_a_stack_and_leaves_it_as_it_was(deployed: Place, tmp_path: Path) -> None:
    before = function_settings(deployed)
    options = ("--stack", STACK, "--port", "0")
    with started("serve", CAT, *RANDOM, *options, folder=tmp_path, env=deployed.environment) as page:
        url = page.wait_for(r"open (http://127\.0\.0\.1:\d+)/")[1]
        for cold in ("0", "1"):
            wait_for_the_next_second()
            answer = httpx.post(
                f"{url}/classify",
                params={"cold": cold},
                content=Path(CAT).read_bytes(),
                headers={"content-type": "image/png"},
                timeout=120,
            )
            assert answer.json()["remote"]["outcome"]["kind"] == "answer"
        assert answer.json()["remote"]["phase"] == "cold"
        place = f"{url}{answer.headers['location']}"
        wait_until(lambda: httpx.get(place).json()["state"] == "done", "X-Ray has told all", timeout_s=90)
        told = httpx.get(place)
        assert told.json()["remote"]["trace"]["initialization_s"] > 0
        assert function_settings(deployed) != before
        done = page.end()
        assert done.code == 0, done.err
    assert function_settings(deployed) == before
    assert_nothing_private(deployed, told.text, done.err)


@pytest.mark.parametrize("via", ["http", "invoke"])
def test_a_stack_is_loaded_by_several_callers_at_once(via: str, deployed: Place) -> None:
    options = ("--stack", STACK, "--side", "remote", "--concurrency", "2", "--duration", "2s", "--via", via)
    done = deployed.run("load", CAT, *options, "--save", f"load-{via}.json", *RANDOM)
    assert done.code == 0, done.err
    saved = deployed.saved(f"load-{via}.json")
    (level,) = saved.levels
    assert level.workers is None, "only AWS knows how many it would run"
    assert {sample.position for sample in saved.samples} == {0, 1}
    assert any(isinstance(sample.outcome, Answer) for sample in saved.samples)
    assert_nothing_private(deployed, (deployed.folder / f"load-{via}.json").read_text(), done.out, done.err)


def test_invoke_leaves_the_http_api_out_and_brings_the_report_at_once(deployed: Place) -> None:
    options = ("--stack", STACK, "--via", "invoke", "--runs", "3", "--save", "invoke.json")
    done = deployed.run("remote", IMAGES / "rocket.jpg", *RANDOM, *options)
    assert done.code == 0, done.err
    saved = deployed.saved("invoke.json")
    assert saved.settings.via == "invoke"
    warm = [sample for sample in saved.samples if sample.phase == "warm"]
    assert all(isinstance(sample.report, ReportLine) and isinstance(sample.trace, TraceTimes) for sample in warm)
    assert "Invoke" in done.out
    assert_nothing_private(deployed, (deployed.folder / "invoke.json").read_text(), done.out)


def test_a_stack_is_explained_by_its_handlers_clock_and_its_cheapest_request(deployed: Place) -> None:
    before = function_settings(deployed)
    options = ("--stack", STACK, "--runs", "6", "--warmup", "1", "--cold", "1", "--save", "explained.json")
    done = deployed.run("explain", CAT, *RANDOM, *options)
    assert done.code == 0, done.err
    assert function_settings(deployed) == before
    saved = deployed.saved("explained.json")
    probes = [sample for sample in saved.samples if sample.variant == "cheapest request"]
    assert len([probe for probe in probes if probe.phase == "warm"]) == 6
    for probe in probes:
        assert isinstance(probe.outcome, Failed)
        assert probe.outcome.status == 400
        assert isinstance(probe.client, ClientTimes)
        assert not isinstance(probe.trace, Skipped) or not probe.trace.pending
    for wanted in ("other hardware", "network and gateway", "inference alone", "Against a 1024 MB Lambda on AWS"):
        assert wanted in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert_nothing_private(deployed, (deployed.folder / "explained.json").read_text(), done.out, done.err)


def test_another_memory_holds_for_the_run_only(deployed: Place) -> None:
    before = function_settings(deployed)
    options = ("--stack", STACK, "--memory", "2048", "--save", "memory.json")
    done = deployed.run("remote", CAT, *RANDOM, *options)
    assert done.code == 0, done.err
    deployment = deployed.saved("memory.json").deployment
    assert deployment is not None
    assert deployment.memory_bytes == 2 << 30
    assert function_settings(deployed) == before


def test_ctrl_c_puts_the_function_back_and_keeps_what_was_measured(deployed: Place) -> None:
    before = function_settings(deployed)
    arguments = ("compare", CAT, *RANDOM, "--stack", STACK, "--cold", "3", "--memory", "2048", "--save", "stopped.json")
    with started(*arguments, folder=deployed.folder, env=deployed.environment) as running:
        running.wait_for("cold start [2-9] of")
        done = running.end()
    assert done.code == 130, done.err
    assert function_settings(deployed) == before
    assert not deployed.saved("stopped.json").finished


def test_a_sweep_tries_sizes_and_puts_the_function_s_own_back(deployed: Place) -> None:
    before = function_settings(deployed)
    options = ("--memory", "1769,2048", "--runs", "2", "--cold", "1", "--stack", STACK, "--save", "tune.json")
    done = deployed.run("tune", CAT, *RANDOM, *options)
    assert done.code == 0, done.err
    assert function_settings(deployed) == before
    saved = deployed.saved("tune.json")
    assert {sample.variant for sample in saved.samples} == {"1769 MB", "2048 MB"}
    assert all(isinstance(sample.outcome, Answer) for sample in saved.samples)
    assert "By balanced, take onnx at" in done.out
    assert_nothing_private(deployed, (deployed.folder / "tune.json").read_text(), done.out, done.err)


def test_a_sweep_that_is_interrupted_puts_the_function_back(deployed: Place) -> None:
    before = function_settings(deployed)
    options = ("--memory", "1769,2048", "--runs", "1000", "--cold", "0", "--stack", STACK, "--save", "cut.json")
    with started("tune", CAT, *RANDOM, *options, folder=deployed.folder, env=deployed.environment) as running:
        running.wait_for("measuring [0-9]+ of")
        assert function_settings(deployed)[0] != before[0]
        done = running.end()
    assert done.code == 130, done.err
    assert function_settings(deployed) == before
    assert deployed.saved("cut.json").samples


def test_the_dashboard_is_shown(deployed: Place) -> None:
    done = deployed.run("dashboard", "--stack", STACK, "--since", "30m", "--html", "dashboard.html")
    assert done.code == 0, done.err
    assert "console.aws.amazon.com/cloudwatch" in done.out
    assert (deployed.folder / "dashboard.html").is_file()


def test_late_figures_are_collected_into_the_file(deployed: Place) -> None:
    text = json.loads((deployed.folder / "run.json").read_text())
    for sample in text["samples"]:
        if sample["side"] == "remote":
            sample["trace"] = sample["report"] = {"kind": "skipped", "reason": "late", "pending": True}
    (deployed.folder / "late.json").write_text(json.dumps(text))
    done = deployed.run("collect", "late.json")
    assert done.code == 0, done.err
    far = [sample for sample in deployed.saved("late.json").samples if sample.side == "remote"]
    assert all(isinstance(each.report, ReportLine) for each in far)
    assert any(isinstance(each.trace, TraceTimes) for each in far)


def test_destroy_leaves_nothing(deployed: Place) -> None:
    done = deployed.run("destroy", "--stack", STACK, "--yes")
    assert done.code == 0, done.err
    again = deployed.run("status", "--stack", STACK)
    assert again.code == 4
    assert STACK in again.error()
