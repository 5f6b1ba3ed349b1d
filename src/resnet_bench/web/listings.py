"""What the page lists, as HTML: this session's classifications, and the results that are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from resnet_bench.benchmark.picks import engines
from resnet_bench.benchmark.starts import waited
from resnet_bench.report.captions import captions
from resnet_bench.report.figures.course import timeline
from resnet_bench.report.html import Teller, caveats, figure, serialised, table, tag
from resnet_bench.report.names import PLACES
from resnet_bench.report.rows import Column, Row, Table, Value
from resnet_bench.results.records import Failed, Sample
from resnet_bench.results.run import Run
from resnet_bench.web.classification import Classification

_COLUMNS = (
    Column("number", "no.", "count"),
    Column("image", "image", fold=True),
    Column("local", PLACES["local"], "seconds"),
    Column("remote", PLACES["remote"], "seconds"),
    Column("start", "start"),
    Column("agreed", "both agree"),
)
_NOTES = (
    "The whole wait of each call, a cold one's with its start.",
    "Kept until this server ends. A saved session is a result file, which resnet-bench show and report read.",
)
_NOTHING = "Nothing has been classified yet."
_NONE_SAVED = "No results are saved here yet: commands that measure write them into results/, and so does this page."


@dataclass(frozen=True)
class SavedResult:
    """A result file. ``problem`` is why it cannot be read; then nothing but its name is known."""

    name: str
    command: str = ""
    created_at: str = ""
    engines: tuple[str, ...] = ()
    samples_count: int = 0
    finished: bool = True
    problem: str = ""


def history(run: Run, ones: Sequence[Classification]) -> str:
    """The session's calls as a course and as a table, the newest first, with the doubts about them.

    ``ones`` are in the order made.
    """
    called = [one for one in ones if one.samples]
    if not called:
        return serialised(tag("p", _NOTHING, class_="empty"))
    teller = Teller()
    drawn = (timeline(run, engine) for engine in engines(run))
    return serialised(
        *(figure(one, f"session-course-{place}", 3, teller) for place, one in enumerate(filter(None, drawn), 1)),
        table(_table(run, called), teller),
        *([tag("h3", "Caveats"), caveats(run.caveats)] if run.caveats else ()),
    )


def _table(run: Run, called: Sequence[Classification]) -> Table:
    return Table(
        name="session",
        title="Classified in this session",
        columns=_COLUMNS,
        rows=tuple(map(_row, reversed(called))),
        captions=captions(run),
        notes=_NOTES,
    )


def _row(one: Classification) -> Row:
    start = {True: "cold", False: "warm", None: None}[one.cold_start]
    agreed = None if one.disagreement is None else "no" if one.disagreement else "yes"
    return Row((one.number, one.image.name, _wait(one.local), _wait(one.remote), start, agreed))


def _wait(sample: Sample | None) -> Value:
    if sample is None:
        return None
    return "no answer" if isinstance(sample.outcome, Failed) else waited(sample)


def results_list(entries: Iterable[SavedResult]) -> str:
    """A button for each result that can be opened, and why not for the others."""
    items = [tag("li", _entry(one)) for one in entries]
    return serialised(tag("ul", items, class_="results") if items else tag("p", _NONE_SAVED, class_="empty"))


def _entry(one: SavedResult) -> Element:
    if one.problem:
        return tag(
            "p", tag("strong", one.name), tag("span", f"cannot be read: {one.problem}"), class_="result unreadable"
        )
    calls = f"{one.samples_count:,} call{'' if one.samples_count == 1 else 's'}"
    facts = [", ".join(one.engines), calls, *([] if one.finished else ["interrupted"])]
    return tag(
        "button",
        tag("strong", one.command),
        tag("span", _moment(one.created_at)),
        tag("span", "; ".join(facts)),
        tag("span", one.name, class_="file"),
        type="button",
        class_="result",
        data_result=one.name,
    )


def _moment(created_at: str) -> str:
    return f"{datetime.fromisoformat(created_at).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
