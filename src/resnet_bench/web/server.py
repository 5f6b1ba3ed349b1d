"""The page's server, on a thread of its own."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Self

from resnet_bench.http_server import HttpServer
from resnet_bench.loop_thread import LoopThread
from resnet_bench.web.app import page_app
from resnet_bench.web.bench import Bench

if TYPE_CHECKING:
    from collections.abc import Callable

    from resnet_bench.web.access import Access
    from resnet_bench.web.classification import Facts
    from resnet_bench.web.gallery import Gallery
    from resnet_bench.web.saved import SavedResults

_STOP_S = 10.0
# A browser opens up to six.
_MOST_CONNECTIONS = 128


class PageServer:
    """Serves the page until it is closed. ``make_bench`` is called in the loop that the bench then belongs to."""

    def __init__(
        self, make_bench: Callable[[], Bench], gallery: Gallery, saved: SavedResults, facts: Facts, access: Access
    ) -> None:
        self._make_bench = make_bench
        self._gallery, self._saved, self._facts, self._access = gallery, saved, facts, access
        self._bench: Bench | None = None
        self._server: HttpServer | None = None
        self._thread = LoopThread("page", self._stop)
        self.port = 0

    def start(self, port: int = 0) -> Self:
        """
        Raises:
            SetupError: the port is taken, or the host is not this machine.
        """

        async def begin() -> None:
            self._bench = self._make_bench()
            app = page_app(self._bench, self._gallery, self._saved, self._facts, self._access)
            self._server = HttpServer(app, host=self._access.host, most_connections=_MOST_CONNECTIONS)
            self.port = await self._server.start(port)

        self._thread.start(begin)
        return self

    @property
    def url(self) -> str:
        """Where to open the page."""
        return self._access.address(self.port)

    @property
    def unsaved_count(self) -> int:
        """Classifications that nobody has saved."""
        return 0 if self._bench is None else self._bench.history.unsaved_count

    def close(self) -> None:
        """Let what is being measured end, answer nothing else. May be called twice."""
        self._thread.close()

    async def _stop(self) -> None:
        if self._bench is not None:
            await self._bench.close()
        task = None if self._server is None else self._server.stop()
        if task is not None:
            await asyncio.wait({task}, timeout=_STOP_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
