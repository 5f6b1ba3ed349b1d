"""The HTTP API in front of the function: the event it makes, the answers it passes, its limits and CORS."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulated import PATIENCE_S, ask, call, emulate, report_number, wait_until
from resnet_bench.emulator.embedded import EmulatedLambda

MIB = 1024 * 1024
# From AWS's own examples of payload 2.0 without an authorizer (API Gateway developer guide, "Create AWS Lambda proxy
# integrations for HTTP APIs"; the aws-lambda-go events' test data). "authentication" is there for mutual TLS only.
KEYS = {"version", "routeKey", "rawPath", "rawQueryString", "headers", "requestContext", "isBase64Encoded"}
OPTIONAL_KEYS = {"cookies", "queryStringParameters", "body"}
CONTEXT_KEYS = {
    "accountId",
    "apiId",
    "domainName",
    "domainPrefix",
    "http",
    "requestId",
    "routeKey",
    "stage",
    "time",
    "timeEpoch",
}


@pytest.fixture(scope="module")
def probe() -> Iterator[EmulatedLambda]:
    with emulate() as emulated:
        yield emulated


@pytest.fixture(scope="module")
def web(probe: EmulatedLambda) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=probe.url, timeout=PATIENCE_S) as session:
        yield session


def test_a_bare_request_has_the_published_keys_and_no_empty_ones(web: httpx.Client) -> None:
    event = web.get("/echo").json()
    assert set(event) == KEYS
    assert set(event["requestContext"]) == CONTEXT_KEYS
    assert set(event["requestContext"]["http"]) == {"method", "path", "protocol", "sourceIp", "userAgent"}
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/echo")
    assert event["rawQueryString"] == ""
    assert event["isBase64Encoded"] is False


def test_a_full_request_becomes_the_published_event(web: httpx.Client) -> None:
    response = web.request(
        "POST",
        "/echo/my/path?parameter1=value1&parameter1=value2&parameter2=value",
        headers=[
            ("Header1", "value1"),
            ("Header2", "value1"),
            ("Header2", "value2"),
            ("Cookie", "cookie1=1; cookie2=2"),
            ("User-Agent", "agent"),
            ("Content-Type", "text/plain"),
        ],
        content="Hello from Lambda",
    )
    event = response.json()
    assert set(event) == KEYS | OPTIONAL_KEYS
    assert event["rawPath"] == "/echo/my/path"
    assert event["rawQueryString"] == "parameter1=value1&parameter1=value2&parameter2=value"
    assert event["queryStringParameters"] == {"parameter1": "value1,value2", "parameter2": "value"}
    assert event["cookies"] == ["cookie1=1", "cookie2=2"]
    assert "cookie" not in event["headers"]
    assert event["headers"]["header1"] == "value1"
    assert event["headers"]["header2"] == "value1,value2"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["headers"]["content-length"] == "17"
    assert all(name == name.lower() for name in event["headers"])
    assert event["body"] == "Hello from Lambda"
    context = event["requestContext"]
    assert context["http"] == {
        "method": "POST",
        "path": "/echo/my/path",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "agent",
    }
    assert context["requestId"] == response.headers["apigw-requestid"]
    assert (context["stage"], context["routeKey"]) == ("$default", "$default")
    assert context["time"].endswith(" +0000")
    assert isinstance(context["timeEpoch"], int)
    # Every value is text, as in the published example; only these are not.
    not_text = {"headers", "requestContext", "cookies", "queryStringParameters", "isBase64Encoded"}
    assert all(isinstance(value, str) for key, value in event.items() if key not in not_text)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/csv; charset=utf-8", "application/json", "application/xml", "Application/JSON"]
)
def test_a_text_body_travels_as_text(web: httpx.Client, content_type: str) -> None:
    event = web.post("/echo", content='{"grüße": 1}'.encode(), headers={"content-type": content_type}).json()
    assert (event["body"], event["isBase64Encoded"]) == ('{"grüße": 1}', False)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("image/jpeg", b"\xff\xd8\xff\x00"),
        ("application/octet-stream", b"text"),
        ("application/x-www-form-urlencoded", b"a=1"),
        ("multipart/form-data; boundary=x", b"--x"),
        ("application/json", b"\xff\xfe"),
        (None, b"no type"),
    ],
)
def test_any_other_body_travels_as_base64(web: httpx.Client, content_type: str | None, body: bytes) -> None:
    event = web.post("/echo", content=body, headers={"content-type": content_type} if content_type else None).json()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"], validate=True) == body


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "POST"])
def test_every_method_reaches_the_function(web: httpx.Client, method: str) -> None:
    assert web.request(method, "/echo").json()["requestContext"]["http"]["method"] == method


def test_a_query_without_a_parameter_has_no_parameters(web: httpx.Client) -> None:
    event = web.get("/echo?&").json()
    assert "queryStringParameters" not in event
    assert web.get("/echo?a=&b").json()["queryStringParameters"] == {"a": "", "b": ""}


# --- answers ------------------------------------------------------------------------------------------------------


def answered(probe: EmulatedLambda, reply: Any) -> httpx.Response:
    return call(probe, "answer", reply=reply)


@pytest.mark.parametrize("reply", [{"a": 1}, [1, 2], "text", 7, {"body": "not special"}])
def test_json_without_a_status_is_the_body_itself(probe: EmulatedLambda, reply: Any) -> None:
    response = answered(probe, reply)
    assert (response.status_code, response.json()) == (200, reply)
    assert response.headers["content-type"] == "application/json"


def test_status_headers_cookies_and_body_pass(probe: EmulatedLambda) -> None:
    reply = {
        "statusCode": 418,
        "headers": {"X-Tea": "pot", "Content-Type": "text/x-tea", "x-number": 3},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": "short and stout",
    }
    response = answered(probe, reply)
    assert (response.status_code, response.text) == (418, "short and stout")
    assert response.headers["x-tea"] == "pot"
    assert response.headers["x-number"] == "3"
    assert response.headers["content-type"] == "text/x-tea"
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]
    assert response.headers["apigw-requestid"]


def test_a_base64_body_arrives_as_bytes(probe: EmulatedLambda) -> None:
    body = bytes(range(256))
    text = base64.b64encode(body).decode()
    response = answered(probe, {"statusCode": "200", "isBase64Encoded": True, "body": text})
    assert (response.status_code, response.content) == (200, body)


def test_a_body_without_a_type_is_plain_text(probe: EmulatedLambda) -> None:
    assert answered(probe, {"statusCode": 200, "body": "x"}).headers["content-type"] == "text/plain;charset=UTF-8"


@pytest.mark.parametrize(
    "reply",
    [
        {"statusCode": "many"},
        {"statusCode": None},
        {"statusCode": 99},
        {"statusCode": 100},
        {"statusCode": 600},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "headers": {"a": "b\r\nset-cookie: c=d"}},
        {"statusCode": 200, "cookies": 5},
        {"statusCode": 200, "cookies": ["a=1\nx: y"]},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "isBase64Encoded": True, "body": "?"},
    ],
    ids=str,
)
def test_a_malformed_answer_is_a_server_error(probe: EmulatedLambda, reply: Any) -> None:
    response = answered(probe, reply)
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_leaves_the_connection_usable(web: httpx.Client, status: int) -> None:
    order = {"do": "answer", "reply": {"statusCode": status, "body": "must not be sent"}}
    assert web.post("/", json=order).content == b""
    assert web.get("/echo").status_code == 200


def test_headers_about_the_connection_are_the_gateways_own(web: httpx.Client) -> None:
    headers = {"Content-Length": "1", "Transfer-Encoding": "chunked", "Connection": "close"}
    reply = {"statusCode": 200, "headers": headers, "body": "four"}
    response = web.post("/", json={"do": "answer", "reply": reply})
    assert response.text == "four"
    assert response.headers.get_list("content-length") == ["4"]
    assert "transfer-encoding" not in response.headers


# --- CORS ---------------------------------------------------------------------------------------------------------


def test_a_preflight_is_answered_without_the_function() -> None:
    with emulate() as emulated:
        headers = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
        response = httpx.options(emulated.url + "/classify", headers=headers)
        assert response.status_code == 204
        assert response.headers["access-control-allow-origin"] == "*"
        assert "POST" in response.headers["access-control-allow-methods"]
        assert "content-type" in response.headers["access-control-allow-headers"]
        assert emulated.environments_count() == 0


def test_options_that_are_no_preflight_reach_the_function(web: httpx.Client) -> None:
    assert web.options("/echo").json()["requestContext"]["http"]["method"] == "OPTIONS"


def test_the_functions_own_cors_headers_are_replaced(web: httpx.Client) -> None:
    headers = {"Access-Control-Allow-Origin": "https://other.example", "Access-Control-Max-Age": "1"}
    order = {"do": "answer", "reply": {"statusCode": 200, "headers": headers}}
    with_origin = web.post("/", json=order, headers={"Origin": "https://page.example"})
    assert with_origin.headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-max-age" not in with_origin.headers
    assert "access-control-allow-origin" not in web.post("/", json=order).headers


# --- limits -------------------------------------------------------------------------------------------------------


def test_an_event_over_six_megabytes_is_refused_before_the_function(web: httpx.Client, probe: EmulatedLambda) -> None:
    before = ask(probe, "who")["count"]
    # 4.7 MB of image are 6.3 MB of base64.
    response = web.post("/echo", content=bytes(4_720_000), headers={"content-type": "image/jpeg"})
    assert (response.status_code, response.json()) == (413, {"message": "Request Too Long"})
    text = web.post("/", json={"do": "answer", "reply": {}, "padding": "x" * 6_300_000})
    assert text.status_code == 413
    assert ask(probe, "who")["count"] == before + 1


def test_a_payload_over_ten_megabytes_is_refused_by_its_announced_size(probe: EmulatedLambda) -> None:
    host, port = probe.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as link:
        link.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2000000000\r\n\r\n")
        assert b" 413 " in link.recv(65536).splitlines()[0]


def test_a_payload_of_unknown_size_is_refused_when_it_reaches_ten_megabytes(probe: EmulatedLambda) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10 * 16 + 1):
            yield bytes(MIB // 16)

    response = httpx.post(probe.url, content=endless(), timeout=PATIENCE_S)
    assert (response.status_code, response.json()) == (413, {"message": "Request Entity Too Large"})


def test_a_client_that_leaves_while_it_sends_reaches_no_function(probe: EmulatedLambda) -> None:
    before = ask(probe, "who")["count"]
    host, port = probe.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as link:
        link.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
    assert ask(probe, "who")["count"] == before + 1


def test_the_gateway_stops_waiting_while_the_function_goes_on(tmp_path: Path) -> None:
    mark = tmp_path / "done"
    with emulate(gateway_timeout_s=0.3) as emulated:
        response = call(emulated, "sleep", for_s=1.0, mark=str(mark))
        assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
        assert not mark.exists()
        wait_until(mark.exists, "the function's own end")
        assert report_number(emulated, 0).status is None


def test_the_answer_is_json_text_as_the_function_wrote_it(probe: EmulatedLambda) -> None:
    body = json.dumps({"a": [1.5, None, "ü"]})
    assert answered(probe, {"statusCode": 200, "body": body}).text == body
