"""Why a gateway would not let a call through (401, 403), and what would open it.

Source: AWS re:Post, "How do I troubleshoot HTTP 403 errors from API Gateway?". An HTTP API says no more than
``Forbidden``, whatever the reason; a REST API names it in ``x-amzn-errortype`` and in its text.
"""

from __future__ import annotations

from typing import NamedTuple

DENIED = frozenset({401, 403})
_UNSIGNED = "the API may want signed requests: name its stack with --stack, or sign the calls to a URL with --sign"


class _Reason(NamedTuple):
    """``mark`` is what the gateway's words have in them; ``why`` replaces those, which can name accounts and ARNs."""

    mark: str
    why: str
    hint: str


# In the order in which they are looked for: a text can have several of the marks.
_REASONS = (
    _Reason(
        "missing authentication token",
        "it found no signature (Missing Authentication Token)",
        "check the URL, stage included: this is also the answer to a path that the API does not have",
    ),
    _Reason(
        "not authorized to perform",
        "execute-api:Invoke is denied to the caller",
        "allow execute-api:Invoke on this API in the policy of the user or role whose credentials sign the calls",
    ),
    _Reason(
        "signature",
        "the signature does not match or has expired",
        "check this machine's clock, the secret key, --region, and that no proxy changes the requests",
    ),
    _Reason(
        "security token",
        "the credentials are not known there or have expired",
        "log in again (aws sso login, or renew the session's keys), then repeat the command",
    ),
)
_SIGNED = _Reason(
    "",
    "",
    "allow execute-api:Invoke on this API to the credentials that sign the calls; if it is allowed, check --region, "
    "the secret key and this machine's clock",
)


def denial(text: str, error_type: str, *, signed: bool) -> tuple[str, str]:
    """What to say of a denial and what to try. ``text`` and ``error_type`` are the gateway's own words."""
    said = f"{error_type} {text}".lower()
    reason = next((reason for reason in _REASONS if reason.mark in said), _SIGNED)
    return reason.why or text, reason.hint if signed else _UNSIGNED
