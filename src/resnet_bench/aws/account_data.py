"""Taking account ids and ARNs out of what is kept or shown to others."""

from __future__ import annotations

import re
from typing import Any

import msgspec

ARN = "[arn]"
ACCOUNT = "[account]"

_PRIVATE = re.compile(
    r"(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"  # its last part can be twelve digits: kept
    r"|(?P<arn>\barn:aws[\w-]*:[^\s\"'\\,;<>(){}\[\]]+)"
    r"|(?P<account>(?<!\w)(?<!\d\.)\d{12}(?!\w|\.\d))"
)


def strip_text(text: str) -> str:
    """``text`` with every ARN and every number of exactly twelve digits replaced; request ids (UUIDs) are kept."""
    return _PRIVATE.sub(lambda match: {"uuid": match[0], "arn": ARN, "account": ACCOUNT}[str(match.lastgroup)], text)


def strip_account_data(document: Any) -> Any:
    """A copy of a decoded JSON document without account ids and ARNs, in keys and values at any depth.

    A string that is itself a JSON object, as X-Ray's ``Document`` is, is stripped inside and stays a string.

    Raises:
        RecursionError: the document is nested deeper than Python's stack; JSON that was decoded here never is.
    """
    if isinstance(document, dict):
        return {
            strip_account_data(key): ACCOUNT if _names_account(key) else strip_account_data(value)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [strip_account_data(item) for item in document]
    if isinstance(document, str):
        return _strip_string(document)
    return document


def _strip_string(text: str) -> str:
    if text.lstrip().startswith("{"):
        try:
            return msgspec.json.encode(strip_account_data(msgspec.json.decode(text))).decode()
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            pass  # not JSON after all, or hostile: treated as plain text
    return strip_text(text)


def _names_account(key: Any) -> bool:
    return isinstance(key, str) and key.lower().replace("_", "") in {"accountid", "account"}
