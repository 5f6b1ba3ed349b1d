"""Options of what runs the network, and how: ``--engine``, ``--precision``, ``--decode``, ``--calibrate``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resnet_bench.errors import UsageError
from resnet_bench.inference.engines import ENGINES, PRECISIONS

if TYPE_CHECKING:
    from resnet_bench.results.records import Decode as Decoding

DECODES: dict[str, Decoding] = {"exact": "exact", "fast": "fast"}


def _of(values: Sequence[str]) -> Callable[[str], list[str]]:
    """What a shell offers after an option."""
    # Typer knows the callback's arguments by their names.
    return lambda incomplete: [value for value in values if value.startswith(incomplete)]


_ENGINES, _PRECISIONS, _DECODES = map(_of, ((*ENGINES, "all"), (*PRECISIONS, "all"), (*DECODES,)))

Engine = Annotated[
    str,
    typer.Option(metavar="NAME", help="What runs the network: torch, onnx or openvino.", autocompletion=_ENGINES),
]
Precision = Annotated[
    str, typer.Option(metavar="fp32|int8|bf16", help="What the network computes in.", autocompletion=_PRECISIONS)
]
Decode = Annotated[
    str,
    typer.Option(
        metavar="exact|fast",
        help="How images are decoded: fast reads a large JPEG at a reduced size, which answers about the same.",
        autocompletion=_DECODES,
    ),
]
# The same where a stack may be called, which has an engine already.
DeployedEngine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="torch, onnx (the default, or what the stack runs) or openvino.",
        autocompletion=_ENGINES,
    ),
]
DeployedPrecision = Annotated[
    str | None,
    typer.Option(
        metavar="fp32|int8|bf16",
        help="What the network computes in; default: fp32, or what the stack runs.",
        autocompletion=_PRECISIONS,
    ),
]
DeployedDecode = Annotated[
    str | None,
    typer.Option(
        metavar="exact|fast",
        help="How images are decoded: fast reads a large JPEG at a reduced size, which answers about the same. "
        "Default: exact, or what the stack does.",
        autocompletion=_DECODES,
    ),
]
Engines = Annotated[
    list[str] | None,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="torch, onnx, openvino, or all that can run here; repeat for several. Default: onnx and torch, or what "
        "the stack runs.",
        autocompletion=_ENGINES,
        show_default=False,
    ),
]
Precisions = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="fp32|int8|bf16|all",
        help="What the networks compute in; repeat for several. Default: fp32, or what the stack runs.",
        autocompletion=_PRECISIONS,
        show_default=False,
    ),
]
ResultPrecisions = Annotated[
    list[str] | None,
    typer.Option(
        "--precision",
        metavar="fp32|int8|bf16",
        help="Of those in the result; repeat for several.",
        autocompletion=_PRECISIONS,
        show_default=False,
    ),
]
Calibrate = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Images to calibrate int8 on, and to compare int8, bf16 and fast decoding with exact answers; default: "
        "those in images/.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class NetworkOptions:
    """What decides how images are decoded, and on which of them a reduced network is calibrated and judged.

    ``decode`` is ``None`` where the far side may decide; ``calibrate`` is the folder that was named, ``images`` are
    what the command classifies.
    """

    decode: Decoding | None = None
    calibrate: Path | None = None
    images: tuple[Path, ...] = ()

    @classmethod
    def of(cls, decode: str | None, calibrate: Path | None, images: Sequence[Path] | None = None) -> NetworkOptions:
        """
        Raises:
            UsageError: there is no such way to decode.
        """
        if decode is not None and decode not in DECODES:
            raise UsageError(f"--decode is {decode}", f"one of: {', '.join(DECODES)}")
        return cls(None if decode is None else DECODES[decode], calibrate, tuple(images or ()))
