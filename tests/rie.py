"""AWS's own Runtime Interface Emulator, for comparing with it: where its binary is, and how it is run and called."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
_START_TIMEOUT_S = 30.0


def find_rie() -> Path | None:
    """``RESNET_BENCH_RIE``, or what ``make .rie/aws-lambda-rie`` has put there."""
    binary = Path(os.environ.get("RESNET_BENCH_RIE", ROOT / ".rie" / "aws-lambda-rie"))
    return binary if os.access(binary, os.X_OK) else None


@dataclass(frozen=True)
class Rie:
    """A running one; it starts the function with the first call."""

    url: str
    log: Path

    def invoke(self, event: Mapping[str, Any], session: httpx.Client | None = None) -> Any:
        """The function's answer to an event, as parsed JSON."""
        response = (session or httpx).post(self.url, content=json.dumps(event), timeout=120.0)
        return json.loads(response.raise_for_status().content)


@contextmanager
def running_rie(
    binary: Path, handler: str, *, folder: Path, variables: Mapping[str, str], task_root: Path = ROOT
) -> Iterator[Rie]:
    """The same runtime client and handler as under our emulator; its log goes into ``folder``."""
    front, runtime_api = (f"127.0.0.1:{_free_port()}" for _ in range(2))
    flags = ["--runtime-interface-emulator-address", front, "--runtime-api-address", runtime_api]
    log = folder / "rie.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binary, *flags, sys.executable, "-m", "awslambdaric", handler],
            cwd=task_root,
            env={"PATH": os.environ["PATH"], "AWS_REGION": "us-east-1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for_listener(front, process, log)
        yield Rie(f"http://{front}/2015-03-31/functions/function/invocations", log)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_listener(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    host, port = address.split(":")
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=1.0):
            return
        time.sleep(0.02)
    raise RuntimeError(f"aws-lambda-rie does not listen: {log.read_text(errors='replace')[-2000:]}")
