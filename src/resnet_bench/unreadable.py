"""What may be no JSON at all, whoever sent or kept it. Lambda imports this."""

from __future__ import annotations

from typing import Final

import msgspec

# What msgspec raises for text that is not the JSON asked for: the second where no encoding has it, the last where it is
# nested too deeply.
UNREADABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
