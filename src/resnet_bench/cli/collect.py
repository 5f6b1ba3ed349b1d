"""``resnet-bench collect``: complete a saved result with what AWS delivered after the run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli import options
from resnet_bench.errors import ResnetBenchError, ResultError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.access.waiting import Waiting
    from resnet_bench.cli.progress import Display
    from resnet_bench.errors import AwsError
    from resnet_bench.results.records import Sample
    from resnet_bench.results.run import Deployment, Run

_INTERVAL_S = 5
_WHAT_FOR = "give the result of a run with --stack or --url"
_NO_LOG_GROUP = "REPORT lines are in the function's log group, which the file does not name: give --stack"


def collect(
    file: Annotated[Path, typer.Argument(help="A saved result of a deployed function.")],
    traces: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Also write the raw traces, one a line, without account data."),
    ] = None,
    wait: Annotated[
        int, typer.Option(min=0, metavar="SECONDS", help="How long to ask again for what is not there yet.")
    ] = 50,
    stack: Annotated[
        str | None, typer.Option(metavar="NAME", help="The function's stack; default: as the file says.")
    ] = None,
    region: Annotated[str | None, typer.Option(metavar="NAME", help="AWS region; default: as the file says.")] = None,
    profile: options.Profile = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Ask AWS for the traces and REPORT lines that a saved result still lacks, and complete the file.

    It can be repeated as long as AWS keeps them: traces for 30 days, log lines as long as the log group says.

    Examples:

      resnet-bench collect results/2026-11-24T10-00-00-compare.json

      resnet-bench collect results/run.json --traces traces.jsonl --wait 300
    """
    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.access.waiting import Waiting
    from resnet_bench.benchmark.arrivals import arrivals, waiting_count
    from resnet_bench.cli.collected import Outcome, show
    from resnet_bench.cli.progress import display
    from resnet_bench.results.files import load

    run = load(file)
    deployment = _deployment(run, file)
    if traces is not None and traces.exists():
        raise ResultError(f"{traces} exists already", "give --traces another name, or move the file away")
    if not waiting_count(run.samples) and traces is None:
        show(Outcome(arrivals(run.samples, run.samples)), json=json)
        return
    account = Account(region=region or deployment.region, profile=profile)
    errors: list[AwsError] = []
    account.credentials()  # without any, all that is asked would be missing, for a reason that is not AWS's
    with display(quiet=quiet) as shown:
        waiting = Waiting(
            _INTERVAL_S, -(-wait // _INTERVAL_S), sleep=shown.wait, progress=shown, on_error=errors.append
        )
        samples = _completed(run.samples, account, _log_group(deployment, account, stack), waiting, shown)
        saved = _save(run, samples, file)
        exported = None if traces is None else _export(samples, account, traces, saved)
    # With nothing new at all, that AWS could not be asked is the outcome.
    failed = errors.pop() if errors and saved is None else None
    advice = tuple(dict.fromkeys(error.hint for error in errors if failed is None or error.hint != failed.hint))
    show(Outcome(arrivals(run.samples, samples), saved, traces, exported, advice), json=json)
    if failed is not None:
        raise failed


def _deployment(run: Run, file: Path) -> Deployment:
    if run.deployment is None:
        raise UsageError(f"{file} was measured on this machine alone: AWS has nothing of it", _WHAT_FOR)
    if run.deployment.kind == "emulated":
        raise UsageError(f"the emulated Lambda of {file} has ended, and its traces and logs with it", _WHAT_FOR)
    return run.deployment


def _log_group(deployment: Deployment, account: Account, stack: str | None) -> str | None:
    from resnet_bench.aws.stack import find

    return deployment.log_group if stack is None else find(account, stack).log_group


def _completed(
    before: Sequence[Sample], account: Account, log_group: str | None, waiting: Waiting, shown: Display
) -> list[Sample]:
    """Without account data in what has come new."""
    from resnet_bench.aws.access.waiting import is_pending
    from resnet_bench.aws.complete import complete
    from resnet_bench.aws.privacy.records import strip_record

    if log_group is None and any(is_pending(sample.report) for sample in before):
        shown.note(_NO_LOG_GROUP)
    after = complete(before, account.client("xray"), account.client("logs"), log_group, waiting=waiting)
    return [new if new == old else strip_record(new) for old, new in zip(before, after, strict=True)]


def _save(run: Run, samples: Sequence[Sample], file: Path) -> Path | None:
    """Where the completed run is saved; ``None`` if there is nothing new to save."""
    from msgspec.structs import replace

    from resnet_bench.benchmark.checks import recheck
    from resnet_bench.results.files import rewrite

    if tuple(samples) == run.samples:
        return None
    return rewrite(file, recheck(replace(run, samples=tuple(samples))))


def _export(samples: Sequence[Sample], account: Account, place: Path, saved: Path | None) -> int:
    """Write the raw traces of all samples that X-Ray may have traced; how many there were."""
    import msgspec

    from resnet_bench.aws.traces.fetch import export_documents
    from resnet_bench.results.disk import explained, write_atomically
    from resnet_bench.results.records import Answer

    answers = (sample.outcome for sample in samples if isinstance(sample.outcome, Answer))
    ids = [answer.identity.trace_id for answer in answers if answer.identity.sampled is not False]
    try:
        documents = export_documents(account.client("xray"), [key for key in ids if key is not None])
        with explained(place, "the traces"):
            write_atomically(place, b"".join(msgspec.json.encode(document) + b"\n" for document in documents))
    except ResnetBenchError as error:
        if saved is not None:
            error.add_note(f"what had arrived before is in {saved}")
        raise
    return len(documents)
