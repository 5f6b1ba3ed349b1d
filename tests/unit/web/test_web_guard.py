"""The guard: requests of other sites, by other names or without the token never reach the application."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from resnet_bench.web.access import Access
from resnet_bench.web.guard import Guard

TOKEN = "0123456789abcdef"
LOCAL = Access("127.0.0.1", None)
WITH_TOKEN = Access("127.0.0.1", TOKEN)
HOST = ("host", "127.0.0.1:8000")


def ask(
    access: Access, *headers: tuple[str, str], method: str = "POST", path: str = "/classify", query: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """What comes back; 299 is the application's own answer."""
    sent: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        raise AssertionError("a guard reads no body")

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
    }
    asyncio.run(Guard(app, access)(scope, receive, send))
    start, body = sent
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, body["body"]


def code_of(answer: tuple[int, dict[str, str], bytes]) -> str:
    return str(json.loads(answer[2])["error"]["code"])


@pytest.mark.parametrize(
    "headers",
    [
        [HOST],  # curl
        [HOST, ("origin", "http://127.0.0.1:8000"), ("sec-fetch-site", "same-origin")],
        [HOST, ("origin", "http://127.0.0.1:8000")],  # a browser without Sec-Fetch
        [("host", "localhost:8000"), ("origin", "http://localhost:8000")],
        [("host", "[::1]:8000"), ("origin", "http://[::1]:8000")],
        [HOST, ("sec-fetch-site", "none")],
    ],
)
def test_own_requests_pass(headers: list[tuple[str, str]]) -> None:
    assert ask(LOCAL, *headers)[0] == 299


@pytest.mark.parametrize(
    "headers",
    [
        [HOST, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        [HOST, ("origin", "http://127.0.0.1:9")],  # another program's page on this machine
        [HOST, ("origin", "null")],
        [HOST, ("origin", "https://127.0.0.1:8000")],
        [HOST, ("sec-fetch-site", "same-site")],
        [HOST, ("origin", "http://127.0.0.1:8000"), ("sec-fetch-site", "cross-site")],
    ],
)
def test_requests_of_other_pages_are_refused(headers: list[tuple[str, str]]) -> None:
    answer = ask(LOCAL, *headers)
    assert answer[0] == 403
    assert code_of(answer) == "wrong_origin"


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["[x"],
        ["evil.example"],
        ["127.0.0.1.evil.example:8000"],
        ["[::1].evil.example"],
        ["evil.example@127.0.0.1"],
        ["127.0.0.1/evil.example"],
        ["127.0.0.1:evil"],
        ["localhost", "evil.example"],
        ["localhost", "localhost"],
    ],
)
def test_other_names_are_refused(hosts: list[str]) -> None:
    answer = ask(LOCAL, *[("host", host) for host in hosts], method="GET", path="/history")
    assert answer[0] == 403
    assert code_of(answer) == "wrong_host"


def test_a_link_to_the_page_may_stand_anywhere_but_not_one_to_what_is_behind_it() -> None:
    foreign = (HOST, ("sec-fetch-site", "cross-site"))
    assert ask(LOCAL, *foreign, method="GET", path="/")[0] == 299
    assert ask(LOCAL, *foreign, method="GET", path="/session.json")[0] == 403


def test_every_answer_tells_the_browser_what_not_to_do() -> None:
    for answer in (ask(LOCAL, HOST), ask(LOCAL), ask(WITH_TOKEN, HOST)):
        policy = answer[1]["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "'unsafe-eval'" not in policy
        assert answer[1]["x-content-type-options"] == "nosniff"
        assert answer[1]["referrer-policy"] == "no-referrer"
    assert ask(LOCAL, HOST)[1]["x-own"] == "1"


def test_without_the_token_nothing_is_answered() -> None:
    for path, method in (("/static/app.js", "GET"), ("/classify", "POST"), ("/session.json", "GET")):
        answer = ask(WITH_TOKEN, HOST, path=path, method=method)
        assert answer[0] == 401
        assert answer[1]["www-authenticate"] == "Bearer"
        assert "resnet-bench serve" in json.loads(answer[2])["error"]["hint"]


def test_who_opens_the_page_without_it_is_told_in_words() -> None:
    status, headers, body = ask(WITH_TOKEN, HOST, path="/", method="GET")
    assert status == 401
    assert headers["content-type"].startswith("text/plain")
    assert b"open the address that `resnet-bench serve` has printed" in body


@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", f"bearer  {TOKEN} "])
def test_programs_bring_it_as_a_bearer_token(authorization: str) -> None:
    assert ask(WITH_TOKEN, HOST, ("authorization", authorization))[0] == 299


@pytest.mark.parametrize(
    "headers",
    [
        ("authorization", "Bearer wrong"),
        ("authorization", f"Basic {TOKEN}"),
        ("authorization", "Bearer \xff"),
        ("cookie", f"resnet_bench={TOKEN}"),
        ("cookie", f"resnet_bench_{WITH_TOKEN.ticket[:8]}={TOKEN}"),
        ("cookie", "\x00=;;;"),
    ],
)
def test_what_is_not_the_token_does_not_open(headers: tuple[str, str]) -> None:
    assert ask(WITH_TOKEN, HOST, headers)[0] == 401


def test_the_page_takes_it_from_its_address_and_puts_it_where_no_script_and_no_history_has_it() -> None:
    status, headers, _ = ask(WITH_TOKEN, HOST, method="GET", path="/", query=f"token={TOKEN}")
    assert (status, headers["location"]) == (303, "/")
    cookie = headers["set-cookie"]
    assert TOKEN not in cookie
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    for other in ("other=1", 'json={"a": [1, "b"]}', "x[]=1", "path=/", "flag"):
        assert ask(WITH_TOKEN, HOST, ("cookie", f"{other}; {cookie.partition(';')[0]}"))[0] == 299, other


def test_the_address_opens_nothing_else() -> None:
    assert ask(WITH_TOKEN, HOST, query=f"token={TOKEN}")[0] == 401
    assert ask(WITH_TOKEN, HOST, method="GET", path="/", query="token=wrong")[0] == 401
