"""The page's addresses, and the guard before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from resnet_bench.http_event import CLASSIFY_PATH
from resnet_bench.web.answers import HANDLERS
from resnet_bench.web.endpoints.classifying import Classifying
from resnet_bench.web.endpoints.front import Front
from resnet_bench.web.endpoints.measured import Measured
from resnet_bench.web.guard import Guard

if TYPE_CHECKING:
    from resnet_bench.http_server import App
    from resnet_bench.web.access import Access
    from resnet_bench.web.bench import Bench
    from resnet_bench.web.classification import Facts
    from resnet_bench.web.gallery import Gallery
    from resnet_bench.web.saved import SavedResults


def page_app(bench: Bench, gallery: Gallery, saved: SavedResults, facts: Facts, access: Access) -> App:
    """An ASGI application, of the event loop that ``bench`` belongs to."""
    front = Front(facts, gallery, bench.turns)
    classifying = Classifying(bench)
    measured = Measured(bench.history, saved, bench.turns)
    routes = [
        Route("/", front.page),
        Route("/static/{name}", front.static),
        Route("/samples/{name}", front.sample),
        Route("/thumbnails/{name}", front.thumbnail),
        Route(CLASSIFY_PATH, classifying.classify, methods=["POST"]),
        Route("/classifications", classifying.all),
        Route("/classifications/{number}", classifying.one),
        Route("/classifications/{number}/events", classifying.events),
        Route("/history", measured.history),
        Route("/session.json", measured.session),
        Route("/results", measured.results),
        Route("/results", measured.save, methods=["POST"]),
        Route("/results/{name}", measured.result),
    ]
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    # Of an address with one slash too many it would make another, and fails at a query that is no UTF-8.
    app.router.redirect_slashes = False
    return Guard(app, access)
