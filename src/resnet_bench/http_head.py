"""What the head of a request must not leave open: whoever reads it by other rules would read another request.

llhttp, which takes the bytes apart, refuses what is no HTTP (two lengths, spaces before a colon, folded lines, bare
line ends). What it lets through, and RFC 9112 does not, is refused here, because a proxy in front of this server, or a
check in it, may take it otherwise than the application does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Those of an HTTP API. llhttp also knows WebDAV's, and those of protocols that only look like HTTP.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_VERSIONS = frozenset({"1.0", "1.1"})
_MOST_FIELDS = 256
# A second one would count for some readers and not for others; the length is llhttp's to refuse.
_ONCE = frozenset({b"authorization", b"content-type", b"host", b"origin", b"sec-fetch-site", b"transfer-encoding"})
_ABSOLUTE = re.compile(rb"http://([^/?#]*)", re.IGNORECASE)


def objection(method: str, version: str, target: bytes, fields: Sequence[tuple[bytes, bytes]]) -> str | None:
    """Why the request is refused, in ASCII; ``None`` if its head can be read in one way only.

    ``fields`` have names in lower case.
    """
    if version not in _VERSIONS:
        return "This server speaks HTTP/1.0 and HTTP/1.1."
    if method not in _METHODS:
        return "There is no such method here."
    if len(fields) > _MOST_FIELDS:
        return "The request has too many header fields."
    names = [name for name, _ in fields]
    for name in names:
        if name in _ONCE and names.count(name) > 1:
            return f"{name.decode('ascii')} is given more than once."
    return _objection_to_coding(version, dict(fields)) or _objection_to_place(method, version, target, dict(fields))


def _objection_to_coding(version: str, fields: dict[bytes, bytes]) -> str | None:
    """RFC 9112, section 6.1: where a body ends is unknown, if its coding is, or its HTTP knows none."""
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (version == "1.0" or coding.strip().lower() != b"chunked"):
        return "The only transfer-encoding here is chunked, in HTTP/1.1."
    return None


def _objection_to_place(method: str, version: str, target: bytes, fields: dict[bytes, bytes]) -> str | None:
    """RFC 9112, section 3.2: a whole address counts more than Host, by which this program tells who may ask."""
    host = fields.get(b"host")
    if host is None and version != "1.0":
        return "The request has no Host."
    if b"#" in target:
        return "A request names no fragment."
    whole = _ABSOLUTE.match(target)
    if whole is not None:
        return None if host is not None and whole[1].lower() == host.lower() else "Address and Host differ."
    if target.startswith(b"/") or (target, method) == (b"*", "OPTIONS"):
        return None
    return "A request names a path."
