"""A classification as JSON: whole, for machines; and what the page needs of it."""

from __future__ import annotations

from typing import Any

from resnet_bench.errors import ImageError, ResnetBenchError
from resnet_bench.web.classification import ASKS, Classification

_DOING = {
    "checking": "checking the image",
    "local": "classifying on this machine",
    "remote": "classifying on Lambda",
    "done": "done",
}
_ANEW = ", which starts anew"
_PLURAL = 2


def document(one: Classification) -> dict[str, Any]:
    """Everything that is known of it."""
    differs = one.disagreement
    return {
        "id": one.number,
        "state": one.state,
        "status": status(one),
        "image": one.image,
        "forced_cold": one.cold,
        "ahead_count": one.ahead_count,
        "asks_count": one.asks_count,
        "local": one.local,
        "remote": one.remote,
        "hints": one.hints,
        "agree": None if differs is None else not differs,
        "problem": None if one.problem is None else problem(one.problem),
    }


def view(one: Classification) -> dict[str, Any]:
    """What the page shows of it."""
    return {
        "id": one.number,
        "image": one.image.name,
        "state": one.state,
        "status": status(one),
        "problem": None if one.problem is None else problem(one.problem),
        "parts": one.parts,
    }


def status(one: Classification) -> str:
    """How far it is, in words."""
    if one.state == "queued":
        ahead = one.ahead_count
        plural = "s" if ahead >= _PLURAL else ""
        return f"waiting: {ahead} classification{plural} before this one" if ahead else "waiting for its turn"
    if one.state == "tracing":
        return f"answered; asking X-Ray ({one.asks_count} of {ASKS} times)"
    if one.state == "done" and one.problem is not None and not one.samples:
        return "not classified"
    return _DOING[one.state] + (_ANEW if one.cold and one.state in {"local", "remote"} else "")


def problem(error: ResnetBenchError) -> dict[str, str]:
    code = error.code if isinstance(error, ImageError) else type(error).__name__
    return {"code": code, "message": error.message, "hint": error.hint}


def listed(one: Classification) -> dict[str, Any]:
    """For a list: without the samples, which are most of it."""
    return {name: value for name, value in document(one).items() if name not in {"local", "remote"}}
