"""The page itself, what it is made of, and the photographs that it offers."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from resnet_bench.web.answers import NO_STORE
from resnet_bench.web.assets import asset
from resnet_bench.web.page import page_html

if TYPE_CHECKING:
    from starlette.requests import Request

    from resnet_bench.web.classification import Facts
    from resnet_bench.web.gallery import Gallery
    from resnet_bench.web.turns import Turns


class Front:
    def __init__(self, facts: Facts, gallery: Gallery, turns: Turns) -> None:
        self._facts, self._gallery, self._turns = facts, gallery, turns

    async def page(self, _request: Request) -> Response:
        return HTMLResponse(page_html(self._facts), headers=NO_STORE)

    async def static(self, request: Request) -> Response:
        try:
            found = asset(request.path_params["name"])
        except KeyError:
            raise HTTPException(404, "no such file") from None
        # The browser asks each time, and is sent only what has changed.
        headers = {"etag": found.tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == found.tag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.media_type, headers=headers)

    async def sample(self, request: Request) -> Response:
        """The photograph's own bytes, which the page then sends back as it would any other."""
        try:
            data = await asyncio.to_thread(self._gallery.photo, request.path_params["name"])
        except KeyError:
            raise HTTPException(404, "no such photograph") from None
        return Response(data, media_type="application/octet-stream", headers=NO_STORE)

    async def thumbnail(self, request: Request) -> Response:
        try:
            picture = await self._turns.exclusively(partial(self._gallery.thumbnail, request.path_params["name"]))
        except KeyError:
            raise HTTPException(404, "no such photograph") from None
        return Response(picture, media_type="image/jpeg", headers=NO_STORE)
