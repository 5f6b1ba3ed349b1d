"""The emulated Lambda as the remote runner sees it, when calls fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from emulated import FUNCTIONS, limiter, wait_until
from resnet_bench.cli.targets.emulated import EmulatedEndpoint
from resnet_bench.emulator.function import Function
from resnet_bench.errors import HttpError, RemoteError, RemoteTimeout
from resnet_bench.sandbox.session import is_running


@pytest.fixture
def endpoint() -> Iterator[EmulatedEndpoint]:
    made = EmulatedEndpoint(Function("probe.handler", task_root=str(FUNCTIONS), memory_mb=512), limiter())
    yield made
    made.close()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RemoteTimeout("no answer within 35 s", "wait"), "no answer within 35 s"),
        (HttpError("503", "wait", status=503), "the HTTP API gave up on the function, which was stopped"),
    ],
    ids=["the client's own time-out", "the gateway's"],
)
def test_after_a_call_that_timed_out_nothing_of_it_runs_any_more(
    endpoint: EmulatedEndpoint, tmp_path: Path, error: RemoteError, told: str
) -> None:
    order = {"do": "wait_for", "path": str(tmp_path / "never"), "arrived": str(tmp_path)}
    caller = threading.Thread(target=lambda: httpx.post(endpoint.url, json=order, timeout=60.0))
    caller.start()
    wait_until(lambda: any(tmp_path.iterdir()), "the call in the function")
    (pid,) = tmp_path.iterdir()
    explained = endpoint.explain(error)
    assert not is_running(int(pid.name))
    assert explained.message == told
    assert isinstance(explained, RemoteTimeout)
    caller.join()
    assert httpx.post(endpoint.url, json={"do": "who"}, timeout=60.0).json()["count"] == 1


def test_a_failure_shows_what_the_function_has_logged_since_the_last_one(endpoint: EmulatedEndpoint) -> None:
    for message in ("first mistake", "second mistake"):
        answered = httpx.post(endpoint.url, json={"do": "fail", "message": message}, timeout=60.0)
        explained = endpoint.explain(HttpError("500", "look", status=answered.status_code))
        assert message in explained.details
    assert "first mistake" not in explained.details
