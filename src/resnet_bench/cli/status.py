"""``resnet-bench status``: what is deployed, and how its last calls went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

from resnet_bench.cli import options

if TYPE_CHECKING:
    from resnet_bench.aws.logs.recent import Recent
    from resnet_bench.aws.stack.status import Status
    from resnet_bench.report.rows import Table


def status(
    stack: options.StackName = options.DEFAULT_STACK,
    region: options.Region = None,
    profile: options.Profile = None,
    json: options.Json = False,
) -> None:
    """Show what is deployed: address, memory, engine, image, last calls, and what a killed run has left changed.

    Examples:

      resnet-bench status --stack resnet-bench

      resnet-bench status --region eu-central-1 --json
    """
    import msgspec

    from resnet_bench import report
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.stack.status import status as ask
    from resnet_bench.report.terminal import Printer
    from resnet_bench.results.records import Skipped

    found = ask(Account(region=region, profile=profile), stack)
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
        return
    printer = Printer(report.console())
    printer.table(_facts(found))
    recent = None if found.function is None else found.function.recent
    if not isinstance(recent, Skipped | None) and recent.calls:
        printer.table(_calls(recent))


def _facts(found: Status) -> Table:
    from resnet_bench.report.rows import Column, Row, Table

    columns = (Column("what", ""), Column("value", "", fold=True))
    return Table(
        name="status",
        title=f"{found.stack} in {found.region}",
        columns=columns,
        rows=tuple(Row(pair) for pair in _listed(found)),
        notes=(f"next: {found.next_step}",) if found.next_step else (),
    )


def _listed(found: Status) -> Iterator[tuple[str, str]]:
    from resnet_bench.results.records import Skipped
    from resnet_bench.units import format_bytes

    yield "stack", f"{found.stack_status}, {found.changed_at}"
    function = found.function
    if function is None:
        yield "function", found.why
        return
    signed = "signed calls (AWS_IAM)" if function.authorization == "AWS_IAM" else "anyone may call (NONE)"
    size, recent = function.image_bytes, function.recent
    yield "URL", f"{function.url}/classify"
    yield "authorisation", signed
    yield "function", f"{function.memory_mb} MB, time-out {function.timeout_s:g} s, {function.state}"
    decoding = ", fast decoding" if function.decode == "fast" else ""
    yield "engine", f"{function.engine}, {function.architecture}{decoding}"
    yield "image", function.image_digest or f"{function.stack_image_digest}, by the stack"
    if function.image_differs:
        yield "image differs", f"the stack has {function.stack_image_digest}: deploy again to run that"
    yield "image size", f"not known: {size.reason}" if isinstance(size, Skipped) else f"{format_bytes(size)} in ECR"
    yield "last modified", function.last_modified
    if function.changed_by_a_run:
        yield "left changed", "by a run that was killed or still runs; the next one puts it right"
    if isinstance(recent, Skipped):
        yield "last calls", f"not known: {recent.reason}"
    elif not recent.calls:
        yield "last calls", f"none in the {_window(recent.window_s)}"


def _window(seconds: int) -> str:
    days, hours = seconds // 86_400, seconds // 3600
    if days > 1:
        return f"last {days} days"
    return "last hour" if hours == 1 else f"last {hours} hours"


def _calls(recent: Recent) -> Table:
    from resnet_bench.report.rows import Column, Row, Table

    columns = (
        Column("at", "at (UTC)"),
        Column("duration", "duration", "seconds"),
        Column("billed", "billed", "seconds"),
        Column("init", "init", "seconds"),
        Column("memory_used", "memory used", "bytes"),
        Column("status", "status"),
    )
    rows = tuple(
        Row(
            (
                call.at.removesuffix("+00:00"),
                call.report.duration_s,
                call.report.billed_s,
                call.report.init_s,
                call.report.max_memory_used_bytes,
                call.report.error_type or call.report.status or "ok",
            )
        )
        for call in recent.calls
    )
    return Table(name="calls", title=f"Last calls, of the {_window(recent.window_s)}", columns=columns, rows=rows)
