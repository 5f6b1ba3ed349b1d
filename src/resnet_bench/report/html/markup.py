"""HTML as a tree, so that every text is escaped by whoever writes the tree down and nobody can forget it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

from resnet_bench.characters import fit

Child = Element | str | None


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: str | float | None) -> Element:
    """An element. ``None`` children and attributes are left out.

    Attributes are named as in ``class_`` and ``aria_label``; numbers are written with at most two decimals.
    """
    made = Element(
        name,
        {
            key.rstrip("_").replace("_", "-"): value if isinstance(value, str) else _short(value)
            for key, value in attributes.items()
            if value is not None
        },
    )
    for key, value in made.items():
        made.set(key, fit(value))
    append(made, *children)
    return made


def raw(name: str, text: str, **attributes: str) -> Element:
    """A ``script`` or ``style``: what it holds is written as it is, so that ``text`` must be of this program's making.

    Raises:
        ValueError: the text would end the element, or open a comment, before its own end.
    """
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError(f"the text of a {name} would end it")
    made = tag(name, **attributes)
    made.text = text
    return made


def append(parent: Element, *children: Child | Iterable[Child]) -> None:
    """Add elements and texts at the end of ``parent``."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            _append_text(parent, fit(child))
        elif isinstance(child, Element):
            parent.append(child)
        else:
            append(parent, *child)


def page(root: Element) -> str:
    """The whole HTML document."""
    return f"<!doctype html>\n{serialised(root)}\n"


def serialised(*elements: Element) -> str:
    """Markup for a document that is open already."""
    return "".join(tostring(one, encoding="unicode", method="html") for one in elements)


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _append_text(parent: Element, text: str) -> None:
    """ElementTree keeps a text behind an element with that element."""
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
