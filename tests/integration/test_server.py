"""The classifier as a server process: the handler's answers to the same requests, and a process that ends as asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from emulated import limiter
from handlers import PHOTO, bomb, emulate_handler
from resnet_bench import wire
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.errors import EngineError, SetupError
from resnet_bench.http_event import JSON_TYPE
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer
from resnet_bench.sandbox.session import is_running, process_state
from resnet_bench.server.local import LocalServer
from sandboxes import wait_until

PATIENCE_S = 60.0
IMAGE = PHOTO.read_bytes()
JPEG = (PHOTO.parent / "rocket.jpg").read_bytes()
# Method, path, content type, body.
Request = tuple[str, str, str, bytes]
SERVED: dict[str, Request] = {
    "JSON": ("POST", "/classify", JSON_TYPE, wire.encode_request(IMAGE)),
    "JSON with a charset": ("POST", "/classify", "application/json; charset=utf-8", wire.encode_request(JPEG)),
    "JSON by another name": ("POST", "/classify", "application/octet-stream", wire.encode_request(IMAGE)),
    "JSON without a name": ("POST", "/classify", "", wire.encode_request(IMAGE)),
    "a raw PNG": ("POST", "/classify", "image/png", IMAGE),
    "a raw JPEG": ("POST", "/classify", "IMAGE/JPEG", JPEG),
    "a stage before the path": ("POST", "/prod/classify", "image/png", IMAGE),
}
REFUSED: dict[str, tuple[Request, int]] = {
    "no body": (("POST", "/classify", JSON_TYPE, b""), 400),
    "not JSON": (("POST", "/classify", JSON_TYPE, b"image"), 400),
    "no text at all": (("POST", "/classify", JSON_TYPE, b"\xff\xfe"), 400),
    "JSON without an image": (("POST", "/classify", JSON_TYPE, b'{"picture": ""}'), 400),
    "bad base64": (("POST", "/classify", JSON_TYPE, b'{"image": "a b"}'), 400),
    "an empty image": (("POST", "/classify", JSON_TYPE, b'{"image": ""}'), 400),
    "text for an image": (("POST", "/classify", "image/jpeg", b"hello"), 400),
    "half a photograph": (("POST", "/classify", "image/png", IMAGE[: len(IMAGE) // 2]), 400),
    "an image by another name": (("POST", "/classify", "application/octet-stream", IMAGE), 400),
    "too many pixels": (("POST", "/classify", "image/png", bomb()), 413),
    "another path": (("POST", "/other", JSON_TYPE, b"{}"), 404),
    "another method": (("GET", "/classify", "", b""), 405),
    "half a character": (("POST", "/\N{SNOWMAN}", JSON_TYPE, b"{}"), 404),
}


@pytest.fixture(scope="module")
def server(model: Model) -> Iterator[LocalServer]:
    with LocalServer("onnx", model, 1, 2, limiter()) as started:
        yield started


@pytest.fixture(scope="module")
def function(model: Model) -> Iterator[EmulatedLambda]:
    with emulate_handler(model, "onnx") as emulated:
        yield emulated


def send(url: str, request: Request) -> httpx.Response:
    method, path, content_type, body = request
    headers = {"content-type": content_type} if content_type else {}
    return httpx.request(method, url + path, content=body, headers=headers, timeout=PATIENCE_S)


@pytest.mark.parametrize("name", SERVED)
def test_the_server_classifies_what_the_handler_does_and_as_it_does(
    name: str, server: LocalServer, function: EmulatedLambda
) -> None:
    here, there = (send(url, SERVED[name]) for url in (server.url, function.url))
    assert (here.status_code, there.status_code) == (200, 200), (here.text, there.text)
    assert here.headers["content-type"] == there.headers["content-type"] == "application/json"
    ours, theirs = (wire.decode_answer(each.content) for each in (here, there))
    assert ours.predictions == theirs.predictions
    assert (ours.original_size, ours.processed_size) == (theirs.original_size, theirs.processed_size)
    assert (ours.stages.json_parse_s is None) == (theirs.stages.json_parse_s is None)


@pytest.mark.parametrize("name", REFUSED)
def test_the_server_refuses_what_the_handler_does_and_in_the_same_words(
    name: str, server: LocalServer, function: EmulatedLambda
) -> None:
    request, status = REFUSED[name]
    here, there = (send(url, request) for url in (server.url, function.url))
    assert (here.status_code, there.status_code) == (status, status)
    assert here.content == there.content
    assert here.headers.get("allow") == there.headers.get("allow")


def test_a_request_beyond_lambdas_limit_is_413_with_a_reason(server: LocalServer) -> None:
    reply = send(server.url, ("POST", "/classify", "image/jpeg", bytes(wire.EVENT_LIMIT_BYTES + 1)))
    assert reply.status_code == 413
    fault = wire.decode_fault(reply.content)
    assert fault is not None
    assert fault.code == "image_too_large"


def test_a_page_of_the_web_gets_no_permission_to_read_the_answers(server: LocalServer) -> None:
    headers = {"content-type": "image/png", "origin": "https://page.example"}
    reply = httpx.post(f"{server.url}/classify", content=IMAGE, headers=headers, timeout=PATIENCE_S)
    assert "access-control-allow-origin" not in reply.headers
    headers = {**headers, "host": "page.example"}
    assert httpx.post(f"{server.url}/classify", content=IMAGE, headers=headers).status_code == 403


def test_calls_at_once_are_all_answered_by_one_process_and_counted(server: LocalServer) -> None:
    def call(_: int) -> Answer:
        return wire.decode_answer(send(server.url, SERVED["a raw PNG"]).content)

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(call, range(12)))
    assert len({answer.identity.environment_id for answer in answers}) == 1
    assert len({answer.identity.invocation_count for answer in answers}) == 12
    assert not any(answer.identity.cold_start for answer in answers)
    assert len({answer.predictions for answer in answers}) == 1
    assert {answer.runtime.threads_count for answer in answers} == {1}


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_beyond_the_queue_calls_are_refused_with_503_and_the_rest_answered(engine: str, model: Model) -> None:
    with LocalServer(engine, model, 1, 1, limiter(), queue_length=0) as server, ThreadPoolExecutor(8) as callers:
        replies = list(callers.map(lambda _: send(server.url, SERVED["JSON"]), range(24)))
    statuses = [reply.status_code for reply in replies]
    assert {*statuses} == {200, 503}, "eight callers, and room for one"
    refused = replies[statuses.index(503)]
    fault = wire.decode_fault(refused.content)
    assert fault is not None
    assert fault.code == "busy"
    assert refused.headers["retry-after"] == "1"


def test_closing_ends_the_process_and_frees_its_port_also_when_it_is_frozen(model: Model) -> None:
    server = LocalServer("onnx", model, 1, 1, limiter())
    assert send(server.url, SERVED["JSON"]).status_code == 200
    server.freeze()
    server.close()
    server.close()
    assert not is_running(server.pid)
    with pytest.raises(httpx.ConnectError):
        send(server.url, SERVED["JSON"])


def test_a_server_ends_by_itself_when_its_parent_is_killed(model: Model) -> None:
    code = f"""
import sys, time
from resnet_bench.inference.model import Model
from resnet_bench.sandbox.limits import choose
from resnet_bench.server.local import LocalServer
server = LocalServer("onnx", Model.open({str(model.folder)!r}), 1, 1, choose("none")[0])
print(server.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert process_state(pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not is_running(pid), "the server to end with its parent")


def test_a_server_that_cannot_load_its_engine_says_why(model: Model, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes((model.folder / "manifest.json").read_bytes())
    with pytest.raises(EngineError, match=r"has no resnet50\.(optimised\.)?onnx"):
        LocalServer("onnx", Model.open(tmp_path), 1, 1, limiter())


def test_a_port_that_is_taken_is_a_set_up_error(server: LocalServer, model: Model) -> None:
    with pytest.raises(SetupError, match="cannot listen"):
        LocalServer("onnx", model, 1, 1, limiter(), port=server.port)
