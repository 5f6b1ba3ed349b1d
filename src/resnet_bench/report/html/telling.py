"""Where figures are from, once at length on a page."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from resnet_bench.report.html.markup import tag
from resnet_bench.report.rows import Caption


class Teller:
    """Says where figures are from: at length the first time on the page, in short from then on, never not at all."""

    def __init__(self) -> None:
        self._told: set[Caption] = set()

    def sources(self, captions: Iterable[Caption]) -> list[Element]:
        made = [tag("p", one.short if one in self._told else one.text, class_="source") for one in captions]
        self._told.update(captions)
        return made
