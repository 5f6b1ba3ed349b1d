"""AWS's texts into seconds and bytes, and seconds and bytes into texts for people.

Everything between those two edges computes in seconds and bytes. Numbers that are read side by side
share one unit: ``times`` takes a whole table column or row group and chooses once. Lambda's
"MB" are mebibytes (a 1024 MB function is killed at 1,073,741,824 bytes), so MB means 1,048,576 bytes here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

MIB = 1024 * 1024
ABSENT = "\N{EN DASH}"
# Finer than this is noise in every table; what would round to nothing is shown as "<0.001", never as 0.
_MAX_DECIMALS = 3
_MOST_DIGITS = 18
_SMALLEST_USD = Decimal("0.0001")

_QUANTITY = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([^\d\s]+)\s*", re.ASCII)
_SECONDS = {
    "s": Decimal(1),
    "ms": Decimal("1e-3"),
    "us": Decimal("1e-6"),
    "\N{MICRO SIGN}s": Decimal("1e-6"),
    "\N{GREEK SMALL LETTER MU}s": Decimal("1e-6"),
}
_BYTES = {"B": Decimal(1), "KB": Decimal(1024), "MB": Decimal(MIB), "GB": Decimal(1024 * MIB)}


@dataclass(frozen=True)
class Unit:
    """``base`` is the size of one such unit in seconds or bytes."""

    name: str
    base: float


SECOND = Unit("s", 1.0)
MILLISECOND = Unit("ms", 1e-3)
MICROSECOND = Unit("us", 1e-6)
MEGABYTE = Unit("MB", float(MIB))


@dataclass(frozen=True)
class Group:
    """Values written in one unit, in the order given. The unit belongs in the caption or header."""

    unit: Unit
    texts: tuple[str, ...]


def parse_duration(text: str) -> float:
    """Seconds, from a text such as ``123.45 ms``; correctly rounded.

    Raises:
        ValueError: not a non-negative number followed by s, ms or us.
    """
    return float(_parse(text, _SECONDS, "a duration such as '123.45 ms'"))


def parse_size(text: str) -> int:
    """Bytes, from a text such as ``1024 MB``; KB, MB and GB are powers of 1024, as Lambda counts.

    Raises:
        ValueError: not a non-negative number followed by B, KB, MB or GB.
    """
    return round(_parse(text, _BYTES, "a size such as '1024 MB'"))


def whole(text: str) -> int | None:
    """A number of plain digits, ``None`` of anything else: of digits without end, too, at which ``int`` fails."""
    return int(text) if len(text) <= _MOST_DIGITS and text.isascii() and text.isdecimal() else None


def _parse(text: str, factors: dict[str, Decimal], wanted: str) -> Decimal:
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] not in factors:
        raise ValueError(f"{text!r} is not {wanted}")
    return Decimal(match[1]) * factors[match[2]]


def aws_duration(seconds: float) -> str:
    """As AWS writes it in a REPORT line: ``123.45 ms``."""
    return f"{seconds * 1000:.2f} ms"


def aws_size(size_bytes: int) -> str:
    """As AWS writes it in a REPORT line: whole MB, rounded up, so that what was used is never understated."""
    return f"{-(-size_bytes // MIB)} MB"


def time_unit(values: Iterable[float | None]) -> Unit:
    """The unit for a group of seconds, by its largest: s from 10 s, ms from 1 ms, else us."""
    largest = max((abs(value) for value in values if value is not None), default=MILLISECOND.base)
    if largest >= 10 * SECOND.base:
        return SECOND
    return MILLISECOND if largest >= MILLISECOND.base else MICROSECOND


def times(values: Iterable[float | None], *, digits: int = 3, unit: Unit | None = None) -> Group:
    """Seconds as texts in one unit, chosen by ``time_unit`` unless given."""
    values = tuple(values)
    unit = unit or time_unit(values)
    return Group(unit, tuple(ABSENT if value is None else number(value / unit.base, digits) for value in values))


def format_bytes(size_bytes: int) -> str:
    """One size for a sentence, with its unit: ``312 B``, ``85.9 KB``, ``4.50 MB`` (powers of 1024)."""
    for name in ("MB", "KB"):
        base = int(_BYTES[name])
        if size_bytes >= base:
            return f"{number(size_bytes / base)} {name}"
    return f"{size_bytes} B"


def number(value: float, digits: int = 3) -> str:
    """``value`` with ``digits`` significant digits, whole digits always kept, at most three decimals."""
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    decimals = min(_MAX_DECIMALS, max(0, digits - 1 - exponent))
    text = f"{value:,.{decimals}f}"
    if value and not text.strip("-0.,"):
        smallest = f"{10**-decimals:.{decimals}f}"
        return f"<{smallest}" if value > 0 else f">-{smallest}"
    return text


def format_usd(usd: Decimal) -> str:
    """US dollars: cents from a dollar on, below that two significant digits, and never 0 for what costs something."""
    if 0 < usd < _SMALLEST_USD:
        return f"<{_SMALLEST_USD}"
    decimals = 2 if usd == 0 or usd >= 1 else max(2, 1 - usd.adjusted())
    return f"{usd:,.{decimals}f}"


def format_rate(per_second: float) -> str:
    """So many a second, in the longest of the usual times in which there is at least one: ``3.4 /s``, ``12 /h``."""
    for name, length_s in (("s", 1.0), ("min", 60.0), ("h", 3600.0)):
        if per_second * length_s >= 1:
            return f"{number(per_second * length_s)} /{name}"
    return f"{number(per_second * 86_400)} /d"


def time_left(seconds: float) -> str:
    """A remaining time for a progress line: ``12 s``, ``29 min 30 s``, ``1 h 05 min``."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
