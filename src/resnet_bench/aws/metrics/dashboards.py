"""A CloudWatch dashboard: where to see it, and which metrics its widgets draw.

The grammar of a widget's metrics is AWS's "Dashboard Body Structure and Syntax" (CloudWatch API reference): each is
``[namespace, name, dimension, value, ..., {options}]``; ``"."`` stands for what the metric before has in that place, a
leading ``"..."`` for all that it has before the fields that follow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from resnet_bench.aws.access.failures import aws_errors
from resnet_bench.errors import AwsError

_CONSOLES = {"cn-": "console.amazonaws.cn", "us-gov-": "console.amazonaws-us-gov.com"}
_DEFAULT_STAT = "Average"
_FEWEST_FIELDS = 2
# Widgets that draw figures of their own; all others hold texts, alarms or buttons.
_FIGURES = {"log": "a query of logs", "explorer": "a search for metrics", "chart": "a query of other data"}


@dataclass(frozen=True)
class Metric:
    """One line of a widget; ``dimensions`` are pairs of name and value, ``label`` is ``None`` if none was given."""

    title: str
    label: str | None
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    stat: str


@dataclass(frozen=True)
class Undrawn:
    """Something of a widget that only CloudWatch's console draws, and why."""

    title: str
    label: str
    reason: str


def console_url(region: str, name: str) -> str:
    """Where a browser shows the dashboard, in the console of the region's partition (AWS, China, US government)."""
    host = next((host for prefix, host in _CONSOLES.items() if region.startswith(prefix)), "console.aws.amazon.com")
    return f"https://{region}.{host}/cloudwatch/home?region={region}#dashboards/dashboard/{quote(name, safe='')}"


def fetch_metrics(client: Any, name: str, region: str) -> tuple[Metric | Undrawn, ...]:
    """What the dashboard's widgets draw of ``region``, in their order.

    Raises:
        AwsError: there is no such dashboard, or it could not be read.
    """
    with aws_errors("cloudwatch:GetDashboard"):
        body = client.get_dashboard(DashboardName=name)["DashboardBody"]
    try:
        return metrics_of(body, region)
    except ValueError as error:
        raise AwsError(
            f"the dashboard {name} cannot be read: {error}",
            "resnet-bench deploy writes it anew",
            code="DashboardBody",
        ) from error


def metrics_of(body: str, region: str) -> tuple[Metric | Undrawn, ...]:
    """Of a dashboard's JSON text. Lines that the dashboard hides are left out.

    Raises:
        ValueError: it is not the JSON of a dashboard.
    """
    try:
        document = json.loads(body)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    widgets = document.get("widgets") if isinstance(document, dict) else None
    if not isinstance(widgets, list):
        raise ValueError("it has no list of widgets")  # noqa: TRY004 - a text of the wrong content, not a wrong type
    return tuple(found for widget in widgets if isinstance(widget, dict) for found in _widget(widget, region))


def _widget(widget: Mapping[str, Any], region: str) -> Iterator[Metric | Undrawn]:
    kind, properties = str(widget.get("type")), widget.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    title = str(properties.get("title") or "")
    if kind in _FIGURES:
        yield Undrawn(title, kind, f"{_FIGURES[kind]}, which only the console draws")
    lines = properties.get("metrics")
    if kind != "metric" or not isinstance(lines, list):
        return
    before: list[str] = []
    for line in lines:
        *fields, last = line if isinstance(line, list) and line else [None]
        options = last if isinstance(last, dict) else {}
        if not isinstance(last, dict):
            fields.append(last)
        full = _full(fields, before)
        before = full or before
        # A widget's options stand for those that a line does not give.
        options = {**properties, **options}
        if options.get("visible", True) is not False:
            yield _line(title, full, options, region)


def _full(fields: list[Any], before: list[str]) -> list[str] | None:
    """The fields with what they repeat of the metric before; ``None`` if they do not name a metric."""
    if fields and fields[0] == "...":
        rest = fields[1:]
        fields = [*before[: max(0, len(before) - len(rest))], *rest]
    full = [before[index] if field == "." and index < len(before) else field for index, field in enumerate(fields)]
    named = len(full) >= _FEWEST_FIELDS and len(full) % 2 == 0
    return full if named and all(isinstance(field, str) and field not in {"", ".", "..."} for field in full) else None


def _line(title: str, fields: list[str] | None, options: Mapping[str, Any], region: str) -> Metric | Undrawn:
    label = options.get("label")
    label = None if label is None else str(label)
    if "expression" in options:
        return Undrawn(title, label or "expression", "an expression, which only the console computes")
    if fields is None:
        return Undrawn(title, label or "metric", "not a metric by the syntax that is known here")
    namespace, name, *dimensions = fields
    if options.get("accountId") is not None or options.get("region", region) != region:
        return Undrawn(title, label or name, f"of another account or region than {region}")
    pairs = tuple(zip(dimensions[::2], dimensions[1::2], strict=True))
    return Metric(title, label, namespace, name, pairs, str(options.get("stat") or _DEFAULT_STAT))
