"""What may be no JSON at all, whoever sent or kept it, and how to say so. Lambda imports this."""

from __future__ import annotations

from typing import Final

import msgspec

# What msgspec raises for text that is not the JSON asked for: the second where no encoding has it, the last where it is
# nested too deeply.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_QUOTED_CHARACTERS = 200


def one_line(text: str) -> str:
    """Somebody else's words, fit for a terminal: no line ends, no control characters, not too many."""
    printable = "".join(each if each.isprintable() else " " for each in text[: 4 * _QUOTED_CHARACTERS])
    line = " ".join(printable.split())
    return line if len(line) <= _QUOTED_CHARACTERS else line[:_QUOTED_CHARACTERS] + "..."


def reason(error: Exception) -> str:
    """Why something is unreadable, which may quote what was read."""
    return one_line(str(error)) or type(error).__name__
