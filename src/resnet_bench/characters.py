"""Texts from outside (names of images, answers of servers) as characters that a document or a terminal may be given."""

from __future__ import annotations

import re

# Control characters have no place in a document and steer a terminal, lone surrogates have none in UTF-8, and overrides
# of the writing direction would let a label rearrange what stands around it.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def fit(text: str) -> str:
    """The text, with a replacement character for each that does not fit. Line ends and tabs do."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)
