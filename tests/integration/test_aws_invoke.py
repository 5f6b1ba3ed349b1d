"""Lambda's Invoke as this program uses it: against the emulated Lambda, moto, and servers that refuse and stall."""

from __future__ import annotations

import io
import json
import socket
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from aws_world import signed_rightly
from emulated import call, emulate, reports, wait_until
from resnet_bench.aws.access import clients
from resnet_bench.aws.access.clients import client
from resnet_bench.aws.function.invoke import Invoker
from resnet_bench.aws.traces.xray import fetch_documents
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.errors import AwsError, HttpError, RemoteTimeout
from resnet_bench.results.records import ReportLine, Skipped
from resnet_bench.trace_header import parse_header
from servers import Handler, receive, reply, serving

NAME = "resnet-bench"


@pytest.fixture(scope="module")
def probe() -> Iterator[EmulatedLambda]:
    with emulate(concurrency=1) as emulated:
        yield emulated


@pytest.fixture(scope="module")
def invoke(probe: EmulatedLambda) -> Iterator[Invoker]:
    functions = client("lambda", endpoint_url=probe.aws_url)
    yield Invoker(functions, NAME)
    functions.close()


def order(do: str, **rest: Any) -> bytes:
    return json.dumps({"do": do, **rest}).encode()


@contextmanager
def invoking(url: str, name: str = NAME) -> Iterator[Invoker]:
    functions = client("lambda", endpoint_url=url)
    try:
        yield Invoker(functions, name)
    finally:
        functions.close()


# --- the emulated Lambda ------------------------------------------------------------------------------------------


def test_an_invocation_brings_its_answer_and_its_report_line(invoke: Invoker, probe: EmulatedLambda) -> None:
    done = invoke(order("answer", reply={"a": 1}))
    assert json.loads(done.payload) == {"a": 1}
    assert done.function_error is None
    assert isinstance(done.report, ReportLine)
    assert done.report.request_id == done.request_id
    assert done.report in reports(probe)


def test_every_invocation_is_traced_under_the_id_that_was_asked_for(invoke: Invoker, probe: EmulatedLambda) -> None:
    """Without being asked for, the emulated X-Ray traces one call a second, as the real one does."""
    asked, seen = set(), set()
    for _ in range(4):
        done = invoke(order("environment"))
        header = parse_header(json.loads(done.payload)["variables"]["_X_AMZN_TRACE_ID"])
        assert header.sampled is True
        asked.add(parse_header(done.trace_header).trace_id)
        seen.add(header.trace_id)
    assert asked == seen
    assert len(seen) == 4
    xray = client("xray", endpoint_url=probe.aws_url)
    wait_until(lambda: fetch_documents(xray, seen)[0].keys() == seen, "the traces")
    xray.close()


def test_a_function_that_fails_is_an_invocation_with_its_error(invoke: Invoker) -> None:
    done = invoke(order("fail", message="a mistake"))
    assert done.function_error == "Unhandled"
    failure = json.loads(done.payload)
    assert (failure["errorType"], failure["errorMessage"]) == ("ValueError", "a mistake")
    assert isinstance(done.report, ReportLine)


def test_one_invocation_too_many_is_an_answer_429(invoke: Invoker, probe: EmulatedLambda, tmp_path: Path) -> None:
    gate, arrived = tmp_path / "gate", tmp_path / "arrived"
    arrived.mkdir()
    functions = client("lambda", endpoint_url=probe.aws_url)
    waiting = order("wait_for", path=str(gate), arrived=str(arrived))
    functions.invoke(FunctionName=NAME, InvocationType="Event", Payload=waiting)
    functions.close()
    wait_until(lambda: any(arrived.iterdir()), "the event in the function")
    with pytest.raises(HttpError, match="AWS is throttling") as caught:
        invoke(order("who"))
    gate.touch()
    assert (caught.value.status, caught.value.transient, caught.value.retry_after_s) == (429, True, None)
    assert "concurrency" in caught.value.hint
    wait_until(lambda: call(probe, "who").status_code == 200, "the environment to be free")


def test_a_function_that_does_not_exist_is_named_and_not_asked_again(probe: EmulatedLambda) -> None:
    with invoking(probe.aws_url, "another") as invoke, pytest.raises(AwsError) as caught:
        invoke(b"{}")
    assert caught.value.message.startswith("lambda:InvokeFunction failed: the resource does not exist")
    assert not caught.value.transient


# --- moto, and the wire -------------------------------------------------------------------------------------------


def test_moto_answers_an_invocation_with_a_forced_trace(moto_url: str) -> None:
    settings = json.dumps({"lambda": {"use_docker": False}}).encode()
    headers = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{moto_url}/moto-api/config", settings, headers)).close()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.py", "")
    roles, functions = (client(service, endpoint_url=moto_url) for service in ("iam", "lambda"))
    role = roles.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName=NAME, Runtime="python3.13", Role=role, Handler="a.h", Code={"ZipFile": archive.getvalue()}
    )
    done = Invoker(functions, NAME)(b"{}")
    assert done.function_error is None
    assert done.request_id
    for each in (roles, functions):
        each.close()


def test_the_trace_header_is_sent_and_leaves_the_signature_whole() -> None:
    received: list[tuple[dict[str, str], bytes]] = []

    def handle(connection: socket.socket) -> None:
        received.append(receive(connection))
        connection.sendall(reply(b"{}"))

    with serving(handle) as url, invoking(url) as invoke:
        done = invoke(b'{"a": 1}')
    ((headers, body),) = received
    header = parse_header(headers["x-amzn-trace-id"])
    assert headers["x-amzn-trace-id"] == done.trace_header
    assert header.sampled is True
    assert header.parent_id is not None
    assert "x-amzn-trace-id" not in headers["authorization"], "a proxy may add to it"
    method, target, _ = headers[":line"].split(" ")
    assert signed_rightly(method, target, headers, body, secret="emulated")
    assert done.report == Skipped("the invocation came without a log tail", pending=True)


def refusing(status: int, error: str, **headers: str) -> Handler:
    def handle(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(reply(b'{"message": "No."}', status, x_amzn_errortype=error, **headers))

    return handle


@pytest.mark.parametrize(
    ("asked", "seconds"), [("7", 7.0), ("1e308", 1e308), ("nan", None), ("inf", None), ("-1", None), ("soon", None)]
)
def test_a_throttled_caller_is_told_how_long_to_wait(asked: str, seconds: float | None) -> None:
    busy = refusing(429, "TooManyRequestsException", retry_after=asked)
    with serving(busy) as url, invoking(url) as invoke, pytest.raises(HttpError) as caught:
        invoke(b"{}")
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "error", "transient"),
    [(500, "ServiceException", True), (403, "AccessDeniedException", False), (403, "ExpiredTokenException", False)],
)
def test_an_invocation_is_never_repeated_behind_the_callers_back(status: int, error: str, transient: bool) -> None:
    calls: list[int] = []

    def handle(connection: socket.socket) -> None:
        calls.append(1)
        refusing(status, error)(connection)

    with serving(handle) as url, invoking(url) as invoke, pytest.raises(AwsError) as caught:
        invoke(b"{}")
    assert (len(calls), caught.value.transient) == (1, transient)
    assert caught.value.message.startswith("lambda:InvokeFunction failed: ")


def test_a_function_that_does_not_answer_in_time_is_a_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_INVOKE_TIMEOUT_S", 0.3)

    def stall(connection: socket.socket) -> None:
        receive(connection)
        connection.recv(1)  # until the client has had enough

    with serving(stall) as url, invoking(url) as invoke, pytest.raises(RemoteTimeout, match=r"within 0\.3 s"):
        invoke(b"{}")


def test_an_answer_that_breaks_off_may_be_asked_for_again() -> None:
    def half(connection: socket.socket) -> None:
        receive(connection)
        connection.sendall(reply(b"{}", length=100))

    with serving(half) as url, invoking(url) as invoke, pytest.raises(AwsError) as caught:
        invoke(b"{}")
    assert caught.value.transient
