"""A page's parts as elements, the same in a file and in a document that is open already."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from xml.etree.ElementTree import Element

from resnet_bench.report.html.markup import Child, tag
from resnet_bench.report.html.plots import figure
from resnet_bench.report.html.tables import table
from resnet_bench.report.html.telling import Teller
from resnet_bench.report.page import Page, Section
from resnet_bench.results.run import Caveat


class Writer:
    """Of pages that come and go together: ids are counted through all of them, and each begins with ``prefix``.

    ``place`` is a page's number among them, from 0; ``level`` that of the headings of its sections.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._teller = Teller()
        self._figures = count(1)

    def links(self, one: Page, place: int) -> Element:
        """To each of the page's sections."""
        items = (_link(section.title, self._key(place, at)) for at, section in enumerate(one.sections))
        return tag("ul", items, class_="sections")

    def parts(self, one: Page, place: int, level: int) -> Iterator[Element]:
        """Warning, caveats and sections."""
        if one.warning:
            yield tag("p", one.warning, class_="warning")
        if one.caveats:
            yield titled("Caveats", level, [caveats(one.caveats)])
        for at, section in enumerate(one.sections):
            yield self._section(section, self._key(place, at), level)

    def _section(self, one: Section, key: str, level: int) -> Element:
        children: list[Element] = [tag("p", text, class_="paragraph") for text in one.paragraphs]
        if one.figures:
            drawn = [figure(each, self._figure_key(), level + 1, self._teller) for each in one.figures]
            children.append(tag("div", drawn, class_="gallery"))
        children += [table(each, self._teller, one.title) for each in one.tables]
        return titled(one.title, level, children, key)

    def _key(self, place: int, at: int) -> str:
        return f"{self._prefix}section-{place + 1}-{at + 1}"

    def _figure_key(self) -> str:
        return f"{self._prefix}figure-{next(self._figures)}"


def titled(title: str, level: int, children: Iterable[Element], key: str | None = None) -> Element:
    """A section under its heading."""
    return tag("section", tag(f"h{level}", title) if title else None, children, id=key)


def verdict(one: Page, *before: Child) -> Element:
    return tag("p", *before, one.verdict, class_="verdict")


def headlines(one: Page) -> list[Element]:
    """The lines below the first one, which is the page's heading."""
    return [tag("p", line, class_="headline") for line in one.headline[1:]]


def caveats(doubts: Iterable[Caveat]) -> Element:
    """Each with what would remove it."""
    items = [tag("li", one.message, tag("span", one.next_step, class_="next")) for one in doubts]
    return tag("ul", items, class_="caveats")


def _link(title: str, key: str) -> Element:
    return tag("li", tag("a", title, href=f"#{key}"))
