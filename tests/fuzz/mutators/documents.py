"""Changes to JSON documents: other values in their places, and places that are missing or there twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

# Where arithmetic, formatting and conversion have their ends.
_NUMBERS = (
    *(0, 1, -1, 2, 7, 100, 255, 256, 65_536, 10**9, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63)),
    *(10**30, -(10**30), 10**308, 0.0, -0.0, 0.5, -0.5, 1e-3, 1e-9, 1e-300, 5e-324, 1e15, 1e16, 1e22, 1e100),
    *(1.7976931348623157e308, -1.7976931348623157e308, 1e308, 1e154, 1e155, 86_400.0, 1e9, 253_402_300_800.0),
)
_TEXTS = (
    *("", " ", "0", "-1", "1e999", "nan", "None", "a" * 300, "a" * 5000, "x y", "a\nb", "a\tb", "\x1b[31m", "\x00"),
    *("\ud800", "\udfff", "\N{ZERO WIDTH SPACE}", "\N{RIGHT-TO-LEFT OVERRIDE}", "\N{GRINNING FACE}", "e\u0301" * 40),
    *("<b>", "</script>", "&amp;", "|", "`", "[link](x)", "=1+1", '"', "'", "\\", "%s", "{}", "../../x", "/dev/zero"),
    *("2026-11-22T08:00:00+00:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-13-01", "T"),
)
_OTHERS = (None, True, False, [], {}, [[]], [None], {"": None})


def document_mutator(*vocabulary: Any) -> Callable[[bytes, Random, Callable[[bytes], bytes]], bytes]:
    """``vocabulary`` are values that mean something where they stand: the words of an enumeration, keys, tags."""

    def mutate(data: bytes, random: Random, blindly: Callable[[bytes], bytes]) -> bytes:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            return blindly(data)
        if random.random() < 0.1:
            return blindly(data)
        try:
            for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
                document = _changed(document, random, vocabulary)
            return written(document, random)
        except RecursionError:
            return b'{"a":' * random.choice((1, 100, 5000)) + data  # too deep for json, and so no longer of its making

    return mutate


def lines_mutator(*vocabulary: Any) -> Callable[[bytes, Random, Callable[[bytes], bytes]], bytes]:
    """Of a document on each line."""
    change = document_mutator(*vocabulary)

    def mutate(data: bytes, random: Random, blindly: Callable[[bytes], bytes]) -> bytes:
        lines = data.split(b"\n")
        place = random.randrange(len(lines))
        match random.randrange(6):
            case 0:
                lines.insert(random.randrange(len(lines) + 1), random.choice(lines))
            case 1 if len(lines) > 1:
                del lines[place]
            case 2:
                random.shuffle(lines)
            case 3:
                lines[place] = blindly(lines[place])
            case _:
                lines[place] = change(lines[place], random, blindly)
        return b"\n".join(lines)

    return mutate


def written(document: Any, random: Random) -> bytes:
    """A lone surrogate has no UTF-8: such a document is written with escapes."""
    text = json.dumps(document, ensure_ascii=random.random() < 0.5)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(document).encode()


def _changed(document: Any, random: Random, vocabulary: tuple[Any, ...]) -> Any:
    places = list(_places(document))
    if not places:
        return _value(document, random, vocabulary)
    holder, key = random.choice(places)
    match random.randrange(12):
        case 0:
            del holder[key]
        case 1:
            _put_again(document, holder, key, random, vocabulary)
        case 2 | 3 as times:
            other, place = random.choice(places)
            first, second = _copy(holder[key]), _copy(other[place])
            holder[key] = second
            if times == 2:  # exchanged
                other[place] = first
        case 4:
            _deepen(holder, key, random)
        case 5:
            _put_everywhere(places, key, _value(holder[key], random, vocabulary))
        case 6:
            holder[key] = _copy(random.choice((*_OTHERS, *_NUMBERS, *_TEXTS, *vocabulary)))
        case _:
            holder[key] = _value(holder[key], random, vocabulary)
    return document


def _put_everywhere(places: list[tuple[Any, Any]], key: Any, value: Any) -> None:
    """One absurd figure among many hides; all of a name do not."""
    for holder, place in places:
        if place == key and isinstance(key, str):
            holder[place] = _copy(value)


def _put_again(document: Any, holder: Any, key: Any, random: Random, vocabulary: tuple[Any, ...]) -> None:
    """More of it beside it, or the same under another name."""
    if isinstance(holder, list):
        holder[key:key] = [_copy(holder[key]) for _ in range(random.choice((1, 1, 2, 10)))]
    else:
        names = sorted(_keys(document)) + [word for word in vocabulary if isinstance(word, str)]
        holder[random.choice(names)] = _copy(holder[key])


def _value(value: Any, random: Random, vocabulary: tuple[Any, ...]) -> Any:
    """Another one of the same type, mostly: it is to pass the reader, and to trouble whoever believes it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        whole = [number for number in _NUMBERS if isinstance(number, int)]
        return random.choice((*whole, value + 1, value - 1, -value, value * 1000))
    if isinstance(value, float):
        return random.choice((*map(_as_float, _NUMBERS), value * 1e3, value * 1e-3, -value, value * 1e200))
    if isinstance(value, str):
        words = [word for word in vocabulary if isinstance(word, str)]
        cut = value[: random.randrange(len(value) + 1)]
        return random.choice((random.choice(_TEXTS), random.choice(words or [""]), value + value, cut, value + "-x"))
    if isinstance(value, list):
        return _copy(random.choice(([], value[:1], value[::-1], value + value)))
    return _copy(random.choice((*_OTHERS, *vocabulary)))


def _as_float(number: float) -> float:
    return float(number)


def _deepen(holder: Any, key: Any, random: Random) -> None:
    depth = random.choice((1, 3, 50, 400))
    value = holder[key]
    for _ in range(depth):
        value = [value]
    holder[key] = value


def _places(document: Any) -> Any:
    """Every value that stands in something, as what it stands in and where."""
    waiting = [document]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ():
            yield holder, key
            if isinstance(holder[key], dict | list):
                waiting.append(holder[key])


def _keys(document: Any) -> set[str]:
    return {key for _, key in _places(document) if isinstance(key, str)} or {""}


def _copy(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value))
    except (ValueError, RecursionError):
        return None
