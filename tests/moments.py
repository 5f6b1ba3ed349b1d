"""Signals at chosen moments of the program's life: when it enters a function, while it imports a module, at its end.

The signals are real, sent by the process to itself; only the moment is arranged, so that none has to be hit by waiting.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass, field
from pathlib import Path

_VARIABLE = "RESNET_BENCH_TEST_MOMENTS"
# Python runs this in every process that has its folder in PYTHONPATH; it does nothing in any but the program itself.
_SITE = """
import atexit, importlib.util, json, os, signal, sys, time

def strike(signals):
    for pause_s, number in signals:
        time.sleep(pause_s)
        if number == signal.SIGQUIT:  # a shell lets its background jobs ignore it, and so theirs
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

class Finder:
    def __init__(self, moments):
        self.moments, self.busy = moments, set()

    def find_spec(self, name, path=None, target=None):
        mine = [moment for moment in self.moments if moment["module"] == name]
        if not mine or name in self.busy:
            return None
        self.busy.add(name)
        spec = importlib.util.find_spec(name)
        execute = spec.loader.exec_module

        def exec_module(module):
            for moment in mine:
                if not moment["function"]:
                    strike(moment["signals"])
            execute(module)
            for moment in mine:
                if moment["function"]:
                    wrap(module, moment)

        spec.loader.exec_module = exec_module
        return spec

def wrap(owner, moment):
    *path, name = moment["function"].split(".")
    for part in path:
        owner = getattr(owner, part)
    real, left = getattr(owner, name), [moment["signals"]]

    def replaced(*args, **options):
        if left:
            strike(left.pop())
        return real(*args, **options)

    setattr(owner, name, replaced)

if any(argument.endswith("resnet-bench") for argument in sys.orig_argv[:2]):
    moments = json.loads(os.environ[%r])
    sys.meta_path.insert(0, Finder(moments))
    for moment in moments:
        if moment["module"] == "atexit":
            atexit.register(strike, moment["signals"])
"""


@dataclass(frozen=True)
class Moment:
    """When ``function`` of ``module`` is called first; without one, when it is imported (``atexit``: at the end).

    Each of ``signals`` is sent after so many seconds.
    """

    module: str
    function: str = ""
    signals: tuple[tuple[float, signal.Signals], ...] = field(default=((0.0, signal.SIGINT),))


def at(folder: Path, *moments: Moment) -> dict[str, str]:
    """The environment that arranges it; ``folder`` gets a file."""
    (folder / "sitecustomize.py").write_text(_SITE % _VARIABLE)
    told = [{"module": one.module, "function": one.function, "signals": one.signals} for one in moments]
    return {"PYTHONPATH": str(folder), _VARIABLE: json.dumps(told)}
