"""What runs in a report: Plotly.js as published, the page's own script, and a policy that allows nothing else."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from importlib import resources


@cache
def library() -> str:
    """Plotly.js (MIT licence), whole, as the ``plotly`` package carries it; of that package nothing else is used."""
    return resources.files("plotly").joinpath("package_data", "plotly.min.js").read_text(encoding="utf-8")


@cache
def own() -> str:
    """Draws the figures of the page, in the colours of the reader's theme."""
    return resources.files(__package__).joinpath("page.js").read_text(encoding="utf-8")


def policy(scripts: Iterable[str]) -> str:
    """A Content-Security-Policy under which exactly these inlined scripts run, and nothing is loaded from anywhere.

    Plotly.js sets styles by script, and saves a plot as a picture by way of an image that it makes itself.
    """
    hashes = " ".join(f"'sha256-{_digest(script)}'" for script in scripts)
    allowed = f"; script-src {hashes}; img-src data: blob:" if hashes else ""
    return f"default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'unsafe-inline'{allowed}"


def _digest(script: str) -> str:
    """https://www.w3.org/TR/CSP3/#match-element-to-source-list"""
    return b64encode(hashlib.sha256(script.encode()).digest()).decode()
