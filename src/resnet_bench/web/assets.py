"""What the page is made of beside its HTML: style sheets and scripts, all of this package or its libraries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from importlib import resources
from typing import NamedTuple

from resnet_bench.report.html import scripts

_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}


class Asset(NamedTuple):
    """``tag`` tells its versions apart (RFC 9110, ETag)."""

    content: bytes
    media_type: str
    tag: str


def _of(package: str, *path: str) -> str:
    return resources.files(package).joinpath(*path).read_text(encoding="utf-8")


def _places() -> dict[str, Callable[[], str]]:
    own = resources.files(__package__).joinpath("static")
    names = [each.name for each in own.iterdir() if each.name.rpartition(".")[2] in _TYPES]
    return {name: partial(_of, __package__, "static", name) for name in names} | {
        # The reports' own: what they show looks and works the same in the page.
        "page.css": partial(_of, "resnet_bench.report.html", "page.css"),
        "figures.js": scripts.own,
        "plotly.js": scripts.library,
    }


@cache
def asset(name: str) -> Asset:
    """Read when it is first asked for.

    Raises:
        KeyError: there is none of that name.
    """
    content = _places()[name]().encode()
    return Asset(content, _TYPES[name.rpartition(".")[2]], f'"{hashlib.sha256(content).hexdigest()[:16]}"')
