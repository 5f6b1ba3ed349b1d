"""Pages as a short summary for a pull request: GitHub-flavoured Markdown, to be read at one glance."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from itertools import groupby

from resnet_bench.characters import fit
from resnet_bench.report.cells import sheet
from resnet_bench.report.page import Page
from resnet_bench.report.rows import DRAWN, Caption, Row, Table
from resnet_bench.results.run import COMPARISONS, Caveat

# Of a page that is not listed the first table, which is what the page is about.
_TOLD = dict.fromkeys(map(str, COMPARISONS), ("latency", "failures", "cold", "memory"))
# Rows that are parts of parts are for the whole report.
_DEEPEST = {"cold": 0}
# What means something in a line of Markdown; in HTML, which Markdown may hold; and what GitHub makes links of, or calls
# people by. It looks for names behind ``@`` in what is rendered already, where only a character in between helps.
_MARKUP = re.compile(r"[\\`*_\[\]#|~$]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "://": "&#58;//", "@": "@&#8203;"}


def markdown(pages: Sequence[Page]) -> str:
    """All pages, one below the other, ending with a newline."""
    return "\n".join(line for page in pages for line in _page(page))


def _page(page: Page) -> Iterator[str]:
    title, *more = page.headline
    yield f"## {_plain(title)}\n"
    if page.verdict:
        yield f"{_plain(page.verdict)}\n"
    if page.warning:
        yield f"{_plain(page.warning)}\n"
    tables = _told(page)
    told: set[Caption] = set()
    for table in tables:
        yield from _table(table)
        yield _sources(table, told)
        told.update(table.captions)
    yield from _folded("Conditions and how to read this", [*more, *dict.fromkeys(_notes(tables))])
    yield from _folded(f"Caveats ({len(page.caveats)})", list(map(_caveat, page.caveats)))


def _told(page: Page) -> tuple[Table, ...]:
    names = _TOLD.get(page.name, tuple(table.name for table in page.tables[:1]))
    return tuple(table for table in page.tables if table.name in names)


def _notes(tables: Sequence[Table]) -> Iterator[str]:
    for table in tables:
        yield from table.notes


def _caveat(caveat: Caveat) -> str:
    return f"{caveat.message}. {caveat.next_step}"


def _table(table: Table) -> Iterator[str]:
    """Numbers to the right; a row for each group's name."""
    cells = sheet(table)
    columns = [index for index in table.filled if not table.columns[index].detail]
    shown = [index for index in columns if table.columns[index].kind not in DRAWN]
    yield f"**{_plain(cells.title)}**\n"
    yield _line(_plain(cells.headers[index]) for index in shown)
    yield _line("---" if table.columns[index].kind == "text" or not index else "---:" for index in shown)
    deepest = _DEEPEST.get(table.name, 1)
    rows = zip(table.rows, cells.lines, strict=True)
    for group, lines in groupby(rows, key=lambda each: each[0].group):
        if group:
            yield _line([f"**{_plain(group)}**", *[""] * (len(shown) - 1)])
        for row, line in lines:
            if row.level <= deepest:
                yield _line(_cell(row, line, index) for index in shown)


def _sources(table: Table, told: Container[Caption]) -> str:
    """Where the figures are from, right below them: at length the first time."""
    sources = "; ".join(_plain(one.short if one in told else one.text) for one in table.captions)
    return f"\n<sub>{sources}</sub>\n" if sources else ""


def _cell(row: Row, line: Sequence[str], index: int) -> str:
    words = _plain(line[index].strip())
    return f"{'&emsp;' * row.level}{words}" if index == 0 else words


def _line(cells: Iterator[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        listed = "\n".join(f"- {_plain(line)}" for line in lines)
        yield f"<details><summary>{_plain(title)}</summary>\n\n{listed}\n\n</details>\n"


def _plain(text: str) -> str:
    """One line of text in which nothing is markup, a mention or a link."""

    line = _MARKUP.sub(r"\\\g<0>", " ".join(fit(text).split()))
    for character, written in _ENTITIES.items():
        line = line.replace(character, written)
    return line
