"""The engines by name. A new one is a new file beside this one and one line in ``_ENGINES``."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from resnet_bench.errors import EngineError, UsageError

if TYPE_CHECKING:
    from resnet_bench.inference.engines.base import Engine, EngineFactory
    from resnet_bench.inference.model import ExportCheck, Model
    from resnet_bench.progress import Progress

# The artefact that every model has and every exporter starts from.
WEIGHTS = "weights.safetensors"


class Exporter(Protocol):
    """The module that makes an engine's artefact on the host."""

    def export(self, weights: Path, target: Path, progress: Progress) -> ExportCheck:
        """Write ``target`` from ``weights`` (safetensors).

        Raises:
            EngineError: it cannot be made, or does not answer as torch does.
        """
        ...


@dataclass(frozen=True)
class Registered:
    """What is known of an engine before its module is imported.

    ``libraries`` are the modules whose import is the engine's share of a cold start; ``artifact`` the file
    of the model that it loads; ``exporter_module`` makes that file, if it is not the weights themselves;
    ``environment`` is what the libraries must find in the environment when they are imported.
    """

    name: str
    module: str
    libraries: tuple[str, ...]
    artifact: str = WEIGHTS
    exporter_module: str = ""
    environment: tuple[tuple[str, str], ...] = ()

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

    def exporter(self) -> Exporter:
        return cast("Exporter", self._import(f"{__name__}.{self.exporter_module}"))

    def _import(self, module: str) -> object:
        try:
            return importlib.import_module(module)
        except ModuleNotFoundError as error:
            package = (error.name or module).partition(".")[0]
            raise EngineError(
                f"the {self.name} engine needs {package}, which is not installed", f"pip install {package}"
            ) from error
        except (ImportError, OSError) as error:
            package = module.partition(".")[0]
            raise EngineError(
                f"the {self.name} engine's {package} does not load: {error}", f"pip install --force-reinstall {package}"
            ) from error


_ENGINES = {
    engine.name: engine
    for engine in (
        Registered("torch", "torch_engine", ("torch", "torchvision.models.resnet", "safetensors.torch")),
        Registered(
            "onnx",
            "onnx_engine",
            ("onnxruntime",),
            "resnet50.onnx",
            "onnx_export",
            # Set before the import, or it starts a thread that reports home and leaves a file in the temporary folder.
            (("ORT_DISABLE_TELEMETRY", "1"),),
        ),
    )
}
NAMES = tuple(_ENGINES)


def registered(name: str) -> Registered:
    """
    Raises:
        UsageError: no engine has that name.
    """
    try:
        return _ENGINES[name]
    except KeyError:
        raise UsageError(f"unknown engine {name!r}", f"the engines are: {', '.join(NAMES)}") from None


def load(name: str, model: Model, threads: int) -> Engine:
    """Load an engine that runs on ``threads`` threads.

    Raises:
        UsageError: no engine has that name.
        EngineError: its library is not installed, or its artefact is missing or broken.
    """
    engine = registered(name)
    engine.import_libraries()
    return engine.factory().load(model, threads)
