"""Signed calls to a real server that computes each signature anew from what it received, and refuses wrong ones."""

from __future__ import annotations

import json
import logging
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from botocore.credentials import ReadOnlyCredentials

from aws_world import ENVIRONMENT, KEY, REGION, SECRET, signed_rightly
from resnet_bench.aws.access.account import Account
from resnet_bench.aws.access.signing import Signer
from resnet_bench.errors import AwsError, HttpError
from resnet_bench.results.records import ClientTimes
from resnet_bench.runners.base import Photo
from servers import ANSWER, IMAGES, PHOTO, Handler, answering, calling, receive, reply, serving

TOKEN = "a-token-that-must-not-be-printed"
MISMATCH = json.dumps({"message": "The request signature we calculated does not match the one you provided."}).encode()


class Request(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Gateway:
    """Answers what is signed with ``secret``, and refuses all else as a REST API does."""

    def __init__(self, secret: str = SECRET) -> None:
        self.secret = secret
        self.received: list[Request] = []

    def __call__(self, connection: socket.socket) -> None:
        while True:
            headers, body = receive(connection)
            method, target, _ = headers.pop(":line").split(" ")
            self.received.append(Request(method, target, headers, body))
            connection.sendall(self._answer(method, target, headers, body))

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> bytes:
        if "authorization" not in headers:
            unsigned = b'{"message":"Missing Authentication Token"}'
            return reply(unsigned, 403, x_amzn_errortype="MissingAuthenticationTokenException")
        if signed_rightly(method, target, headers, body, self.secret):
            return reply()
        return reply(MISMATCH, 403, x_amzn_errortype="InvalidSignatureException")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Those of ``ENVIRONMENT`` and no others: not from files, not from an instance's metadata."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    elsewhere = {name: str(tmp_path / "none") for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    for name, value in {**ENVIRONMENT, **elsewhere, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


# --- what is let in -----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("path", ["", "/prod", "/a/stage", "/st%C3%A4ge", "/one+two~three", "/prod/classify"])
def test_a_signed_call_is_let_in(path: str, raw: bool) -> None:
    gateway = Gateway()
    with serving(gateway) as url, calling(url + path, raw=raw, sign=Signer(Account(region=REGION), REGION)) as runner:
        assert runner.classify(PHOTO).answer == ANSWER
    (request,) = gateway.received
    assert request.target == path.removesuffix("/classify") + "/classify"
    assert f"Credential={KEY}/" in request.headers["authorization"]
    assert f"/{REGION}/execute-api/aws4_request" in request.headers["authorization"]


def test_a_session_sends_its_token_and_signs_it(credentials: pytest.MonkeyPatch) -> None:
    credentials.setenv("AWS_SESSION_TOKEN", TOKEN)
    gateway = Gateway()
    with serving(gateway) as url, calling(url, sign=Signer(Account(region=REGION), REGION)) as runner:
        runner.classify(PHOTO)
    (request,) = gateway.received
    assert request.headers["x-amz-security-token"] == TOKEN
    assert signed_names(request) == ["content-type", "host", "x-amz-date", "x-amz-security-token"]


@pytest.mark.usefixtures("credentials")
def test_only_headers_that_a_proxy_leaves_alone_are_signed() -> None:
    gateway = Gateway()
    with serving(gateway) as url, calling(url, sign=Signer(Account(region=REGION), REGION)) as runner:
        runner.classify(PHOTO)
    (request,) = gateway.received
    assert signed_names(request) == ["content-type", "host", "x-amz-date"]
    changed = request.headers | {"user-agent": "a proxy", "accept-encoding": "gzip", "via": "1.1 a proxy"}
    assert signed_rightly(request.method, request.target, changed, request.body)


def signed_names(request: Request) -> list[str]:
    found = re.search(r"SignedHeaders=([^,]+)", request.headers["authorization"])
    assert found
    return found[1].split(";")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("what", ["body", "path", "content-type", "x-amz-date", "host"])
def test_what_is_changed_on_the_way_is_noticed(what: str) -> None:
    """The server of these tests can refuse: without that, the ones above would hold nothing."""
    gateway = Gateway()
    with serving(gateway) as url, calling(url, sign=Signer(Account(region=REGION), REGION)) as runner:
        runner.classify(PHOTO)
    (sent,) = gateway.received
    changed = sent.headers | {what: "20200101T000000Z"} if what in sent.headers else sent.headers
    target = "/other" if what == "path" else sent.target
    body = sent.body + b" " if what == "body" else sent.body
    assert not signed_rightly(sent.method, target, changed, body)


def test_each_call_is_signed_with_the_credentials_of_the_moment() -> None:
    class Refreshing:
        """An account whose keys change each time that they are asked for."""

        asked = 0

        def credentials(self) -> ReadOnlyCredentials:
            self.asked += 1
            return ReadOnlyCredentials(f"KEY{self.asked}", SECRET, None)

    gateway = Gateway()
    sign = Signer(Refreshing(), REGION)  # type: ignore[arg-type]
    with serving(gateway) as url, calling(url, sign=sign) as runner:
        for _ in range(2):
            runner.classify(PHOTO)
    keys = [re.search(r"Credential=(\w+)/", each.headers["authorization"]) for each in gateway.received]
    assert [key[1] for key in keys if key] == ["KEY2", "KEY3"], "the first was asked for when the signer was made"


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("credentials")
def test_a_wrong_secret_is_refused_and_explained() -> None:
    error = refused(Gateway("another secret"), sign=Signer(Account(region=REGION), REGION))
    assert error.message.endswith("answered 403: the signature does not match or has expired")
    assert "clock" in error.hint
    assert "secret key" in error.hint


def test_a_call_without_a_signature_is_told_how_to_sign() -> None:
    error = refused(Gateway())
    assert "answered 403: it found no signature" in error.message
    assert "--stack" in error.hint
    assert "--sign" in error.hint


@pytest.mark.usefixtures("credentials")
def test_an_http_api_says_forbidden_whatever_the_reason_so_all_are_named() -> None:
    error = refused(answering(reply(b'{"message":"Forbidden"}', 403)), sign=Signer(Account(region=REGION), REGION))
    assert error.message.endswith('answered 403: {"message":"Forbidden"}')
    for cause in ("execute-api:Invoke", "--region", "clock"):
        assert cause in error.hint


@pytest.mark.usefixtures("credentials")
def test_a_denied_caller_is_told_what_to_allow_and_whose_account_it_is_stays_out() -> None:
    told = (
        b'{"Message":"User: arn:aws:iam::123456789012:user/me is not authorized to perform: execute-api:Invoke on '
        b'resource: arn:aws:execute-api:eu-west-1:********9012:abcdef/prod/POST/classify"}'
    )
    error = refused(answering(reply(told, 403)), sign=Signer(Account(region=REGION), REGION))
    assert error.message.endswith("answered 403: execute-api:Invoke is denied to the caller")
    assert "allow execute-api:Invoke" in error.hint


@pytest.mark.usefixtures("credentials")
def test_a_session_that_has_expired_is_told_to_be_renewed() -> None:
    told = b'{"message":"The security token included in the request is expired"}'
    assert "log in again" in refused(answering(reply(told, 403)), sign=Signer(Account(region=REGION), REGION)).hint


def refused(handle: Handler, **options: object) -> HttpError:
    with serving(handle) as url, calling(url, **options) as runner, pytest.raises(HttpError) as caught:
        runner.classify(PHOTO)
    assert (caught.value.status, caught.value.transient) == (403, False)
    return caught.value


def test_without_credentials_there_is_no_signer(credentials: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        credentials.delenv(name)
    with pytest.raises(AwsError, match="no AWS credentials were found") as caught:
        Signer(Account(region=REGION), REGION)
    assert "aws configure" in caught.value.hint


# --- what it costs, and what it keeps to itself -------------------------------------------------------------------


def test_signing_is_part_of_preparing_and_of_the_total() -> None:
    now_s = [100.0]

    def slow_sign(*_: object) -> dict[str, str]:
        now_s[0] += 5.0
        return {}

    with serving(answering(reply())) as url, calling(url, sign=slow_sign, clock=lambda: now_s[0]) as runner:
        client = runner.classify(PHOTO).client
    assert isinstance(client, ClientTimes)
    assert (client.prepare_s, client.total_s) == (5.0, 5.0)


def test_no_secret_reaches_a_log_or_an_error(credentials: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    credentials.setenv("AWS_SESSION_TOKEN", TOKEN)
    with caplog.at_level(logging.DEBUG):
        sign = Signer(Account(region=REGION), REGION)
        error = refused(Gateway("another secret"), sign=sign)
        with serving(Gateway()) as url, calling(url, sign=sign) as runner:
            runner.classify(Photo("rocket.jpg", str(IMAGES / "rocket.jpg")))
            shown = f"{runner!r} {sign!r} {error!r} {error.message} {error.hint} {caplog.text}"
    assert "POST" in caplog.text, "what is logged was seen"
    assert not [secret for secret in (SECRET, TOKEN) if secret in shown]
