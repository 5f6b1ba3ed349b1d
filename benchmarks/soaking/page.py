"""Visitors of the page: some classify and wait, some follow the events or look around, some send rubbish or leave."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from soaking.answers import Expected, as_answer, photo
from soaking.crowd import Behaviour, Member, Wrong, dealt
from soaking.emulator import leave

_PNG = {"content-type": "image/png"}
_LOOKED_AT = ("/", "/static/app.js", "/classifications", "/results", "/no-such-page")


@dataclass
class Page:
    url: str
    expected: Expected

    def members(self, count: int) -> dict[str, list[Behaviour]]:
        """Of 16 visitors six wait, five follow, three look around, one sends rubbish and one leaves."""
        kinds: list[tuple[str, Behaviour]] = [
            *[("waits", self.wait)] * 6,
            *[("follows", self.follow)] * 5,
            *[("looks", self.look)] * 3,
            ("rubbish", self.rubbish),
            ("leaves early", self.leave),
        ]
        return dealt(kinds, count)

    async def wait(self, me: Member) -> int:
        name = self._name(me)
        answer = await me.client.post("/classify", params={"name": name}, content=photo(me.number), headers=_PNG)
        if answer.status_code == 200:
            self._check(me, name, answer.json())
        elif answer.status_code != 429:
            raise Wrong(f"{answer.status_code} {answer.text[:200]}")
        return answer.status_code

    async def follow(self, me: Member) -> int:
        """As the page's own script: 202, then events until it is done, then the whole document."""
        name = self._name(me)
        asked = await me.client.post(
            "/classify", params={"name": name}, content=photo(me.number), headers={**_PNG, "prefer": "respond-async"}
        )
        if asked.status_code == 429:
            return 429
        if asked.status_code != 202:
            raise Wrong(f"{asked.status_code} {asked.text[:200]}")
        place = asked.headers["location"]
        events = (await me.client.get(f"{place}/events")).text.split("\n\n")
        last = json.loads(events[-2].removeprefix("event: view\ndata: "))
        if (last["state"], last["image"]) != ("done", name):
            raise Wrong(f"the last event of {name} tells of {last['image']}, {last['state']}")
        whole = await me.client.get(place)
        self._check(me, name, whole.json())
        return whole.status_code

    def _name(self, me: Member) -> str:
        return f"visitor-{me.number}-{me.chance.getrandbits(48)}.png"

    def _check(self, me: Member, name: str, document: dict[str, Any]) -> None:
        if document["image"]["name"] != name:
            raise Wrong(f"{document['image']['name']} in answer to {name}")
        answers = {side: as_answer(document[side]["outcome"]) for side in ("local", "remote")}
        identity = answers["remote"].identity
        me.ledger.check_new(f"classification {document['id']}", str(identity.request_id), str(identity.trace_id))
        for side, answer in answers.items():
            self.expected.check(me.number, answer, side)

    async def look(self, me: Member) -> int:
        path = me.chance.choice(_LOOKED_AT)
        answer = await me.client.get(path)
        if answer.status_code != (404 if path == "/no-such-page" else 200):
            raise Wrong(f"{answer.status_code} for {path}")
        await asyncio.sleep(0.2)
        return answer.status_code

    async def rubbish(self, me: Member) -> int:
        answer = await me.client.post("/classify", content=me.chance.choice([b"", b"{", b"\xff\xd8\xff" + bytes(99)]))
        if answer.status_code not in {400, 429}:
            raise Wrong(f"{answer.status_code} to rubbish: {answer.text[:200]}")
        await asyncio.sleep(0.2)
        return answer.status_code

    async def leave(self, me: Member) -> str:
        await leave(me, self.url, photo(me.number))
        return "left"
