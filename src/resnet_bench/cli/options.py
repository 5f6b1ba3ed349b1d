"""Options that several commands share, said once. Groups of them end as ``SideOptions`` and ``OutputOptions``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.cli.network import NetworkOptions
from resnet_bench.errors import UsageError
from resnet_bench.sandbox.allowance import MAX_MB, MIN_MB
from resnet_bench.units import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resnet_bench.analysis.objective import ErrorObjective, Objective

DEFAULT_MEMORY_MB = 1024
DEFAULT_STACK = "resnet-bench"

Images = Annotated[list[Path], typer.Argument(metavar="IMAGE", help="JPEG or PNG files.", show_default=False)]

Threads = Annotated[
    str,
    typer.Option(
        metavar="N|auto",
        help="Threads of the engine: a number, or auto: all CPUs here, what the CPU share pays for on Lambda.",
    ),
]
Weights = Annotated[
    str,
    typer.Option(
        metavar="NAME|FILE",
        help="auto, v1, v2, random, or a .pth or .safetensors file. auto: v1, or random if it cannot be downloaded.",
    ),
]
Limiter = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="How limits are enforced: auto, cgroup-v2, cgroup-v1, systemd, throttle or none."
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(
        metavar="MB",
        help="Memory of the Lambda, from which its CPU share follows; default: 1024, or what the stack has.",
    ),
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL", envvar="RESNET_BENCH_URL", help="A deployed HTTP API. Without it, an emulated Lambda is started."
    ),
]
AwsUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where to ask for traces and logs of --url (`emulate` prints it); default: AWS."),
]
Stack = Annotated[
    str | None,
    typer.Option(metavar="NAME", envvar="RESNET_BENCH_STACK", help="The stack of a Lambda that `deploy` has made."),
]
StackName = Annotated[str, typer.Option("--stack", metavar="NAME", help="The CloudFormation stack's name.")]
Region = Annotated[str | None, typer.Option(metavar="NAME", help="AWS region; default: that of your AWS settings.")]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="Profile of your AWS settings.")]
ViaOption = Annotated[
    str,
    typer.Option(
        metavar="http|invoke", help="With --stack: through the HTTP API, or by Lambda's Invoke, without the gateway."
    ),
]
KeepAccountData = Annotated[
    bool, typer.Option("--keep-account-data", help="Do not take account ids, ARNs and URLs out of what is saved.")
]
Image = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Emulate a container image, as `image build` makes it; docker or podman runs it."
    ),
]
Sign = Annotated[
    bool, typer.Option("--sign", help="With --url: sign calls with your AWS credentials, for an API that wants IAM.")
]
Raw = Annotated[bool, typer.Option("--raw", help="Send the image's bytes as they are, not base64 in JSON.")]
Seed = Annotated[int, typer.Option(metavar="N", help="Of the order of calls: the same seed gives the same order.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, all else on standard error.")]
Save = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Result file; default: a dated one in results/.", show_default=False)
]
NoSave = Annotated[bool, typer.Option("--no-save", help="Write no result file.")]
Csv = Annotated[Path | None, typer.Option(metavar="FILE", help="Also write every sample as CSV.")]
Html = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Also write a report for browsers: one file, with plots, offline.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, and only the essential output.")]
Slo = Annotated[
    list[str] | None,
    typer.Option(
        "--slo",
        metavar="p95=500ms",
        help="What warm calls are to keep, or errors=1% of all calls: exit with 1 if a side does not. Repeat for more.",
        show_default=False,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="More detail.")]


def parse_threads(text: str) -> int | None:
    """A number of threads, ``None`` for ``auto``.

    Raises:
        UsageError: neither.
    """
    if text == "auto":
        return None
    if (count := whole(text)) is not None and count > 0:
        return count
    raise UsageError(f"--threads is {text}", "give a number from 1 on, or auto")


def parse_objectives(texts: Sequence[str] | None) -> tuple[Objective | ErrorObjective, ...]:
    """
    Raises:
        UsageError: one of them is none.
    """
    if not texts:
        return ()
    from resnet_bench.analysis.objective import parse_any

    return tuple(map(parse_any, texts))


def check_memory(memory_mb: int | None) -> None:
    """
    Raises:
        UsageError: a size that Lambda does not offer.
    """
    if memory_mb is not None and not MIN_MB <= memory_mb <= MAX_MB:
        raise UsageError(f"--memory is {memory_mb} MB", f"Lambda allows {MIN_MB} to {MAX_MB} MB")


@dataclass(frozen=True)
class RemoteOptions:
    """Which Lambda is called, and how: a stack, a URL, or with neither an emulated one."""

    url: str | None = None
    aws_url: str | None = None
    sign: bool = False
    stack: str | None = None
    region: str | None = None
    profile: str | None = None
    via: str = "http"
    raw: bool = False
    image: str | None = None


@dataclass(frozen=True)
class SideOptions:
    """What decides how the two sides run. ``memory_mb`` is ``None`` where none was asked for.

    ``concurrency`` is how many environments an emulated Lambda may have at once.
    """

    threads: str
    weights: str
    limiter: str
    memory_mb: int | None
    seed: int = 0
    top: int = 5
    remote: RemoteOptions = RemoteOptions()
    concurrency: int = 10
    network: NetworkOptions = field(default_factory=NetworkOptions)


@dataclass(frozen=True)
class OutputOptions:
    """What is shown and where it goes."""

    json: bool
    save: Path | None
    no_save: bool
    csv: Path | None
    quiet: bool
    verbose: bool
    keep_account_data: bool = False
    html: Path | None = None
    objectives: tuple[Objective | ErrorObjective, ...] = ()
