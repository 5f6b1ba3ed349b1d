"""A deployment's plan as tables, and as a document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from resnet_bench.aws.stack.estimate import RUNS, Estimate, assumptions
from resnet_bench.aws.stack.plan import Change
from resnet_bench.aws.stack.template import Wanted
from resnet_bench.prices.costs import Cost
from resnet_bench.prices.table import Prices
from resnet_bench.report.bill import COLUMNS, bill, bill_document
from resnet_bench.report.rows import Column, Row, Table

_HOW_LONG = (
    "how long it takes was not measured here: it waits for {}CloudFormation and for Lambda to get the image ready"
)
_OF_AN_IMAGE = "the build of the image, for its upload over your line, for "
_CHANGES = (Column("what", "what"), Column("action", "action"), Column("detail", "detail", fold=True))


@dataclass(frozen=True)
class Plan:
    """``unasked`` says why AWS could not be asked what there is; empty if it was. ``region`` is ``None`` if unknown.

    ``image_uri`` is that of a given image, empty if one is to be built.
    """

    stack: str
    region: str | None
    exists: bool
    wanted: Wanted
    image: Change
    image_uri: str
    changes: tuple[Change, ...]
    estimate: Estimate
    prices: Prices
    unasked: str = ""

    @property
    def verb(self) -> str:
        return "update" if self.exists else "make"

    @property
    def headline(self) -> str:
        return f"plan: {self.verb} the stack {self.stack} in {self.region or 'a region that is not set yet'}"


def show_plan(plan: Plan) -> None:
    """Print it."""
    from resnet_bench import report
    from resnet_bench.report.terminal import Printer

    printer = Printer(report.console())
    printer.line(plan.headline, "bold")
    if plan.unasked:
        printer.line(f"AWS was not asked whether it exists: {plan.unasked}")
    if plan.wanted.public:
        printer.line("--public: anyone on the internet can call it, and you pay")
    printer.line("")
    printer.table(_changes(plan))
    printer.table(_costs(plan))


def plan_document(plan: Plan) -> str:
    """The same as JSON; amounts are decimal numbers as texts, in USD."""
    return json.dumps(
        {
            "stack": plan.stack,
            "region": plan.region,
            "exists": None if plan.unasked else plan.exists,
            "unasked": plan.unasked or None,
            "public": plan.wanted.public,
            "changes": [
                {"what": each.title, "action": each.action, "detail": each.detail}
                for each in (plan.image, *plan.changes)
            ],
            "costs": {group: bill_document(costs) for group, costs in _groups(plan)},
            "assumptions": list(_notes(plan)),
        },
        indent=2,
    )


def _changes(plan: Plan) -> Table:
    rows = tuple(Row((each.title, each.action, each.detail)) for each in (plan.image, *plan.changes))
    how_long = _HOW_LONG.format("" if plan.image_uri else _OF_AN_IMAGE)
    return Table(name="changes", title="Changes", columns=_CHANGES, rows=rows, notes=(how_long,))


def _costs(plan: Plan) -> Table:
    rows = tuple(row for group, costs in _groups(plan) for row in bill(group, costs))
    return Table(name="costs", title="Costs", columns=COLUMNS, rows=rows, notes=tuple(_notes(plan)))


def _groups(plan: Plan) -> Iterator[tuple[str, tuple[Cost, ...]]]:
    yield "a month in which nobody calls", plan.estimate.month
    yield f"{RUNS} runs", plan.estimate.runs
    if plan.estimate.flood:
        yield "a day of strangers, about", plan.estimate.flood


def _notes(plan: Plan) -> Iterator[str]:
    yield from assumptions(plan.wanted)
    yield f"prices: {plan.prices.notice}"
