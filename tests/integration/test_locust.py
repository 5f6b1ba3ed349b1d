"""Load by Locust for real: a master and a worker of its own, by the commands that are printed, against servers here."""

from __future__ import annotations

import csv
import itertools
import os
import socket
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from aws_world import ENVIRONMENT, REGION, SECRET, signed_rightly
from emulated import limiter
from factories import make_answer
from handlers import PHOTO
from locusts import find_locust, free_port
from program import environment, run
from resnet_bench import wire
from resnet_bench.inference.model import Model
from resnet_bench.load.commands import LOCUSTFILE, LocustPlan
from resnet_bench.server.local import LocalServer
from servers import ANSWER, receive, reply, serving

LOCUST = find_locust()
PATIENCE_S = 120.0
needs_locust = pytest.mark.skipif(LOCUST is None, reason="Locust is not there: make .locust/bin/locust")


@pytest.fixture(scope="module")
def server(model: Model) -> Iterator[LocalServer]:
    with LocalServer("onnx", model, 1, 1, limiter(), queue_length=1) as started:
        yield started


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """Locust's own statistics, by the request's name."""
    with (folder / "load_stats.csv").open(newline="") as file:
        return {row["Name"]: row for row in csv.DictReader(file)}


def loaded(plan: LocustPlan, folder: Path) -> tuple[int, str]:
    """The exit code and the log of a master with one worker."""
    assert LOCUST is not None
    port = str(free_port())
    variables = environment(**plan.variables)
    worker = [str(LOCUST), *plan.worker("127.0.0.1")[1:], "--master-port", port]
    master = [str(LOCUST), *plan.master(1)[1:], "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
    with subprocess.Popen(
        worker, cwd=folder, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as one:
        try:
            done = subprocess.run(
                master, cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S, check=False
            )
            one.wait(PATIENCE_S)
        finally:
            one.kill()
    return done.returncode, done.stdout + done.stderr


@needs_locust
def test_a_master_and_a_worker_count_the_answers_of_a_server_and_its_refusals_by_their_reason(
    server: LocalServer, tmp_path: Path
) -> None:
    # One call is worked on and one waits: of eight users at once, others are refused.
    code, log = loaded(LocustPlan(server.url, [str(PHOTO)], users=8, duration_s=2), tmp_path)
    assert code == 1, "Locust's own word for failures"
    counted = rows(tmp_path)["chelsea.png"]
    answered = int(counted["Request Count"]) - int(counted["Failure Count"])
    assert answered > 0, log
    with (tmp_path / "load_failures.csv").open(newline="") as file:
        (failure,) = csv.DictReader(file)
    assert "refused: no environment free" in failure["Error"]
    assert failure["Occurrences"] == counted["Failure Count"]


@needs_locust
def test_cold_starts_have_a_row_of_their_own(tmp_path: Path) -> None:
    answers = itertools.chain([make_answer(0.2, side="remote", cold_start=True)], itertools.repeat(ANSWER))

    def handle(connection: socket.socket) -> None:
        for answer in answers:
            headers, body = receive(connection)
            assert (headers[":line"], body) == ("POST /v1/classify HTTP/1.1", PHOTO.read_bytes())
            connection.sendall(reply(wire.encode_answer(answer).encode()))

    with serving(handle) as url:
        code, log = loaded(LocustPlan(f"{url}/v1", [str(PHOTO)], users=1, duration_s=2, raw=True), tmp_path)
    assert code == 0, log
    counted = rows(tmp_path)
    assert counted["chelsea.png (cold start)"]["Request Count"] == "1"
    assert int(counted["chelsea.png"]["Request Count"]) > 0


@needs_locust
def test_signed_calls_are_let_in_wherever_the_package_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(LOCUSTFILE.parents[2]), sysconfig.get_path("purelib")]))

    def handle(connection: socket.socket) -> None:
        while True:
            headers, body = receive(connection)
            method, target, _ = headers.pop(":line").split(" ")
            let_in = signed_rightly(method, target, headers, body, SECRET)
            connection.sendall(reply() if let_in else reply(b"{}", 403))

    with serving(handle) as url:
        code, log = loaded(LocustPlan(f"{url}/v1", [str(PHOTO)], users=1, duration_s=2, sign=REGION), tmp_path)
    assert code == 0, log
    assert int(rows(tmp_path)["chelsea.png"]["Request Count"]) > 0


def test_the_commands_name_the_file_that_the_package_brings(tmp_path: Path) -> None:
    done = run(
        "load", PHOTO, "--url", "https://api.example/prod", "--locust", "--concurrency", "16", "--raw", cwd=tmp_path
    )
    assert done.code == 0, done.err
    assert LOCUSTFILE.is_file()
    master, worker = (line for line in done.out.splitlines() if str(LOCUSTFILE) in line)
    for wanted in ("--master", "--host https://api.example/prod", "--users 16", "--run-time 30s", "--expect-workers"):
        assert wanted in master
    assert worker.startswith(f"RESNET_BENCH_IMAGES={PHOTO} RESNET_BENCH_RAW=1 locust ")
    assert "--worker --master-host MASTER" in worker
    assert list(tmp_path.iterdir()) == []


def test_signed_calls_need_the_package_and_say_so(tmp_path: Path) -> None:
    url = "https://a.execute-api.eu-central-1.amazonaws.com"
    done = run(
        *("load", PHOTO, "--url", url, "--locust", "--sign", "--region", "eu-central-1"),
        cwd=tmp_path,
        env={"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"},
    )
    assert done.code == 0, done.err
    assert "RESNET_BENCH_SIGN=eu-central-1" in done.out
    assert "pip install 'resnet-bench[locust]'   # and AWS credentials" in done.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "needs a function that other machines can reach"),
        (("--url", "https://api.example", "--image", "x"), "Locust calls over HTTP"),
    ],
)
def test_what_locust_cannot_load_is_refused(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = run("load", PHOTO, "--locust", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert says in done.error()


@needs_locust
def test_the_file_sends_what_every_client_of_this_package_sends(tmp_path: Path) -> None:
    code = f"""
import sys
sys.path.insert(0, {str(LOCUSTFILE.parent)!r})
from pathlib import Path
from locustfile import request_of
for raw in (False, True):
    body, content_type = request_of(Path({str(PHOTO)!r}), raw=raw)
    Path(content_type.replace("/", "-")).write_bytes(body)
"""
    assert LOCUST is not None
    subprocess.run([str(LOCUST.with_name("python")), "-c", code], cwd=tmp_path, check=True, timeout=PATIENCE_S)
    assert (tmp_path / "application-json").read_bytes() == wire.encode_request(PHOTO.read_bytes())
    assert (tmp_path / "image-png").read_bytes() == PHOTO.read_bytes()
