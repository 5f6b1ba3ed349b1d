"""The process that draws one saved result: reads it, and writes its report to standard output.

stdout  {"html": "<article ...>"}, or a ``Trouble``
"""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path

import msgspec

from resnet_bench.errors import ResnetBenchError, ResultError
from resnet_bench.prices.kept import known
from resnet_bench.prices.table import packaged
from resnet_bench.progress import SILENT
from resnet_bench.report.gathered import gather
from resnet_bench.report.html import fragment
from resnet_bench.results.files import load
from resnet_bench.runners.trouble import trouble

_ID = "result"


class Draw(msgspec.Struct, frozen=True):
    """The process's argument. ``prices`` is the folder of the prices that AWS was asked for, if there is one."""

    path: str
    prices: str | None


class Drawn(msgspec.Struct, frozen=True):
    """A fragment, whose ids begin with ``result``."""

    html: str


def main() -> None:
    """``sys.argv[1]`` is a ``Draw`` as JSON."""
    # Libraries may print: what they print must not get into what the parent reads.
    parent = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked = msgspec.json.decode(sys.argv[1], type=Draw)
    with parent:
        try:
            parent.write(msgspec.json.encode(Drawn(_draw(asked))))
        except ResnetBenchError as error:
            parent.write(msgspec.json.encode(trouble(error)))
        except Exception as error:  # noqa: BLE001 - values of the right types that no measurement gives, say
            name, kind = Path(asked.path).name, type(error).__name__
            strange = ResultError(f"{name} cannot be drawn: {kind}: {error}", "look at what made it")
            parent.write(msgspec.json.encode(trouble(strange)))


def _draw(asked: Draw) -> str:
    path = Path(asked.path)
    prices_for = packaged if asked.prices is None else partial(known, folder=Path(asked.prices))
    (page,) = gather([(path.name, load(path))], SILENT, prices_for)
    return fragment(page, _ID)


if __name__ == "__main__":
    main()
