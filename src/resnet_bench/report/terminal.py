"""Tables on a terminal of 80 columns, with or without colour, with or without more than ASCII."""

from __future__ import annotations

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table as Grid
from rich.text import Text

from resnet_bench.report.cells import Sheet, sheet
from resnet_bench.report.rows import Column, Table
from resnet_bench.results.records import Caveat

WIDTH = 80
_GAP = 2
_NARROWEST_FOLD = 12
# Rich would replace its own by a full grid, which is wider, where the terminal's encoding is ASCII.
_ASCII_RULE = box.Box("    \n    \n -- \n" + "    \n" * 5, ascii=True)
_ASCII = str.maketrans(
    {"\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{PLUS-MINUS SIGN}": "+-", "\N{MULTIPLICATION SIGN}": "x"}
)


class Printer:
    """Writes to ``console`` no wider than ``width`` (80 unless asked otherwise), or the terminal if that is less."""

    def __init__(self, console: Console, width: int | None = None) -> None:
        self._console = console
        self._width = min(console.width, WIDTH) if width is None else width
        self._ascii = console.options.ascii_only

    def table(self, table: Table) -> None:
        shown = [index for index, column in enumerate(table.columns) if not column.detail or self._width > WIDTH]
        text, shown = self._fitted(table, shown)
        self.line(text.title, "bold")
        self._print(self._grid(table, text, shown))
        for note in table.notes:
            self.line(note, "dim")
        self.line("")

    def line(self, text: str, style: str = "", indent: int = 0) -> None:
        self._print(Padding(self._text(text, style), (0, 0, 0, indent)))

    def caveats(self, caveats: tuple[Caveat, ...]) -> None:
        if not caveats:
            return
        self.line("Caveats", "bold")
        for caveat in caveats:
            self.line(f"- {caveat.message}")
            self.line(caveat.next_step, "dim", indent=2)
        self.line("")

    def _print(self, what: RenderableType) -> None:
        """Without the spaces that rich fills lines with: they break lines of other widths when copied."""
        options = self._console.options.update(width=self._width)
        for line in self._console.render_lines(what, options, pad=False):
            while line and not line[-1].text.rstrip():
                line.pop()
            if line:
                line[-1] = Segment(line[-1].text.rstrip(), line[-1].style)
            self._console.print(Segments([*line, Segment.line()]), end="")

    def _text(self, text: str, style: str = "") -> Text:
        if self._ascii:
            text = text.translate(_ASCII).encode("ascii", "replace").decode()
        return Text(text, style)

    def _fitted(self, table: Table, shown: list[int]) -> tuple[Sheet, list[int]]:
        """Aligned if that fits, else close together, else without the columns that may go."""
        for aligned in (True, False):
            text = sheet(table, aligned=aligned)
            if self._needed(table, text, shown) <= self._width:
                return text, shown
        leaving = sorted((index for index in shown if table.columns[index].drop), key=lambda i: -table.columns[i].drop)
        for index in leaving:
            shown = [other for other in shown if other != index]
            if self._needed(table, text, shown) <= self._width:
                break
        return text, shown

    def _needed(self, table: Table, text: Sheet, shown: list[int]) -> int:
        widths = (
            min(width, _NARROWEST_FOLD) if table.columns[index].fold else width
            for index in shown
            for width in [_width(table, text, index)]
        )
        return sum(widths) + _GAP * (len(shown) - 1)

    def _grid(self, table: Table, text: Sheet, shown: list[int]) -> Grid:
        grid = Grid(
            box=_ASCII_RULE if self._ascii else box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, _GAP - 1, 0, 0),
        )
        for index in shown:
            column = table.columns[index]
            width = _width(table, text, index)
            grid.add_column(
                self._text(_header(column, text.headers[index], width), "bold"),
                no_wrap=not column.fold,
                overflow="fold",
                min_width=min(width, _NARROWEST_FOLD) if column.fold else width,
            )
        group = ""
        for row, line in zip(table.rows, text.lines, strict=True):
            if row.group != group:
                group = row.group
                grid.add_row(self._text(group, "bold"))
            grid.add_row(*(self._text(_cell(table.columns[i], line[i], _width(table, text, i))) for i in shown))
        return grid


def _width(table: Table, text: Sheet, index: int) -> int:
    """Of the longest text in a column; the names of groups stand in the first."""
    groups = [row.group for row in table.rows] if index == 0 else []
    return max(cell_len(each) for each in (text.headers[index], *groups, *(line[index] for line in text.lines)))


def _header(column: Column, title: str, width: int) -> str:
    return title if column.kind == "text" else title.rjust(width)


def _cell(column: Column, text: str, width: int) -> str:
    return text if column.kind == "text" else text.rjust(width)
