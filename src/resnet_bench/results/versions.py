"""The version of the result document, and the way from every older one to today's.

Adding a field that has a default is no new version: old files load with the default, and older programs
ignore what they do not know. Renaming, removing or changing the meaning of a field is one, and needs a step
in ``STEPS`` and a golden file in ``tests/golden/`` that must load forever.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from resnet_bench.errors import ResultError
from resnet_bench.results.run import Run
from resnet_bench.unreadable import UNREADABLE, reason

# History
# 1  November 2026: the first.
VERSION = 1

Document = dict[str, Any]
# STEPS[n] turns a document of version n into one of version n + 1 (its "version" is set for it).
STEPS: Mapping[int, Callable[[Document], Document]] = {}


class _Versioned(msgspec.Struct):
    version: int


_version = msgspec.json.Decoder(_Versioned)
_run = msgspec.json.Decoder(Run)


def read_todays(data: bytes) -> Run | None:
    """The records in a whole JSON document of today's version; ``None`` of any other text, on which ``read_run`` has
    the word.

    Straight into records: by way of dictionaries a long run takes three times as long.
    """
    try:
        return _run.decode(data) if _version.decode(data).version == VERSION else None
    except UNREADABLE:
        return None


def read_run(document: object, where: str) -> Run:
    """The records in a decoded JSON document of any version up to today's.

    ``where`` names the file in messages.

    Raises:
        ResultError: not a result of this program, made by a newer version, or a field of the wrong type.
    """
    if not isinstance(document, dict):
        raise _not_ours(where)
    try:
        return msgspec.convert(upgrade(document, where), Run, strict=True)
    except UNREADABLE as error:
        raise ResultError(
            f"{where} is not a valid result: {reason(error)}",
            "The file was edited or damaged; measure again, or restore it from a copy.",
        ) from error


def upgrade(
    document: Document,
    where: str,
    *,
    version: int = VERSION,
    steps: Mapping[int, Callable[[Document], Document]] = STEPS,
) -> Document:
    """``document`` brought to ``version``, step by step.

    Raises:
        ResultError: it carries no version, or one that is newer than ``version``.
    """
    found = document.get("version")
    if type(found) is not int or found < 1:
        raise _not_ours(where)
    if found > version:
        raise ResultError(
            f"{where} was made by a newer version of resnet-bench (document version {found}, this one reads {version})",
            "Update resnet-bench: pip install --upgrade resnet-bench",
        )
    for step in range(found, version):
        document = {**steps[step](document), "version": step + 1}
    return document


def _not_ours(where: str) -> ResultError:
    return ResultError(f"{where} is not a resnet-bench result", "Give a file that --save or a run has written.")
