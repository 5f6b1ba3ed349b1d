"""The cheapest request of a deployed handler, through both doors, signed, and where something else answers."""

from __future__ import annotations

import socket

import pytest

from aws_world import ENVIRONMENT, REGION
from emulated import emulate
from factories import make_sample
from handlers import emulate_handler
from resnet_bench import wire
from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.signing import Signer
from resnet_bench.errors import ForeignAnswer, HttpError, RemoteError
from resnet_bench.inference.model import Model
from resnet_bench.results.records import ClientTimes, Failed, Skipped
from resnet_bench.runners.invoke import InvokeRunner
from resnet_bench.runners.probe import ProbeRunner
from resnet_bench.runners.remote import RemoteRunner
from servers import PHOTO, Deployed, answering, calling, receive, reply, serving

REFUSAL = wire.encode_fault("no_image", "the request has no body").encode()


def test_a_probe_is_refused_by_the_handler_itself_and_timed_as_any_call(model: Model) -> None:
    with emulate_handler(model, "onnx") as emulated:
        through_api = RemoteRunner(Deployed(emulated.url), "onnx")
        direct = InvokeRunner(Deployed(emulated.url), "onnx", emulated.invoke)
        for runner in (through_api, direct):
            probe = ProbeRunner(runner)
            measured = probe.classify(PHOTO)
            assert isinstance(measured.answer, Failed)
            assert measured.answer.status == 400
            assert "no_image" in measured.answer.message
            client = _client(measured.client)
            assert client.http_status == 400
            assert 0 <= client.prepare_s < client.total_s
            assert client.received_bytes > 0
            probe.close()


def _client(times: ClientTimes | Skipped) -> ClientTimes:
    assert isinstance(times, ClientTimes)
    return times


def test_a_probe_is_signed_like_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    headers: list[dict[str, str]] = []

    def handle(connection: socket.socket) -> None:
        headers.append(receive(connection)[0])
        connection.sendall(reply(REFUSAL, 400))

    sign = Signer(Account(region=REGION), REGION)
    with serving(handle) as url, calling(url, sign=sign) as runner:
        assert isinstance(ProbeRunner(runner).classify(PHOTO).answer, Failed)
    (sent,) = headers
    assert sent[":line"].startswith("POST /classify ")
    assert sent["content-length"] == "0"
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 ")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (reply(b'{"message":"Forbidden"}', 403), HttpError),
        (reply(b'{"message":"Bad Request"}', 400), HttpError),
        (reply(b'{"message":"Service Unavailable"}', 503), HttpError),
        (reply(), ForeignAnswer),
        (reply(b"hello"), ForeignAnswer),
    ],
    ids=["denied", "a gateway's 400", "busy", "an answer", "another server"],
)
def test_what_the_handler_has_not_refused_is_no_probe(answer: bytes, error: type[RemoteError]) -> None:
    with serving(answering(answer)) as url, calling(url) as runner, pytest.raises(error) as caught:
        ProbeRunner(runner).classify(PHOTO)
    assert caught.value.hint


def test_another_function_is_no_probe() -> None:
    with emulate("null.handler") as null, pytest.raises(ForeignAnswer):
        ProbeRunner(InvokeRunner(Deployed(null.url), "onnx", null.invoke)).classify(PHOTO)


def test_nothing_late_is_waited_for_after_a_probe() -> None:
    late = Skipped("not asked for yet", pending=True)
    sample = make_sample("remote", trace=late, report=late)
    with serving(answering(reply(REFUSAL, 400))) as url, calling(url) as runner:
        (completed,) = ProbeRunner(runner).complete([sample])
    for record in (completed.trace, completed.report):
        assert isinstance(record, Skipped)
        assert not record.pending
