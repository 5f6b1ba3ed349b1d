"""The engines by name, each in the precisions that it has. A new one is a new file beside this one and a line here.

An engine in one precision is a *variant* and has one name wherever an engine is named: ``onnx``, ``onnx-int8``.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from resnet_bench.errors import EngineError, UsageError
from resnet_bench.processor import cpu_flags, cpu_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resnet_bench.inference.engines.base import Engine, EngineFactory
    from resnet_bench.inference.model import Model

# The file that every model has and every export starts from.
WEIGHTS = "weights.safetensors"
FULL_PRECISION = "fp32"


def variant_name(engine: str, precision: str) -> str:
    return engine if precision == FULL_PRECISION else f"{engine}-{precision}"


def taken_apart(name: str) -> tuple[str, str]:
    """Engine and precision of a variant, also of one that only another version of this program knows."""
    engine, _, precision = name.partition("-")
    return engine, precision or FULL_PRECISION


def options_for(name: str) -> str:
    """How the command line asks for a variant: ``--engine onnx --precision int8``."""
    engine, precision = taken_apart(name)
    return f"--engine {engine}" if precision == FULL_PRECISION else f"--engine {engine} --precision {precision}"


@dataclass(frozen=True)
class Registered:
    """What is known of a variant before its module is imported.

    ``precision`` is the command line's word for it. ``libraries`` are the modules whose import is the engine's share of
    a cold start; ``exports`` names what must have been made of the weights (``exports.EXPORTS``); ``environment``
    is what the libraries must find in the environment when they are imported; ``extra`` is the extra of this
    package that installs them, if it does not by itself; ``cpu_flags`` are instruction sets of which the processor
    must have one.
    """

    engine: str
    precision: str
    module: str
    libraries: tuple[str, ...]
    exports: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = ()
    extra: str = ""
    cpu_flags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return variant_name(self.engine, self.precision)

    @property
    def is_exact(self) -> bool:
        """Whether it answers as the network does, or only about so."""
        return self.precision == FULL_PRECISION

    def obstacle(self) -> EngineError | None:
        """Why it cannot run here, found without importing anything; ``None`` if it can."""
        for library in self.libraries:
            package = library.partition(".")[0]
            if not _is_installed(package):
                return self._missing(package)
        if self.cpu_flags and not cpu_flags() & {*self.cpu_flags}:
            return EngineError(
                f"{self.name} needs a processor with {' or '.join(self.cpu_flags)}; {cpu_model()} has neither",
                f"use --engine {self.engine} without --precision {self.precision}",
            )
        return None

    def import_libraries(self) -> None:
        """
        Raises:
            EngineError: a library is not installed or does not load.
        """
        for name, value in self.environment:
            os.environ.setdefault(name, value)
        for library in self.libraries:
            self._import(library)

    def factory(self) -> EngineFactory:
        return cast("EngineFactory", self._import(f"{__name__}.{self.module}"))

    def _import(self, module: str) -> object:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            raise self._missing((error.name or module).partition(".")[0]) from error
        except (ImportError, OSError) as error:
            package = module.partition(".")[0]
            raise EngineError(
                f"the {self.engine} engine's {package} does not load: {error}",
                f"pip install --force-reinstall {package}",
            ) from error

    def _missing(self, package: str) -> EngineError:
        wanted = f"'resnet-bench[{self.extra}]'" if self.extra else package
        return EngineError(f"the {self.engine} engine needs {package}, which is not installed", f"pip install {wanted}")


def _is_installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:  # of a finder that somebody has put before Python's own
        return False


# Set before the import, or ONNX Runtime starts a thread that reports home and leaves a file in the temporary folder.
_ORT_ENVIRONMENT = (("ORT_DISABLE_TELEMETRY", "1"),)
_BF16_FLAGS = ("avx512_bf16", "amx_bf16")
_VARIANTS = {
    variant.name: variant
    for variant in (
        Registered("torch", "fp32", "torch_engine", ("torch", "safetensors.torch"), ("folded",)),
        Registered("onnx", "fp32", "onnx_engine", ("onnxruntime",), ("onnx", "onnx-optimised"), _ORT_ENVIRONMENT),
        Registered("onnx", "int8", "onnx_engine", ("onnxruntime",), ("int8", "int8-optimised"), _ORT_ENVIRONMENT),
        Registered("openvino", "fp32", "openvino_engine", ("openvino",), ("onnx",), extra="openvino"),
        Registered("openvino", "int8", "openvino_engine", ("openvino",), ("int8",), extra="openvino"),
        Registered(
            "openvino", "bf16", "openvino_engine", ("openvino",), ("onnx",), extra="openvino", cpu_flags=_BF16_FLAGS
        ),
    )
}
NAMES = tuple(_VARIANTS)
ENGINES = tuple(dict.fromkeys(variant.engine for variant in _VARIANTS.values()))
PRECISIONS = tuple(dict.fromkeys(variant.precision for variant in _VARIANTS.values()))


def variants() -> Sequence[Registered]:
    """All of them, installed or not."""
    return tuple(_VARIANTS.values())


def registered(name: str) -> Registered:
    """
    Raises:
        UsageError: no variant has that name.
    """
    try:
        return _VARIANTS[name]
    except KeyError:
        raise UsageError(f"unknown engine {name!r}", f"the engines are: {', '.join(NAMES)}") from None


def load(name: str, model: Model, threads: int) -> Engine:
    """Load an engine that runs on ``threads`` threads.

    Raises:
        UsageError: no variant has that name.
        EngineError: its library is not installed, the processor lacks what it needs, or its files are missing or
            broken.
    """
    variant = registered(name)
    obstacle = variant.obstacle()
    if obstacle is not None:
        raise obstacle
    variant.import_libraries()
    return variant.factory().load(variant, model, threads)
