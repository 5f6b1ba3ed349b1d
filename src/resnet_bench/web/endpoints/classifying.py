"""``POST /classify``, with the handler's requests; and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from resnet_bench import wire
from resnet_bench.errors import ImageError
from resnet_bench.http_event import read_request
from resnet_bench.http_server import BodyTooLarge, ClientGone, read_body
from resnet_bench.web import documents
from resnet_bench.web.answers import NO_STORE, json_answer
from resnet_bench.web.bench import Busy
from resnet_bench.web.turns import Closing
from resnet_bench.web.uploads import receive

if TYPE_CHECKING:
    from starlette.requests import Request

    from resnet_bench.web.bench import Bench
    from resnet_bench.web.classification import Classification
    from resnet_bench.web.uploads import Upload

# Who takes longer for an image holds a connection for nothing.
BODY_S = 60.0
# Images that arrive at the same time: each fills memory before it can wait for its turn.
_MOST_ARRIVING = 16
_YES = frozenset({"1", "true", "yes", "on"})
_ASYNC = "respond-async"  # RFC 7240, section 4.1


class Classifying:
    def __init__(self, bench: Bench, body_s: float = BODY_S) -> None:
        self._bench, self._body_s = bench, body_s
        self._arriving = 0

    async def classify(self, request: Request) -> Response:
        """200 when both sides have had their turn; 202 at once for who prefers that."""
        if self._arriving >= _MOST_ARRIVING:
            raise Busy(f"{self._arriving} images arrive already")
        self._arriving += 1
        try:
            body = await self._body(request)
        finally:
            self._arriving -= 1
        cold = self._wants_cold(request)
        # Base64, a hash and a header of a hostile file take up to a second, in which nobody else would be answered.
        upload = await asyncio.to_thread(_read, request, body)
        one = await self._bench.submit(upload, cold=cold)
        place = {"location": f"/classifications/{one.number}"}
        if _ASYNC in request.headers.get("prefer", ""):
            return json_answer(documents.document(one), 202, place)
        async for view in self._bench.views(one):
            if view.answered:
                break
        if one.problem is not None:
            raise one.problem
        return json_answer(documents.document(one), 200, place)

    async def all(self, _request: Request) -> Response:
        return json_answer([documents.listed(one) for one in self._bench.history.all])

    async def one(self, request: Request) -> Response:
        return json_answer(documents.document(self._find(request)))

    async def events(self, request: Request) -> Response:
        """Server-sent events: how it stands now, and each change until it is done."""
        return StreamingResponse(self._stream(self._find(request)), media_type="text/event-stream", headers=NO_STORE)

    async def _stream(self, one: Classification) -> AsyncIterator[bytes]:
        """https://html.spec.whatwg.org/multipage/server-sent-events.html"""
        with suppress(Closing):
            async for view in self._bench.views(one):
                yield b"event: view\ndata: " + msgspec.json.encode(documents.view(view)) + b"\n\n"

    async def _body(self, request: Request) -> bytes:
        try:
            async with asyncio.timeout(self._body_s):
                # Lambda's limit, beyond which the image would be refused there.
                return await read_body(
                    request.receive, wire.EVENT_LIMIT_BYTES, announced=request.headers.get("content-length")
                )
        except BodyTooLarge:
            limit = f"the request is longer than {wire.EVENT_LIMIT_BYTES:,} bytes"
            raise ImageError(limit, "send a smaller copy", code="image_too_large") from None
        except TimeoutError:
            raise HTTPException(408, f"the image did not arrive within {self._body_s:g} s") from None
        except ClientGone:
            raise HTTPException(400, "the request ended early") from None

    def _wants_cold(self, request: Request) -> bool:
        wanted = request.query_params.get("cold", "").lower() in _YES
        if wanted and not self._bench.sides.forces_cold:
            raise HTTPException(400, "a cold start cannot be forced through a URL alone")
        return wanted

    def _find(self, request: Request) -> Classification:
        found = self._bench.history.find(request.path_params["number"])
        if found is None:
            raise HTTPException(404, "no such classification, or one that made room for newer ones")
        return found


def _read(request: Request, body: bytes) -> Upload:
    """
    Raises:
        ImageError, NotServed: it is no request with an image for a Lambda.
    """
    # Not of request.url, which wants all of the address to be UTF-8.
    image = read_request(request.scope["path"], request.method, request.headers.get("content-type", ""), body)
    return receive(request.query_params.get("name", ""), image.data)
