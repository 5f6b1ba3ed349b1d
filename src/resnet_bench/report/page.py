"""What a command has to tell, as data: the one structure that terminal, JSON, HTML and Markdown all draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from resnet_bench.report.figure import Figure
from resnet_bench.report.rows import Table
from resnet_bench.results.run import Caveat


@dataclass(frozen=True)
class Section:
    """Tables and plots of one subject. A terminal shows neither figures nor the title: tables have their own."""

    title: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """``name`` is stable and meant for machines: the command's. ``headline`` says what was done, where.

    ``verdict`` is the one thing to remember, ``warning`` what must be known before anything is believed. ``brief`` is
    all that ``--quiet`` prints, the verdict unless it is given. ``record`` is the raw record, for machines.
    """

    name: str
    headline: tuple[str, ...]
    sections: tuple[Section, ...]
    caveats: tuple[Caveat, ...] = ()
    verdict: str = ""
    warning: str = ""
    brief: tuple[str, ...] = ()
    record: Any = None

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for section in self.sections for table in section.tables)
