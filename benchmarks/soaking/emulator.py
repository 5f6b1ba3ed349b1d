"""Clients of the emulated Lambda: its HTTP API, Lambda's Invoke, and those who send rubbish or leave too early."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from resnet_bench import wire
from resnet_bench.http_event import read_http_answer, write_event
from resnet_bench.results.records import Answer
from soaking.answers import Expected, photo
from soaking.crowd import Behaviour, Member, Wrong, dealt

_INVOKE = "/2015-03-31/functions/resnet-bench/invocations"
_JSON = {"content-type": "application/json"}
_PNG = {"content-type": "image/png"}
_DAMAGED = (b"\xff\xd8\xff" + bytes(200), b"\x89PNG\r\n\x1a\n" + bytes(50))
_RUBBISH = (*_DAMAGED, b"{", b"[" * 5000, b"GIF89a", b"\0" * 100_000)


@dataclass(frozen=True)
class Emulator:
    """``aws_url`` is the port of the AWS calls."""

    url: str
    aws_url: str
    expected: Expected

    def members(self, count: int) -> dict[str, list[Behaviour]]:
        """Of 16 clients eleven call the HTTP API, raw or as JSON, three Invoke, one sends rubbish and one leaves."""
        kinds: list[tuple[str, Behaviour]] = [
            *[("raw image", self.raw)] * 6,
            *[("JSON", self.json)] * 5,
            *[("Invoke", self.invoke)] * 3,
            ("rubbish", self.rubbish),
            ("leaves early", self.leave),
        ]
        return dealt(kinds, count)

    async def raw(self, me: Member) -> int:
        return await self._classify(me, photo(me.number), _PNG)

    async def json(self, me: Member) -> int:
        body = wire.encode_request(photo(me.number))
        return await self._classify(me, body, _JSON)

    async def _classify(self, me: Member, body: bytes, headers: dict[str, str]) -> int:
        answer = await me.client.post("/classify", content=body, headers=headers)
        me.ledger.check_new(answer.headers["apigw-requestid"])
        if answer.status_code == 200:
            self._check(me, wire.decode_answer(answer.content))
        elif answer.status_code != 503:
            raise Wrong(f"{answer.status_code} {answer.text[:200]}")
        return answer.status_code

    async def invoke(self, me: Member) -> int:
        event = write_event(photo(me.number), "image/png")
        answer = await me.client.post(self.aws_url + _INVOKE, content=event)
        if answer.status_code == 200 and "x-amz-function-error" not in answer.headers:
            found = wire.decode_answer(read_http_answer(answer.content).body.encode())
            if found.identity.request_id != answer.headers["x-amzn-requestid"]:
                raise Wrong("the answer is another request's")
            self._check(me, found)
        elif answer.status_code != 429:
            raise Wrong(f"{answer.status_code} {answer.text[:200]}")
        return answer.status_code

    def _check(self, me: Member, answer: Answer) -> None:
        me.ledger.check_new(str(answer.identity.request_id), str(answer.identity.trace_id))
        self.expected.check(me.number, answer)

    async def rubbish(self, me: Member) -> int:
        body = me.chance.choice(_RUBBISH)
        headers = me.chance.choice([_PNG, _JSON, {}])
        answer = await me.client.post("/classify", content=body, headers=headers)
        if answer.status_code not in {400, 503}:
            raise Wrong(f"{answer.status_code} to rubbish: {answer.text[:200]}")
        await asyncio.sleep(0.1)
        return answer.status_code

    async def leave(self, me: Member) -> str:
        """Half a request, or a whole one whose answer nobody reads."""
        await leave(me, self.url, photo(me.number))
        return "left"


async def leave(me: Member, url: str, body: bytes) -> None:
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port)
    headers = {"host": parts.netloc, "content-type": "image/png", "content-length": len(body)}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(
        f"POST /classify HTTP/1.1\r\n{head}\r\n".encode() + body[: me.chance.choice([0, len(body) // 2, len(body)])]
    )
    await writer.drain()
    await asyncio.sleep(me.chance.uniform(0.0, 0.3))
    writer.close()
    await asyncio.sleep(0.2)


@dataclass(frozen=True)
class Echo:
    """A function that says back what it was told: the token of each call comes back in its own answer only."""

    def members(self, count: int) -> dict[str, list[Behaviour]]:
        return {"echo": [self.echo] * count}

    async def echo(self, me: Member) -> int:
        token = f"{me.number}-{me.chance.getrandbits(64)}"
        answer = await me.client.post("/", content=json.dumps({"token": token}), headers={**_JSON, "x-token": token})
        me.ledger.check_new(answer.headers["apigw-requestid"])
        if answer.status_code == 200:
            told = answer.json()
            if (told["body"], told["header"]) != (token, token):
                raise Wrong(f"{told} in answer to {token}")
            me.ledger.check_new(told["request_id"])
        elif answer.status_code != 503:
            raise Wrong(f"{answer.status_code} {answer.text[:200]}")
        return answer.status_code
