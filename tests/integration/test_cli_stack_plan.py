"""What ``deploy`` tells, asks and refuses before it makes anything."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time

import pytest

from aws_world import REGION
from program import PROGRAM, environment
from stack_commands import IMAGE, NOBODY, Aws


def test_the_dry_run_changes_nothing(aws: Aws) -> None:
    done = aws.run("deploy", "--dry-run")
    assert done.code == 0, done.err
    assert "AWS was not asked" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    assert not any(aws.made().values())
    assert not [line for line in aws.world.calls if "Create" in line or "Delete" in line]


def test_the_dry_run_needs_no_credentials_and_makes_no_connection(aws: Aws) -> None:
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), aws.world.url)
    done = aws.run("deploy", "--dry-run", **NOBODY, **proxies)
    assert done.code == 0, done.err
    assert "AWS was not asked whether it exists" in done.out
    assert "list prices of us-east-1" in done.out
    assert aws.world.calls == []


def test_the_plan_is_also_a_document(aws: Aws) -> None:
    done = aws.run("deploy", "--dry-run", "--public", "--json", **NOBODY)
    plan = json.loads(done.out)
    assert plan["exists"] is None
    assert {each["action"] for each in plan["changes"]} == {"create"}
    assert float(plan["costs"]["a month in which nobody calls"]["usd"]) == 3.15
    for group in plan["costs"].values():
        assert all(item["source"].startswith("https://aws.amazon.com/") for item in group["items"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--engine", "tensorflow"), "unknown engine"),
        (("--arch", "riscv"), "--arch is riscv"),
        (("--stack", "My_Stack"), "cannot be the name of a stack"),
        (("--image", "docker.io/library/python"), "is not an image in ECR"),
        (("--image", IMAGE.replace(REGION, "us-east-1"), "--yes"), "the image is in us-east-1"),
        (("--image", IMAGE), "nobody can be asked"),
        (("--image", IMAGE, "--json"), "nothing can be asked"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_before_anything_is_made(
    aws: Aws, arguments: tuple[str, ...], words: str
) -> None:
    done = aws.run("deploy", *arguments)
    assert done.code == 2
    assert words in done.error()
    assert not any(aws.made().values())


def answered(aws: Aws, answer: bytes | signal.Signals, *arguments: str) -> tuple[int, str]:
    """Run on a terminal, and type ``answer`` or send it; exit code and all that was printed."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        cwd=aws.folder,
        env=environment(**aws.environment),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    shown = b""
    try:
        while b"[y/N]" not in shown:
            shown += os.read(master, 4096)
        if isinstance(answer, signal.Signals):
            # One that comes between the question and the reading of its answer waits for a key: people press again.
            while process.poll() is None:
                process.send_signal(answer)
                time.sleep(0.5)
        else:
            os.write(master, answer)
        while chunk := _read(master):
            shown += chunk
        process.wait(60)
    finally:
        process.kill()
        process.wait()
        os.close(master)
    return process.returncode, shown.decode()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 4096)
    except OSError:  # Linux' way to say that the other end has closed
        return b""


def test_yes_on_a_terminal_goes_on_and_no_changes_nothing(aws: Aws) -> None:
    code, shown = answered(aws, b"n\n", "deploy", "--image", IMAGE)
    assert (code, "nothing was changed" in shown) == (130, True)
    assert not any(aws.made().values())
    code, shown = answered(aws, b"y\n", "deploy", "--image", IMAGE)
    assert code == 0, shown
    assert "deployed: resnet-bench" in shown
    code, shown = answered(aws, signal.SIGINT, "destroy")
    assert (code, "nothing was changed" in shown) == (130, True)
    assert aws.made()["stacks"] == ["resnet-bench"]
