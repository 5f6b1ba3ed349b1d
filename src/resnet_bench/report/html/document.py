"""The whole document: what to remember first, then what there is to read, then everything with its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import resources
from xml.etree.ElementTree import Element

from resnet_bench import __version__
from resnet_bench.report.html import scripts
from resnet_bench.report.html.markup import page, raw, tag
from resnet_bench.report.html.writer import Writer, headlines, titled, verdict
from resnet_bench.report.page import Page

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
                *_body(pages, title, drawn=drawn),
                tag("footer", tag("p", f"resnet-bench {__version__}")),
                [raw("script", script) for script in running],
            ),
            lang="en",
        )
    )


def _body(pages: Sequence[Page], title: str, *, drawn: bool) -> Iterator[Element]:
    writer = Writer()
    several = len(pages) > 1
    yield tag("header", tag("h1", title), [] if several else [tag("p", line) for line in pages[0].headline[1:]])
    if drawn:
        yield tag("noscript", tag("p", _WITHOUT_SCRIPT, class_="warning"))
    if told := [one for one in pages if one.verdict]:
        yield titled("Verdict", 2, [_verdict(one, several=several) for one in told])
    if several:
        yield tag("nav", tag("ul", _contents(pages, writer)), aria_label="Contents")
        yield tag("main", [_article(one, place, writer) for place, one in enumerate(pages)])
        return
    (alone,) = pages
    # What is seen at one glance needs no list.
    if len(alone.sections) > 1:
        yield tag("nav", writer.links(alone, 0), aria_label="Contents")
    yield tag("main", writer.parts(alone, 0, 2))


def _verdict(one: Page, *, several: bool) -> Element:
    """What was measured under which conditions is part of it where there are several."""
    return verdict(one, tag("span", one.headline[0], class_="of") if several else None)


def _contents(pages: Sequence[Page], writer: Writer) -> Iterator[Element]:
    for place, one in enumerate(pages):
        yield tag("li", tag("a", one.headline[0], href=f"#{_page_key(place)}"), writer.links(one, place))


def _article(one: Page, place: int, writer: Writer) -> Element:
    """Alone a page has the whole document's heading; among others one of its own."""
    title = tag("h2", one.headline[0], id=_page_key(place))
    return tag("article", title, headlines(one), writer.parts(one, place, 3))


def _page_key(place: int) -> str:
    return f"result-{place + 1}"
