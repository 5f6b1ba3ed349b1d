"""What is let in: decided before anything else of a request is looked at. And what browsers may do with the answers.

The page has no secrets of its own, but it starts work on this machine and on a Lambda that somebody pays for. What must
be kept out is the web: a page of another site that a browser here happens to show. It is recognised by ``Origin`` and
``Sec-Fetch-Site`` (https://www.w3.org/TR/fetch-metadata/), or, where its own name leads here (DNS rebinding), by
``Host``.
"""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.requests import cookie_parser

from resnet_bench import wire
from resnet_bench.http_event import JSON_TYPE
from resnet_bench.http_server import respond

if TYPE_CHECKING:
    from resnet_bench.http_server import App, Message, Receive, Scope, Send
    from resnet_bench.web.access import Access

_PAGE = "/"
# And nothing around them: no user, no path, which what splits URLs would forgive.
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::\d+)?", re.ASCII)
_OWN_SITES = frozenset({"same-origin", "none"})  # none: typed in, or a bookmark
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_UNAUTHORIZED = 401
# Plotly.js sets styles by script, and draws what a chart is saved as by way of an image of its own making.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
)


class Refused(Exception):
    """A request that is not let in: HTTP status, code, message, what to try."""

    def __init__(self, status: int, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.status, self.code, self.hint = status, code, hint


class Guard:
    """``app`` for requests that ``access`` lets in."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._names = access.names
        self._token, self._ticket = access.token, access.ticket or ""
        # Cookies know no ports: two servers on one machine must not take each other's.
        self._cookie = f"resnet_bench_{self._ticket[:8]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            self._check_host([value.decode("latin-1") for name, value in scope["headers"] if name == b"host"])
            _check_origin(scope, headers)
            arrives = self._check_token(scope, headers)
        except Refused as refusal:
            kind, body = _told(refusal, reader=scope["path"] == _PAGE)
            more = [("www-authenticate", "Bearer")] if refusal.status == _UNAUTHORIZED else []
            await respond(send, refusal.status, body.encode(), [("content-type", kind), *_HEADERS, *more])
            return
        if arrives:
            # Out of the address, which stays in the browser's history, into a cookie that no script reads.
            # Lax, so that a link to the page may stand in a mail; what such a link may ask for is decided below.
            cookie = f"{self._cookie}={self._ticket}; Path=/; HttpOnly; SameSite=Lax"
            await respond(send, 303, headers=[("location", _PAGE), ("set-cookie", cookie), *_HEADERS])
            return
        await self._app(scope, receive, _with_headers(send))

    def _check_host(self, hosts: list[str]) -> None:
        name = _host_name(hosts[0]) if len(hosts) == 1 else ""
        if name not in self._names and not _is_address(name):
            raise Refused(403, "wrong_host", "called by a name that is not this machine's", "call it by its address")

    def _check_token(self, scope: Scope, headers: dict[str, str]) -> bool:
        """Whether this is somebody who arrives at the page with the token in its address.

        Raises:
            Refused: it is wrong or missing.
        """
        if self._token is None:
            return False
        in_address = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["path"] == _PAGE and _same(in_address, self._token):
            return True
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        as_bearer = scheme.lower() == "bearer" and _same(bearer.strip(), self._token)
        if not as_bearer and not _same(_cookie(headers, self._cookie), self._ticket):
            hint = "open the address that `resnet-bench serve` has printed"
            raise Refused(_UNAUTHORIZED, "no_token", "this page needs its token", hint)
        return False


def _told(refusal: Refused, *, reader: bool) -> tuple[str, str]:
    """Content type and body: words for who opened the page, JSON for all else."""
    if reader:
        return "text/plain; charset=utf-8", f"resnet-bench: {refusal}.\nTry: {refusal.hint}.\n"
    return JSON_TYPE, wire.encode_fault(refusal.code, str(refusal), refusal.hint)


def _check_origin(scope: Scope, headers: dict[str, str]) -> None:
    """Browsers say which page a request comes from. What says nothing is no browser, and does not need to lie."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    safe = scope["method"] in _SAFE_METHODS
    own = site in _OWN_SITES or (safe and scope["path"] == _PAGE)  # a link to the page may stand anywhere
    if origin is not None and not safe:
        own = own and origin.lower() == f"http://{headers.get('host', '')}".lower()
    if not own:
        raise Refused(403, "wrong_origin", "asked by a page of another site", "use this server's own page")


def _host_name(host: str) -> str:
    """``Host`` without its port, and an address of version 6 without its brackets; empty if it is none."""
    found = _HOST.fullmatch(host)
    return "" if found is None else (found[1] or found[2]).lower()


def _is_address(name: str) -> bool:
    """Nobody can make a number lead elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _cookie(headers: dict[str, str], name: str) -> str:
    """Whatever other servers of this machine have set beside it, which `http.cookies` would refuse all together."""
    return cookie_parser(headers.get("cookie", "")).get(name, "")


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            raw = [(name.encode(), value.encode()) for name, value in _HEADERS]
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return sending
