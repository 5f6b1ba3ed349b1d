"""A page as a part of a document that is open already: what a file tells, without a document's head."""

from __future__ import annotations

from resnet_bench.report.html.markup import serialised, tag
from resnet_bench.report.html.writer import Writer, headlines, titled, verdict
from resnet_bench.report.page import Page


def fragment(page: Page, key: str, level: int = 3) -> str:
    """The page as an ``article``: headline, verdict, contents, caveats, sections.

    ``key`` begins every id in it, so that several stand in one document; ``level`` is that of its heading. Figures are
    drawn where ``page.js`` runs, once it is told of them (``resnet-bench:figures``).
    """
    title, below, writer = page.headline[0], level + 1, Writer(f"{key}-")
    listed = tag("nav", writer.links(page, 0), aria_label=f"Contents of {title}") if len(page.sections) > 1 else None
    return serialised(
        tag(
            "article",
            tag(f"h{level}", title, id=key),
            headlines(page),
            titled("Verdict", below, [verdict(page)]) if page.verdict else None,
            listed,
            writer.parts(page, 0, below),
            aria_labelledby=key,
        )
    )
