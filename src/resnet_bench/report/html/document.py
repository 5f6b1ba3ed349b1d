"""The whole document: what to remember first, then what there is to read, then everything with its doubts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import count
from xml.etree.ElementTree import Element

from resnet_bench import __version__
from resnet_bench.report.html import scripts
from resnet_bench.report.html.markup import page, raw, tag
from resnet_bench.report.html.plots import figure
from resnet_bench.report.html.tables import table
from resnet_bench.report.html.telling import Teller
from resnet_bench.report.page import Page, Section
from resnet_bench.results.run import Caveat

_TITLE = "resnet-bench: report"
_WITHOUT_SCRIPT = (
    "Scripts do not run here, so that no plot is drawn: what each shows is written in its place, and the tables hold "
    "the figures."
)


def html(pages: Sequence[Page]) -> str:
    """``pages`` one below the other. Without any figure nothing runs, and no library is in the file."""
    drawn = any(section.figures for one in pages for section in one.sections)
    running = (scripts.library(), scripts.own()) if drawn else ()
    title = pages[0].headline[0] if len(pages) == 1 else _TITLE
    return page(
        tag(
            "html",
            tag(
                "head",
                tag("meta", charset="utf-8"),
                tag("meta", http_equiv="Content-Security-Policy", content=scripts.policy(running)),
                tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                tag("meta", name="color-scheme", content="light dark"),
                tag("title", title),
                raw("style", resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")),
            ),
            tag(
                "body",
                *_Writer(pages).body(title),
                tag("footer", tag("p", f"resnet-bench {__version__}")),
                [raw("script", script) for script in running],
            ),
            lang="en",
        )
    )


class _Writer:
    """One file's worth of pages; ids are counted through the whole of it."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._several = len(pages) > 1
        self._teller = Teller()
        self._figures = count(1)

    def body(self, title: str) -> Iterator[Element]:
        first = self._pages[0]
        lines = () if self._several else first.headline[1:]
        yield tag("header", tag("h1", title), [tag("p", line) for line in lines])
        if any(section.figures for one in self._pages for section in one.sections):
            yield tag("noscript", tag("p", _WITHOUT_SCRIPT, class_="warning"))
        if verdicts := [one for one in self._pages if one.verdict]:
            yield _section("Verdict", 2, map(self._verdict, verdicts))
        if contents := self._contents():
            yield contents
        yield tag("main", [each for place, one in enumerate(self._pages) for each in self._page(one, place)])

    def _verdict(self, one: Page) -> Element:
        """What was measured under which conditions is part of it where there are several."""
        lead = tag("span", one.headline[0], class_="of") if self._several else None
        return tag("p", lead, one.verdict, class_="verdict")

    def _contents(self) -> Element | None:
        """Not of what is seen at one glance."""
        lists = [
            tag(
                "ul",
                [_link(section.title, _key(place, at)) for at, section in enumerate(one.sections)],
                class_="sections",
            )
            for place, one in enumerate(self._pages)
        ]
        if not self._several:
            return tag("nav", lists, aria_label="Contents") if len(lists[0]) > 1 else None
        items = (
            tag("li", tag("a", one.headline[0], href=f"#{_page_key(place)}"), links)
            for place, (one, links) in enumerate(zip(self._pages, lists, strict=True))
        )
        return tag("nav", tag("ul", items), aria_label="Contents")

    def _page(self, one: Page, place: int) -> Iterator[Element]:
        """Alone it has the whole document's heading; among others one of its own."""
        if not self._several:
            yield from self._parts(one, place, 2)
            return
        lines = [tag("p", line, class_="headline") for line in one.headline[1:]]
        yield tag("article", tag("h2", one.headline[0], id=_page_key(place)), lines, self._parts(one, place, 3))

    def _parts(self, one: Page, place: int, level: int) -> Iterator[Element]:
        if one.warning:
            yield tag("p", one.warning, class_="warning")
        if one.caveats:
            yield _section("Caveats", level, [tag("ul", map(_caveat, one.caveats), class_="caveats")])
        for at, section in enumerate(one.sections):
            yield self._section(section, _key(place, at), level)

    def _section(self, one: Section, key: str, level: int) -> Element:
        children: list[Element] = [tag("p", text, class_="paragraph") for text in one.paragraphs]
        if one.figures:
            drawn = [figure(each, f"figure-{next(self._figures)}", level + 1, self._teller) for each in one.figures]
            children.append(tag("div", drawn, class_="gallery"))
        children += [table(each, self._teller, one.title) for each in one.tables]
        return _section(one.title, level, children, key)


def _section(title: str, level: int, children: Iterable[Element], key: str | None = None) -> Element:
    return tag("section", tag(f"h{level}", title) if title else None, children, id=key)


def _caveat(caveat: Caveat) -> Element:
    return tag("li", caveat.message, tag("span", caveat.next_step, class_="next"))


def _link(title: str, key: str) -> Element:
    return tag("li", tag("a", title, href=f"#{key}"))


def _page_key(place: int) -> str:
    return f"result-{place + 1}"


def _key(place: int, at: int) -> str:
    return f"section-{place + 1}-{at + 1}"
