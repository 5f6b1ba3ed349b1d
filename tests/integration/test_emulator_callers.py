"""Who may call the emulated Lambda: programs on this machine, by its loopback names, with the key if there is one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from botocore.exceptions import ClientError

from emulated import FUNCTIONS, ask, emulate, limiter
from resnet_bench.aws.access.clients import client
from resnet_bench.emulator.embedded import EmulatedLambda
from resnet_bench.emulator.function import Function

KEY = "9f8e7d6c5b4a"
INVOKE = "/2015-03-31/functions/resnet-bench/invocations"
WHO = b'{"do": "who"}'


@pytest.fixture(scope="module")
def guarded() -> Iterator[EmulatedLambda]:
    function = Function("probe.handler", task_root=str(FUNCTIONS), memory_mb=512)
    with EmulatedLambda(function, limiter(), access_key=KEY) as emulated:
        yield emulated


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil", ""])
def test_another_host_name_is_refused_on_every_port_and_starts_nothing(host: str) -> None:
    with emulate() as emulated:
        for url in (emulated.url + "/classify", emulated.aws_url + INVOKE):
            refused = httpx.post(url, content=WHO, headers={"host": host})
            assert refused.status_code == 403
            assert "127.0.0.1" in refused.json()["message"]
        assert emulated.environments_count() == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost:8080", "[::1]:8080"])
def test_the_loopback_names_are_answered(guarded: EmulatedLambda, host: str) -> None:
    assert httpx.get(guarded.url + "/echo", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("key", [None, "emulated", KEY[:-1], KEY + "0"])
def test_an_aws_call_without_the_agreed_key_is_refused(guarded: EmulatedLambda, key: str | None) -> None:
    signature = {"authorization": f"AWS4-HMAC-SHA256 Credential={key}/20260101/us-east-1/lambda/aws4_request"}
    refused = httpx.post(guarded.aws_url + INVOKE, content=WHO, headers=signature if key else {})
    assert refused.status_code == 403
    assert refused.headers["x-amzn-errortype"] == "UnrecognizedClientException"


def test_a_client_with_the_agreed_key_is_answered_and_one_with_the_usual_key_is_not(guarded: EmulatedLambda) -> None:
    assert guarded.access_key == KEY
    known = client("lambda", endpoint_url=guarded.aws_url, access_key=KEY)
    assert known.invoke(FunctionName="resnet-bench", Payload=WHO)["StatusCode"] == 200
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        client("logs", endpoint_url=guarded.aws_url).filter_log_events(logGroupName=guarded.log_group)


def test_without_a_key_any_client_is_answered() -> None:
    with emulate() as emulated:
        assert client("xray", endpoint_url=emulated.aws_url).batch_get_traces(TraceIds=["1-0-0"])["Traces"] == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_nobody_can_read_or_change_the_functions_configuration(method: str) -> None:
    with emulate() as emulated:
        change = {"Environment": {"Variables": {"PYTHONPATH": "/tmp"}}}
        url = f"{emulated.aws_url}/2015-03-31/functions/resnet-bench/configuration"
        assert httpx.request(method, url, json=change).status_code == 404
        assert "PYTHONPATH" not in ask(emulated, "environment")["variables"]
