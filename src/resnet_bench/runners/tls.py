"""Why a TLS connection failed, and what to try: a certificate, or a server that speaks something else."""

from __future__ import annotations

import ssl
from typing import NamedTuple

# OpenSSL's reasons for bytes that are no TLS at all, from 1.1 to 3.x.
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"})


class TlsTrouble(NamedTuple):
    """``why`` completes "no trusted TLS connection to HOST: "; ``transient`` as in ``errors.py``."""

    why: str
    hint: str
    transient: bool = False


def tls_trouble(error: ssl.SSLError, told: str) -> TlsTrouble:
    """``told`` is what the error says of itself, fit to be printed."""
    reason = getattr(error, "reason", None) or ""  # missing where Python itself made the error
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsTrouble(
            getattr(error, "verify_message", "") or told,
            "check the name in the URL and this machine's clock; the certificate of an authority of your own is named "
            "by SSL_CERT_FILE",
        )
    if reason in _NO_TLS:
        return TlsTrouble("the server does not speak TLS", "check the port; if it speaks plain HTTP, give http://")
    if isinstance(error, ssl.SSLEOFError):
        return TlsTrouble("the server broke off", "check the URL and that the server runs; then try again", True)
    return TlsTrouble(reason or told, "check the URL and which versions of TLS the server speaks")
