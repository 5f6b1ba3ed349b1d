"""This machine, as its own programs call it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_loopback_url(url: str) -> bool:
    """The same of a URL's host; an unreadable URL is not."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False
