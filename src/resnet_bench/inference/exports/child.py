"""The exports' own process: ``python -m <this> TASK PARENT``, with a ``Task`` as JSON; the answer is an ``Outcome``.
``PARENT`` is the id of the process that waits.

torch, ONNX and quantisation leave hundreds of megabytes behind in a process, and print, warn and log by ways of their
own. In a child all that ends with it; what comes back is one JSON document.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Protocol, cast

import msgspec
from msgspec import Struct

from resnet_bench.errors import ResnetBenchError
from resnet_bench.inference.model import ExportCheck, Model
from resnet_bench.results.records import Agreement

_PR_SET_PDEATHSIG = 1  # prctl(2)


class Task(Struct, frozen=True, kw_only=True):
    """``maker`` is a ``module.function`` of this package; ``samples`` are paths of sample images.

    ``subject`` is what an agreement is about, empty for an export.
    """

    maker: str
    model: str
    target: str = ""
    samples: tuple[str, ...] = ()
    subject: str = ""


class Made(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What there is to remember of the files that were made; see ``Manifest``."""

    checks: dict[str, ExportCheck] = {}
    environments: dict[str, str] = {}
    agreement: Agreement | None = None


class Outcome(Struct, frozen=True, omit_defaults=True):
    """What the child has to say: ``made``, or what failed. ``errno`` is given where the disk is to blame."""

    made: Made | None = None
    error: str = ""
    hint: str = ""
    errno: int | None = None


class Exporter(Protocol):
    def __call__(self, model: Model, target: Path, samples: tuple[str, ...], /) -> Made:
        """Write the export's files into the folder ``target``.

        Raises:
            EngineError: they cannot be made, or do not answer as they must.
            Exception: whatever the libraries raise, which is of no one class.
        """
        ...


def main() -> None:
    _end_with(int(sys.argv[2]))
    # Exporters print to standard output, which belongs to the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    task = msgspec.json.decode(sys.argv[1], type=Task)
    try:
        outcome = Outcome(made=_do(task))
    except ResnetBenchError as error:
        outcome = Outcome(error=error.message, hint=error.hint)
    except OSError as error:
        outcome = Outcome(error=error.strerror or str(error), errno=error.errno)
    os.write(answer, msgspec.json.encode(outcome))


def _end_with(parent: int) -> None:
    """Be killed when ``parent`` dies, even by ``kill -9``: what is made here is then of no use to anybody."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:  # it was faster
        sys.exit(1)


def _do(task: Task) -> Made:
    if task.subject:
        from resnet_bench.inference.exports.agreement import agree

        return Made(agreement=agree(Model.open(task.model), task.subject, task.samples))
    module, _, function = task.maker.partition(".")
    exporter = cast("Exporter", getattr(importlib.import_module(f"{__package__}.{module}"), function))
    return exporter(Model.open(task.model), Path(task.target), task.samples)


if __name__ == "__main__":
    # Under its own name: the exporters import ``Made`` from there, and it must be the same class.
    importlib.import_module(f"{__package__}.child").main()
