"""What is made of the weights on the host, for engines to load: ``EXPORTS`` by name. Nothing here runs on Lambda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resnet_bench.inference.engines.onnx_engine import OPTIMISED, PLAIN
from resnet_bench.inference.engines.torch_engine import FILE as FOLDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from resnet_bench.inference.engines import Registered


@dataclass(frozen=True)
class Export:
    """``files`` are made together by ``maker`` (``Exporter``), once those of the exports in ``after`` are there.

    ``calibrated`` says that what comes out depends on sample images; ``host_bound`` that it is of use on processors
    like this one only.
    """

    files: tuple[str, ...]
    maker: str
    after: tuple[str, ...] = ()
    calibrated: bool = False
    host_bound: bool = False


def _optimised(precision: str) -> tuple[str, str]:
    return OPTIMISED[precision], f"{OPTIMISED[precision]}.data"


EXPORTS = {
    "folded": Export((FOLDED,), "folded_export.make"),
    "onnx": Export((PLAIN["fp32"], f"{PLAIN['fp32']}.data"), "onnx_export.make"),
    "onnx-optimised": Export(_optimised("fp32"), "optimised_export.make_float", after=("onnx",), host_bound=True),
    "int8": Export((PLAIN["int8"],), "int8_export.make", after=("onnx",), calibrated=True),
    "int8-optimised": Export(_optimised("int8"), "optimised_export.make_int8", after=("int8",), host_bound=True),
}


# The variant that others are compared with: exact, and the quickest to load.
REFERENCE = "onnx"


def files_of(variant: Registered, *, host_bound: bool) -> list[str]:
    """What the variant loads; ``host_bound``: also what only processors like this one can use."""
    exports = (EXPORTS[name] for name in variant.exports)
    return [file for export in exports if host_bound or not export.host_bound for file in export.files]


def needed(variants: Sequence[Registered]) -> Iterator[str]:
    """The exports that the variants load, and those from which they are made, in the order of making."""
    return (name for name in EXPORTS if name in {*_with_before(name for one in variants for name in one.exports)})


def _with_before(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield from _with_before(EXPORTS[name].after)


def is_calibrated(variant: Registered) -> bool:
    """Whether what the variant loads depends on sample images."""
    return any(EXPORTS[name].calibrated for name in _with_before(variant.exports))
