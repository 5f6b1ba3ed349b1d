"""What was measured: in this session, and before in results that are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from resnet_bench.http_event import JSON_TYPE
from resnet_bench.results.files import written
from resnet_bench.web.answers import NO_STORE, json_answer
from resnet_bench.web.listings import history, results_list

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from resnet_bench.web.drawing import Drawing
    from resnet_bench.web.history import History
    from resnet_bench.web.saved import SavedResults, Version
    from resnet_bench.web.turns import Turns

_DOWNLOAD = {"content-disposition": 'attachment; filename="session.json"'}
_NOTHING = "nothing has been classified yet"


class Measured:
    def __init__(self, kept: History, saved: SavedResults, turns: Turns) -> None:
        self._history, self._saved, self._turns = kept, saved, turns
        self._drawing = asyncio.Lock()
        self._last: tuple[Version, str] | None = None

    async def history(self, _request: Request) -> Response:
        def drawn() -> str:
            return history(self._history.run(), tuple(self._history.all))

        return await self._drawn(drawn)

    async def session(self, _request: Request) -> Response:
        """The session as a result file to keep elsewhere."""
        self._check_any(404)
        run = await self._turns.exclusively(self._history.run)
        return Response(written(run), media_type=JSON_TYPE, headers=_DOWNLOAD | NO_STORE)

    async def save(self, _request: Request) -> Response:
        """The session among the saved results."""
        self._check_any(409)
        name = await self._turns.exclusively(partial(self._history.save, self._saved.save))
        return json_answer({"name": name}, 201)

    async def results(self, _request: Request) -> Response:
        """A turn for each file: of large ones, all together would hold up who classifies meanwhile."""
        files = await asyncio.to_thread(self._saved.files)
        entries = [await self._turns.exclusively(partial(self._saved.entry, *each)) for each in files]
        return HTMLResponse(results_list(entries), headers=NO_STORE)

    async def result(self, request: Request) -> Response:
        """Its report. The one that was drawn last is kept."""
        try:
            path, version = await asyncio.to_thread(self._saved.find, request.path_params["name"])
        except KeyError:
            raise HTTPException(404, "no such result") from None
        async with self._drawing:
            if self._last is None or self._last[0] != version:
                self._last = (version, await self._draw(path, request))
            return HTMLResponse(self._last[1], headers=NO_STORE)

    async def _draw(self, path: Path, request: Request) -> str:
        """By a process that stands still while anything is measured: so nobody has to wait for a large report.

        It ends when whoever asked is gone, so that the next result does not wait for it either.
        """
        async with self._turns.mine():
            drawing = await self._turns.work(partial(self._saved.draw, path))
            self._turns.background.add(drawing)
        leaving = asyncio.create_task(_end_without_reader(drawing, request))
        try:
            return await asyncio.to_thread(drawing.read)
        finally:
            leaving.cancel()
            self._turns.background.discard(drawing)
            await asyncio.to_thread(drawing.close)

    async def _drawn(self, draw: Callable[[], str]) -> Response:
        return HTMLResponse(await self._turns.exclusively(draw), headers=NO_STORE)

    def _check_any(self, status: int) -> None:
        if not any(one.samples for one in self._history.all):
            raise HTTPException(status, _NOTHING)


async def _end_without_reader(drawing: Drawing, request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    await asyncio.to_thread(drawing.close)
