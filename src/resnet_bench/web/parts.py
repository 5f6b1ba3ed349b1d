"""What the page shows of one classification, as HTML: both answers, what the call took, and X-Ray's account of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from resnet_bench.benchmark.agreement import tolerance
from resnet_bench.benchmark.starts import waited
from resnet_bench.report.beside import beside
from resnet_bench.report.captions import captions
from resnet_bench.report.figures.call import call_timeline
from resnet_bench.report.html import Teller, figure, serialised, table, tag
from resnet_bench.report.names import PLACES
from resnet_bench.report.recognised import recognised
from resnet_bench.report.rows import Table
from resnet_bench.results.records import Answer, Failed, Sample, Side, Skipped
from resnet_bench.results.run import Run
from resnet_bench.units import times
from resnet_bench.web.classification import ASK_EVERY_S, ASKS, Classification

# Whose clock the time beside an answer is by.
_CLOCKS: dict[Side, str] = {
    "local": "by its process's clock, from file to answer",
    "remote": "by this server's clock, from file to answer",
}
_COLD_CLOCKS: dict[Side, str] = {
    "local": "by its process's clock, start included",
    "remote": "by this server's clock, start included",
}
_MEANS = "A fresh environment loads libraries and weights before it answers; the calls after it find that done."


def parts_of(run: Run, one: Classification) -> dict[str, str]:
    """All of them, by the ids of their places on the page."""
    return {"outcome": outcome(run, one), "call": call(run, one), "xray": xray(run, one)}


def outcome(run: Run, one: Classification) -> str:
    """Whether both sides agree, whether the call met a cold start, and each side's answer or failure."""
    shown = times(waited(sample) for sample in one.samples)
    sides = (
        _side(run, one, sample, f"{text} {shown.unit.name}")
        for sample, text in zip(one.samples, shown.texts, strict=True)
    )
    return serialised(_agreement(one), *_cold(one), tag("div", sides, class_="sides"), *Teller().sources(captions(run)))


def call(run: Run, one: Classification) -> str:
    """Every figure of the two calls, beside each other; empty if neither side was called."""
    if not one.samples:
        return ""
    found = beside(run, one.local, one.remote)
    return serialised(tag("h3", found.title), table(found, _told(run), found.title))


def xray(run: Run, one: Classification) -> str:
    """How often the platform was asked, and where the call's time went by its clock; empty without an answer."""
    if one.remote is None or isinstance(one.remote.outcome, Failed):
        return ""
    drawn = call_timeline(run, one.remote)
    figures = [] if drawn is None else [figure(drawn, "call-timeline", 4, _told(run))]
    return serialised(tag("h3", "Amazon X-Ray"), tag("p", _asked(one, one.remote), class_="count"), *figures)


def _told(run: Run) -> Teller:
    """For parts that stand below the outcome, where the sources are told at length."""
    teller = Teller()
    teller.sources(captions(run))
    return teller


def _agreement(one: Classification) -> Element:
    if one.disagreement is None:
        silent = [PLACES[sample.side] for sample in one.samples if isinstance(sample.outcome, Failed)]
        return _verdict("none", "?", f"Nothing to compare: no answer from {' and '.join(silent) or 'either side'}.")
    if one.disagreement:
        return _verdict("differ", "≠", f"The two sides differ: {one.disagreement}.")
    within = tolerance(*(sample.outcome for sample in one.samples if isinstance(sample.outcome, Answer)))
    return _verdict("agree", "✓", f"Both sides agree: the same classes and probabilities (within {within}).")


def _verdict(kind: str, sign: str, words: str) -> Element:
    return tag("p", tag("span", sign, aria_hidden="true"), words, class_=f"agreement {kind}")


def _cold(one: Classification) -> Iterator[Element]:
    if one.cold_start:
        why = "as asked, both sides were started anew" if one.cold else "Lambda had no environment ready"
        yield tag("p", tag("strong", "Cold start"), f": {why}. {_MEANS}", class_="cold-start")
    elif one.cold and one.cold_start is not None:
        words = ": one was asked for, and an environment answered that had answered before."
        yield tag("p", tag("strong", "No cold start"), words, class_="cold-start")


def _side(run: Run, one: Classification, sample: Sample, total: str) -> Element:
    answer, found = sample.outcome, _in_a_card(recognised(run, sample))
    head = tag("h3", found.title, id=f"outcome-{sample.side}")
    if isinstance(answer, Failed):
        body: list[Element | None] = [
            tag("p", tag("strong", "No answer"), f": {answer.message}", class_="failure"),
            tag("p", one.hints.get(sample.side, ""), class_="hint"),
        ]
    else:
        body = [_time(sample, answer, total), table(found, Teller(), found.title)]
    return tag("section", head, body, class_=f"side {sample.side}", aria_labelledby=f"outcome-{sample.side}")


def _in_a_card(one: Table) -> Table:
    """Without the sources, which stand once below both cards, and the details, for which there is no room."""
    kept = [index for index, column in enumerate(one.columns) if not column.detail]
    rows = (replace(row, cells=tuple(row.cells[index] for index in kept)) for row in one.rows)
    return replace(one, columns=tuple(one.columns[index] for index in kept), rows=tuple(rows), captions=())


def _time(sample: Sample, answer: Answer, total: str) -> Element | None:
    """Nothing where the whole is not known."""
    if waited(sample) is None:
        return None
    clocks = _COLD_CLOCKS if answer.identity.cold_start else _CLOCKS
    return tag("p", tag("strong", total), tag("span", clocks[sample.side]), class_="time")


def _asked(one: Classification, remote: Sample) -> str:
    """The count, and how it stands: ``Asked 2 of 10 times; next in 5 s.``"""
    missing = _missing(remote)
    if not one.asks_count:
        return "Not asked yet." if one.pending else f"Not asked: {missing or 'all came with the answer'}."
    count = f"Asked {one.asks_count} of {ASKS} times"
    if one.pending and one.state != "done":
        return f"{count}; next in {ASK_EVERY_S:.0f} s."
    return f"{count}; {missing}." if missing else f"{count}: complete."


def _missing(remote: Sample) -> str:
    late = {"the trace": remote.trace, "the REPORT line": remote.report}
    return "; ".join(
        f"{what} is not available: {each.reason}" for what, each in late.items() if isinstance(each, Skipped)
    )
