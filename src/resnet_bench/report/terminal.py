"""Tables on a terminal of 80 columns, with or without colour, with or without more than ASCII."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table as Grid
from rich.text import Text

from resnet_bench.characters import fit
from resnet_bench.report.cells import BAR_CHARACTERS, BARS, Sheet, sheet
from resnet_bench.report.page import Page
from resnet_bench.report.rows import Caption, Table
from resnet_bench.results.run import Caveat

WIDTH = 80
_NARROWEST_FOLD = 12
# Rich would replace its own by a full grid, which is wider, where the terminal's encoding is ASCII.
_ASCII_RULE = box.Box("    \n    \n -- \n" + "    \n" * 5, ascii=True)
_ASCII = str.maketrans(
    {
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{MULTIPLICATION SIGN}": "x",
        **dict.fromkeys(BAR_CHARACTERS, "#"),
        **dict(zip(BARS, "_.:-=+*#", strict=True)),
    }
)


@dataclass(frozen=True)
class Layout:
    """A table's texts, the columns of it that are shown, and the spaces between them."""

    table: Table
    text: Sheet
    shown: tuple[int, ...]
    gap: int

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Of the longest text in each column; the names of groups stand in the first."""
        columns = zip(self.text.headers, *self.text.lines, strict=True)
        first, *others = (max(map(cell_len, column)) for column in columns)
        return (max(first, *map(cell_len, self.text.groups), 0), *others)

    def least(self, index: int) -> int:
        width = self.widths[index]
        return min(width, _NARROWEST_FOLD) if self.table.columns[index].fold else width

    def gap_after(self, index: int) -> int:
        following = self.shown[self.shown.index(index) + 1 :]
        if not following:
            return 0
        return 1 if self.table.columns[following[0]].tight else self.gap

    @property
    def needed(self) -> int:
        return sum(self.least(index) + self.gap_after(index) for index in self.shown)

    @property
    def parts(self) -> list[tuple[int, ...]]:
        """The shown columns, neighbours that do not fold as one: rich takes as long for a narrow cell as for a line."""
        folds = [column.fold for column in self.table.columns]
        return [tuple(part) for _, part in groupby(self.shown, key=lambda index: index if folds[index] else None)]

    def joined(self, line: Sequence[str], part: Sequence[int]) -> str:
        """The cells of columns that do not fold, without the space that stands between any two columns."""
        cells = ((index, self.padded(line[index], index)) for index in part)
        text = "".join(
            cell + " " * (self.widths[index] - cell_len(cell) + self.gap_after(index)) for index, cell in cells
        )
        return text[:-1] if self.gap_after(part[-1]) else text

    def width(self, part: Sequence[int]) -> int:
        """The same in columns of the terminal, at least."""
        return sum(self.least(index) + self.gap_after(index) for index in part) - bool(self.gap_after(part[-1]))

    def padded(self, text: str, index: int) -> str:
        """Numbers to the right; where they carry their units, texts stand among them and all begin at the left."""
        column = self.table.columns[index]
        return text if column.kind in {"text", "bar"} or self.table.inline_units else text.rjust(self.widths[index])


def fitted(table: Table, width: int, change: Callable[[str], str] = str) -> Layout:
    """Decimal points aligned if that fits, else close together, else without the columns that may go.

    ``change`` is made to every text first: what is printed is what must fit.
    """
    layout = None
    for layout in _attempts(table, width, change):
        if layout.needed <= width:
            break
    assert layout is not None  # noqa: S101 - there is always a first attempt
    return layout


def _attempts(table: Table, width: int, change: Callable[[str], str]) -> Iterator[Layout]:
    shown = tuple(index for index in table.filled if not table.columns[index].detail or width > WIDTH)
    aligned, close = (sheet(table, aligned=each).mapped(change) for each in (True, False))
    yield Layout(table, aligned, shown, gap=2)
    yield Layout(table, close, shown, gap=2)
    yield Layout(table, close, shown, gap=1)
    for going in sorted((i for i in shown if table.columns[i].drop), key=lambda i: -table.columns[i].drop):
        shown = tuple(index for index in shown if index != going)
        yield Layout(table, close, shown, gap=2)
        yield Layout(table, close, shown, gap=1)


class Printer:
    """Writes to ``console`` no wider than ``width`` (80 unless asked otherwise), or the terminal if that is less.

    A table that cannot be so narrow is not cut: figures without their last digits would be worse than long lines.
    """

    def __init__(self, console: Console, width: int | None = None) -> None:
        self._console = console
        self._width = min(console.width, WIDTH) if width is None else width
        self._ascii = console.options.ascii_only
        self._told: set[Caption] = set()

    def page(self, page: Page, *, quiet: bool = False) -> None:
        """Headline, tables, caveats, verdict; ``quiet``: what must be known, in a few lines."""
        if quiet:
            for line in (*(page.brief or (page.verdict,)), page.warning):
                if line:
                    self.line(line)
            return
        for number, line in enumerate(page.headline):
            self.line(line, "" if number else "bold")
        self.line("")
        for section in page.sections:
            for paragraph in section.paragraphs:
                self.line(paragraph)
                self.line("")
            for table in section.tables:
                self.table(table)
        self.caveats(page.caveats)
        if page.verdict:
            self.line("Verdict", "bold")
            self.line(page.verdict)

    def table(self, table: Table) -> None:
        layout = fitted(table, self._width, self._known)
        self.line(layout.text.title, "bold")
        self._print(self._grid(layout), max(self._width, layout.needed))
        for caption in table.captions:
            self.line(caption.short if caption in self._told else caption.text, "dim")
        self._told.update(table.captions)
        for note in table.notes:
            self.line(note, "dim")
        self.line("")

    def line(self, text: str, style: str = "") -> None:
        self._print(self._text(text, style), self._width)

    def caveats(self, caveats: tuple[Caveat, ...]) -> None:
        if not caveats:
            return
        self.line("Caveats", "bold")
        for caveat in caveats:
            item = Grid.grid(padding=(0, 1, 0, 0))
            item.add_row("-", self._text(caveat.message))
            item.add_row("", self._text(caveat.next_step, "dim"))
            self._print(item, self._width)
        self.line("")

    def _print(self, what: RenderableType, width: int) -> None:
        """Without the spaces that rich fills lines with: they break lines of other widths when copied."""
        printed: list[Segment] = []
        for line in self._console.render_lines(what, self._console.options.update(width=width), pad=False):
            while line and not line[-1].text.rstrip():
                line.pop()
            if line:
                line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
            printed += (*line, Segment.line())
        self._console.print(Segments(printed), end="", soft_wrap=True)

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._known(text), style)

    def _known(self, text: str) -> str:
        """In characters that the terminal has, none of which steers it."""
        text = fit(text)
        return text.translate(_ASCII).encode("ascii", "replace").decode() if self._ascii else text

    def _grid(self, layout: Layout) -> Grid:
        grid = Grid(
            box=_ASCII_RULE if self._ascii else box.SIMPLE_HEAD,
            show_header=any(layout.text.headers[index] for index in layout.shown),
            show_edge=False,
            pad_edge=False,
            padding=0,
        )

        def cell(line: Sequence[str], part: Sequence[int], style: str = "") -> RenderableType:
            index = part[0]
            if not layout.table.columns[index].fold:
                return self._text(layout.joined(line, part), style)
            # The box puts a space between columns too.
            gap = max(0, layout.gap_after(index) - 1)
            return Padding(self._text(layout.padded(line[index], index), style), (0, gap, 0, 0))

        parts = layout.parts
        for part in parts:
            grid.add_column(
                cell(layout.text.headers, part, "bold"),
                no_wrap=not layout.table.columns[part[0]].fold,
                overflow="fold",
                min_width=layout.width(part),
            )
        group = ""
        for name, line in zip(layout.text.groups, layout.text.lines, strict=True):
            if name != group:
                group = name
                grid.add_row(self._text(group, "bold"))
            grid.add_row(*(cell(line, part) for part in parts))
        return grid
