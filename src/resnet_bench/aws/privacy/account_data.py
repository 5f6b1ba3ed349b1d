"""Taking what tells whose account it is, and what opens it, out of what is kept or shown to others."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import msgspec

ARN = "[arn]"
ACCOUNT = "[account]"
URL = "[url]"
REGISTRY = "[registry]"
CREDENTIAL = "[credential]"

# Order matters: what may contain another stands before it. The lookbehinds keep a search linear in the text's length.
_PRIVATE = re.compile(
    r"""
      (?P<uuid> \b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b )  # its last part can be twelve digits: kept
    | (?P<named> (?i: aws_?secret_?access_?key | aws_?session_?token | x-amz-(?:security-token|signature|credential)
                    | (?<=\W)signature | (?<=\W)credential )
        ["']?\s*[=:]\s*["']? ) (?P<value> [^\s"'&,;<>()\\\[]+ )
    | (?P<url> \b https?:// [^\s"'\\<>(){}\[\]]+ )
    | (?P<registry> (?<![\w.-]) \d{12} \.dkr[.-]ecr [\w.-]* )
    | (?P<host> (?<![\w.-]) (?:[\w-]+\.)+ (?:execute-api(?:-fips)?|lambda-url) \. [\w.-]+ )
    | (?P<arn> \barn:aws[\w-]*:[^\s"'\\,;<>(){}\[\]]+ )
    | (?P<key> \b (?:AKIA|ASIA|AROA|AIDA|ANPA|AGPA|AIPA|ANVA|APKA|ASCA) [A-Z0-9]{16,17} \b )
    | (?P<token> (?<![\w+/]) (?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz) [\w+/=%-]{16,} )
    | (?P<account> (?<!\w)(?<!\d\.)\d{12}(?!\w|\.\d) )
    """,
    re.VERBOSE,
)
_INSTEAD = {
    "registry": REGISTRY,
    "host": URL,
    "arn": ARN,
    "key": CREDENTIAL,
    "token": CREDENTIAL,
    "account": ACCOUNT,
}
# Addresses that are the same for everybody: this machine, and AWS's services in a region.
_PUBLIC = re.compile(
    r"https?://(?:localhost|127(?:\.\d+){3}|[a-z-]+(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?)(?:[:/].*)?"
)


def strip_text(text: str, *, addresses: bool = True) -> str:
    """``text`` without account ids, ARNs, addresses of an account's own, access keys, session tokens and signatures.

    A marker stands in place of each. Request ids (UUIDs), trace ids and AWS's general addresses are kept; so are those
    of an account's own without ``addresses``, for whoever has just given one, but not what is signed in them.
    """
    return _PRIVATE.sub(partial(_instead, addresses), text)


def _instead(addresses: bool, match: re.Match[str]) -> str:
    if match["value"] is not None:
        return match["named"] + CREDENTIAL
    kind = str(match.lastgroup)
    if kind == "uuid":
        return match[0]
    if kind == "url":
        kept = "X-Amz-" not in match[0] and (not addresses or _PUBLIC.fullmatch(match[0]))
        return _without_ids(match[0], addresses) if kept else URL
    if kind == "host" and not addresses:
        return match[0]
    return _INSTEAD[kind]


def _without_ids(url: str, addresses: bool) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{strip_text(rest, addresses=addresses)}"


def strip_account_data(document: Any) -> Any:
    """A copy of a decoded JSON document, stripped as by ``strip_text`` in keys and values at any depth.

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
