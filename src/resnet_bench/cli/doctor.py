"""``resnet-bench doctor``: what this machine can be trusted with, and what to mend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import options

if TYPE_CHECKING:
    from resnet_bench.cli.progress import Display
    from resnet_bench.results.diagnosis import Diagnosis


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Under ten seconds: fewer sizes, fewer repetitions.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="For CI: exit with 1 if there are doubts.")] = False,
    weights: options.Weights = "auto",
    stack: options.Stack = None,
    url: options.Url = None,
    sign: options.Sign = False,
    region: options.Region = None,
    profile: options.Profile = None,
    json: options.Json = False,
    html: options.Html = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Measure what this machine can be trusted with: limits, clocks, noise, engines, what is installed and reachable.

    Nothing is downloaded, prepared, changed or removed. Exit code 3: a fault makes the default command wrong or
    impossible. A stack or URL that is named is called once, without an image.

    Examples:

      resnet-bench doctor

      resnet-bench doctor --quick --strict

      resnet-bench doctor --json > doctor.json
    """
    from resnet_bench import report
    from resnet_bench.cli.output import check_place, show_page
    from resnet_bench.cli.progress import display
    from resnet_bench.report.doctor import doctor_page

    if html is not None:
        check_place(html, "the HTML report")
    with display(quiet=quiet) as shown:
        remote = options.RemoteOptions(url=url, sign=sign, stack=stack, region=region, profile=profile)
        found = _examined(remote, weights, shown, quick=quick, strict=strict)
    page = doctor_page(found, verbose=verbose)
    if html is not None:
        report.write_page_html((doctor_page(found, verbose=True),), html)
    show_page(page, json=json, quiet=quiet)
    if html is not None and not quiet:
        typer.echo(f"HTML: {html}", err=True)
    _conclude(found)


def _examined(remote: options.RemoteOptions, weights: str, shown: Display, *, quick: bool, strict: bool) -> Diagnosis:
    import sys
    import time
    from datetime import UTC, datetime

    from resnet_bench.cli.far_side import examinations_of, region_of
    from resnet_bench.diagnosis.examine import examine
    from resnet_bench.diagnosis.plan import Asked, examinations, reaching
    from resnet_bench.diagnosis.summary import first, trust
    from resnet_bench.results.diagnosis import VERSION, Diagnosis
    from resnet_bench.results.environment import here
    from resnet_bench.results.files import DEFAULT_FOLDER

    begun_s, created_at = time.monotonic(), datetime.now(UTC).isoformat(timespec="milliseconds")
    asked = Asked(quick=quick, weights=weights, results=DEFAULT_FOLDER, encoding=sys.stdout.encoding or "unknown")
    environment = here()
    planned = [*examinations(asked), reaching(region_of(remote)), *examinations_of(remote, shown)]
    findings = examine(planned, shown)
    return Diagnosis(
        version=VERSION,
        created_at=created_at,
        quick=quick,
        strict=strict,
        took_s=time.monotonic() - begun_s,
        environment=environment,
        findings=findings,
        trust=trust(findings),
        first=first(findings),
    )


def _conclude(found: Diagnosis) -> None:
    """
    Raises:
        SetupError: there is a fault.
        Doubted: there are doubts, and they count.
    """
    from resnet_bench.diagnosis.summary import doubts, faults
    from resnet_bench.errors import Doubted, SetupError

    if wrong := faults(found.findings):
        raise SetupError(f"{_many(len(wrong), 'fault')}, first {wrong[0].what}: {wrong[0].told}", wrong[0].todo)
    if found.strict and (unsure := doubts(found.findings)):
        raise Doubted(f"{_many(len(unsure), 'doubt')}, first {unsure[0].what}: {unsure[0].told}", unsure[0].todo)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
