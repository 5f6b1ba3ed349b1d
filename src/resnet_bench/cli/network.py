"""Options of what runs the network, and how: ``--engine``, ``--precision``, ``--decode``, ``--calibrate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resnet_bench.errors import UsageError
from resnet_bench.inference.engines import ENGINES, PRECISIONS

if TYPE_CHECKING:
    from resnet_bench.results.records import Decode as Decoding

DECODES: dict[str, Decoding] = {"exact": "exact", "fast": "fast"}


def _choice(metavar: str, told: str, values: Sequence[str], *names: str, default: bool = True) -> Any:
    """An option whose ``values`` a shell offers; ``default`` says whether its help tells what it is otherwise."""
    # Typer knows the callback's argument by its name.
    return typer.Option(
        *names,
        metavar=metavar,
        help=told,
        show_default=default,
        autocompletion=lambda incomplete: [value for value in values if value.startswith(incomplete)],
    )


_ALL_ENGINES, _ALL_PRECISIONS = (*ENGINES, "all"), (*PRECISIONS, "all")
_FAST = "How images are decoded: fast reads a large JPEG at a reduced size, which answers about the same."

Engine = Annotated[str, _choice("NAME", "What runs the network: torch, onnx or openvino.", _ALL_ENGINES)]
Precision = Annotated[str, _choice("fp32|int8|bf16", "What the network computes in.", _ALL_PRECISIONS)]
Decode = Annotated[str, _choice("exact|fast", _FAST, tuple(DECODES))]
# The same where a stack may be called, which has an engine already.
DeployedEngine = Annotated[
    str | None, _choice("NAME", "torch, onnx (the default, or what the stack runs) or openvino.", _ALL_ENGINES)
]
DeployedPrecision = Annotated[
    str | None,
    _choice("fp32|int8|bf16", "What the network computes in; default: fp32, or what the stack runs.", _ALL_PRECISIONS),
]
DeployedDecode = Annotated[
    str | None, _choice("exact|fast", f"{_FAST} Default: exact, or what the stack does.", tuple(DECODES))
]
Engines = Annotated[
    list[str] | None,
    _choice(
        "NAME",
        "torch, onnx, openvino, or all that can run here; repeat for several. Default: onnx and torch, or what "
        "the stack runs.",
        _ALL_ENGINES,
        "--engine",
        default=False,
    ),
]
Precisions = Annotated[
    list[str] | None,
    _choice(
        "fp32|int8|bf16|all",
        "What the networks compute in; repeat for several. Default: fp32, or what the stack runs.",
        _ALL_PRECISIONS,
        "--precision",
        default=False,
    ),
]
ResultPrecisions = Annotated[
    list[str] | None,
    _choice(
        "fp32|int8|bf16",
        "Of those in the result; repeat for several.",
        _ALL_PRECISIONS,
        "--precision",
        default=False,
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
