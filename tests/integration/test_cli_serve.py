"""``resnet-bench serve`` as a user runs it: the real engine here, the real handler on the emulated Lambda."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from program import CAT, IMAGES, Running, run, started
from resnet_bench.inference.model import Model
from resnet_bench.results.files import load
from sandboxes import wait_until

pytestmark = pytest.mark.usefixtures("model")
ROCKET = IMAGES / "rocket.jpg"


@pytest.fixture(scope="module")
def page(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("served")
    arguments = ("serve", CAT, ROCKET, "--weights", "random", "--port", "0")
    with started(*arguments, folder=folder) as running:
        running.wait_for("Ctrl-C ends it")
        yield running
        done = running.end()
        assert done.code == 0, done.err
        assert done.err.splitlines()[-1] == "ended"
        running.assert_nothing_is_left()


def address(running: Running) -> str:
    return running.wait_for(r"open (http://127\.0\.0\.1:\d+)/")[1]


def classify(running: Running, photo: Path = ROCKET, **query: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{address(running)}/classify",
        params={"name": photo.name, **query},
        content=photo.read_bytes(),
        headers={"content-type": "image/jpeg" if photo.suffix == ".jpg" else "image/png"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def finished(running: Running, number: int) -> dict[str, Any]:
    """With its trace and REPORT line."""
    url = f"{address(running)}/classifications/{number}"
    wait_until(lambda: httpx.get(url).json()["state"] == "done", "X-Ray has told all")
    found: dict[str, Any] = httpx.get(url).json()
    return found


def test_it_says_what_is_compared_and_where_the_page_is(page: Running) -> None:
    assert "Lambda: emulated, 1024 MB, 0.58 vCPU" in page.err
    assert "untrained weights" in page.err
    assert page.out == ""
    shown = httpx.get(address(page)).text
    assert "emulated, 1024 MB" in shown
    assert "untrained weights" in shown
    assert "rocket.jpg" in shown


def test_both_sides_really_classify_and_xray_and_report_arrive(page: Running) -> None:
    first = classify(page)
    assert first["agree"] is True
    assert first["local"]["outcome"]["runtime"]["trained"] is False
    done = finished(page, first["id"])
    assert done["remote"]["trace"]["http_status"] == 200
    assert done["remote"]["trace"]["trace_id"] == done["remote"]["outcome"]["identity"]["trace_id"]
    assert done["remote"]["report"]["request_id"] == done["remote"]["outcome"]["identity"]["request_id"]
    page.wait_for(rf"{first['id']}  rocket\.jpg  local [\d.,]+ m?s, Lambda [\d.,]+ m?s")


def test_a_cold_start_is_one_by_the_platforms_account_too(page: Running) -> None:
    classify(page)
    assert classify(page)["remote"]["phase"] == "warm"
    cold = classify(page, cold="1")
    assert cold["remote"]["phase"] == cold["local"]["phase"] == "cold"
    # Not by its trace: X-Ray samples, and this may be the second call of a second.
    assert finished(page, cold["id"])["remote"]["report"]["init_s"] > 0


def test_a_saved_session_is_shown_and_reported_by_the_other_commands(page: Running, tmp_path: Path) -> None:
    finished(page, classify(page, Path(CAT))["id"])
    name = httpx.post(f"{address(page)}/results").json()["name"]
    folder = next(Path(f"/proc/{page.process.pid}/cwd").resolve().glob("results"))
    assert load(folder / name).settings.command == "serve"
    shown = run("show", folder / name, cwd=tmp_path)
    assert shown.code == 0, shown.err
    assert "resnet-bench serve, onnx" in shown.out
    drawn = run("report", folder / name, "-o", "page.html", cwd=tmp_path)
    assert drawn.code == 0, drawn.err


def test_a_killed_environment_is_said_and_the_next_call_meets_a_fresh_one(page: Running) -> None:
    classify(page)
    killed = [pid for pid in functions(page.process.pid) if kill(pid)]
    assert killed
    failed = classify(page)
    assert failed["local"]["outcome"]["kind"] == "answer"
    if failed["remote"]["outcome"]["kind"] == "failed":  # unless its end had been seen before the call
        assert failed["hints"]["remote"]
        failed = classify(page)
    assert failed["remote"]["phase"] == "cold"


def functions(parent: int) -> list[int]:
    """The children of a process that run the handler; other tests on this machine may have such, too."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                above = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if above == parent and b"awslambdaric" in words and b"resnet_bench.handler.handler" in words:
                found.append(int(entry.name))
    return found


def kill(pid: int) -> bool:
    os.kill(pid, signal.SIGKILL)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_the_middle_of_a_classification_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with started("serve", CAT, "--weights", "random", "--port", "0", folder=tmp_path) as running:
        url = address(running)
        queued = httpx.post(
            f"{url}/classify",
            content=Path(CAT).read_bytes(),
            headers={"content-type": "image/png", "prefer": "respond-async"},
        )
        assert queued.status_code == 202
        done = running.end(number)
        assert done.code == 0, done.err
        assert done.err.splitlines()[-1] == "ended"
        running.assert_nothing_is_left()


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run("serve", CAT, "--weights", "random", "--port", port, cwd=tmp_path)
    assert done.code == 3
    assert f"cannot listen on 127.0.0.1:{port}" in done.error()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--host", "0.0.0.0"), 2, "whoever reaches this machine"),
        (("--token", "short"), 2, "at least 16 characters"),
        (("--token", "auto", "--no-auth"), 2, "contradict"),
        (("nothing.jpg",), 3, "no such image"),
        (("--host", "192.0.2.1", "--no-auth", "--port", "0", "--weights", "random"), 3, "cannot listen"),
    ],
)
def test_what_cannot_be_served_is_said_first(tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run("serve", *arguments, cwd=tmp_path)
    assert done.code == code
    assert said in done.error()


def test_on_another_address_it_says_what_that_exposes_and_wants_the_token(tmp_path: Path) -> None:
    arguments = ("--host", "0.0.0.0", "--token", "auto", "--weights", "random", "--port", "0")
    with started("serve", CAT, *arguments, folder=tmp_path) as running:
        found = running.wait_for(r"open http://[^:]+:(\d+)/(\?token=\S+)")
        assert "exposed on 0.0.0.0" in running.err
        assert "plain HTTP" in running.err
        here = f"http://127.0.0.1:{found[1]}/"
        assert httpx.get(here).status_code == 401
        with httpx.Client(follow_redirects=True) as browser:
            assert browser.get(here + found[2]).status_code == 200
        assert running.end().code == 0


def test_a_lambda_elsewhere_is_called_by_its_address_until_it_is_gone(tmp_path: Path) -> None:
    with started("emulate", "--weights", "random", folder=made(tmp_path / "there")) as there:
        function, aws = (there.wait_for(rf"{what} +(http://127\.0\.0\.1:\d+)")[1] for what in ("HTTP API", "AWS calls"))
        arguments = ("--url", function, "--aws-url", aws, "--weights", "random", "--port", "0")
        with started("serve", CAT, *arguments, folder=made(tmp_path / "here")) as running:
            found = finished(running, classify(running)["id"])
            assert found["remote"]["trace"]["kind"] == "trace"
            assert "cannot be forced" in httpx.get(address(running)).text
            assert there.end().code == 0
            gone = classify(running)
            assert gone["local"]["outcome"]["kind"] == "answer"
            assert gone["remote"]["outcome"]["error"] == "ConnectError"
            assert "Connection refused" in gone["remote"]["outcome"]["message"]
            running.wait_for(r"2  rocket\.jpg  local [\d.]+ ms, Lambda no answer")
            assert running.end().code == 0


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder
