"""Locust's part: users who send an image, wait for the answer, and send the next.

It needs Locust and nothing of this package, so that it can be copied by itself to every machine that takes part. Only
signed calls, for an API that wants IAM, need the package there (and AWS credentials). Settings are environment
variables of each worker; the address is Locust's own ``--host``.

    RESNET_BENCH_IMAGES   JPEG or PNG files, with ":" between
    RESNET_BENCH_RAW      1: send the files' bytes as they are, not base64 in JSON
    RESNET_BENCH_SIGN     the API's region: sign every call
"""

from __future__ import annotations

import base64
import itertools
import json
import os
from pathlib import Path

from locust import FastHttpUser, constant, task

_PATH = "/classify"
_RAW_TYPES = {b"\xff\xd8": "image/jpeg", b"\x89P": "image/png"}
_REFUSALS = {429: "refused: throttled (429)", 503: "refused: no environment free, or 30 s over (503)"}


def request_of(path: Path, *, raw: bool) -> tuple[bytes, str]:
    """The body that carries this file, and its content type; the same as every client of this package sends."""
    data = path.read_bytes()
    if raw:
        return data, _RAW_TYPES.get(data[:2], "application/octet-stream")
    body = json.dumps({"image": base64.b64encode(data).decode("ascii")}, separators=(",", ":"))
    return body.encode(), "application/json"


def fault_of(status: int, body: str) -> str:
    """Why this is no answer, in few enough words that Locust can count them by it; empty if it is one."""
    if status in _REFUSALS:
        return _REFUSALS[status]
    try:
        document = json.loads(body)
    except ValueError:
        document = {}
    if status == 200 and "answer" in document:  # noqa: PLR2004 - HTTP's own number
        return ""
    code = document.get("error", {}).get("code", "") if isinstance(document, dict) else ""
    return f"HTTP {status} {code}".strip()


def is_cold(body: str) -> bool:
    """Whether an answer was the first of its environment."""
    return bool(json.loads(body)["answer"]["identity"]["cold_start"])


class Caller(FastHttpUser):
    """One at a time: the load is as many users as Locust is told to spawn. Cold starts stand in a row of their own."""

    wait_time = constant(0)
    connection_timeout = 5.0
    network_timeout = 35.0  # the HTTP API gives up after 30 s, and says so
    insecure = False

    def on_start(self) -> None:
        """Read the files once: on a machine that only loads, the disk is not what is measured."""
        paths = [Path(each) for each in os.environ["RESNET_BENCH_IMAGES"].split(os.pathsep)]
        raw = os.environ.get("RESNET_BENCH_RAW") == "1"
        self._requests = itertools.cycle([(path.name, *request_of(path, raw=raw)) for path in paths])
        self._sign = None
        region = os.environ.get("RESNET_BENCH_SIGN")
        if region:
            from resnet_bench.aws.access.account import Account
            from resnet_bench.aws.access.signing import Signer

            self._sign = Signer(Account(region=region), region)

    @task
    def classify(self) -> None:
        name, body, content_type = next(self._requests)
        headers = {"content-type": content_type, "accept": "application/json"}
        if self._sign is not None:
            headers |= self._sign("POST", f"{self.host.rstrip('/')}{_PATH}", headers, body)
        with self.client.post(_PATH, data=body, headers=headers, name=name, catch_response=True) as response:
            text = response.text or ""
            if not response.status_code:
                return  # no connection: Locust says why
            if fault := fault_of(response.status_code, text):
                response.failure(fault)
            elif is_cold(text):
                response.request_meta["name"] = f"{name} (cold start)"
