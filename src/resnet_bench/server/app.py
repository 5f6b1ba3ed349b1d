"""``POST /classify`` on this machine: the handler's contract without Lambda around it.

Requests and answers are those of the function (``wire.py``, ``http_event.py``), so that one client serves for both. A
503 is this server's own: its queue is full. The function's permission for foreign web pages to read the answers
(CORS) is not given, because a server on one's own machine is not meant for them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from resnet_bench import wire
from resnet_bench.errors import ImageError
from resnet_bench.http_event import JSON_TYPE, HttpAnswer, NotServed, read_request, refusal
from resnet_bench.http_server import BodyTooLarge, ClientGone, read_body, respond
from resnet_bench.server.pool import Busy

if TYPE_CHECKING:
    from resnet_bench.http_server import Receive, Scope, Send
    from resnet_bench.server.pool import Pool

_BUSY_HEADERS = {"retry-after": "1"}


class ClassifyApp:
    """An ASGI application."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            # Lambda's limit, so that what works here works there.
            body = await read_body(receive, wire.EVENT_LIMIT_BYTES, announced=headers.get(b"content-length"))
        except ClientGone:
            return
        except BodyTooLarge:
            too_large = ImageError(
                f"the request is longer than {wire.EVENT_LIMIT_BYTES:,} bytes", code="image_too_large"
            )
            answer = refusal(too_large)
        else:
            content_type = headers.get(b"content-type", "")
            answer = await self._answer(scope["path"], scope["method"], content_type, body)
        await respond(
            send, answer.status_code, answer.body.encode(), [("content-type", JSON_TYPE), *answer.headers.items()]
        )

    async def _answer(self, path: str, method: str, content_type: str, body: bytes) -> HttpAnswer:
        try:
            answer = await self._pool.classify(partial(read_request, path, method, content_type, body))
        except Busy as busy:
            return HttpAnswer(503, wire.encode_fault("busy", str(busy)), _BUSY_HEADERS)
        except (NotServed, ImageError) as error:
            return refusal(error)
        return HttpAnswer(200, wire.encode_answer(answer))
