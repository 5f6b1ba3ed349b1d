"""A report in the making, by a process of its own: a large one takes many seconds, and stands still in each turn."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from resnet_bench.errors import SandboxError
from resnet_bench.runners.trouble import Trouble, last_words, raised
from resnet_bench.sandbox.environment import inherited_variables
from resnet_bench.sandbox.limits.unlimited import UnlimitedCage
from resnet_bench.sandbox.process import PIPE, Sandbox
from resnet_bench.web.drawer import Draw, Drawn

_ENDING_S = 5.0
_drawn = msgspec.json.Decoder(Drawn)
_trouble = msgspec.json.Decoder(Trouble)


class Drawing:
    """Begins to draw the result file ``path`` by the prices in the folder ``prices``, if there are any.

    The process dies with the thread that made it. ``freeze`` and ``close`` may be called from any thread.

    Raises:
        SandboxError: it could not be started.
    """

    def __init__(self, path: Path, prices: Path | None) -> None:
        asked = Draw(str(path.absolute()), None if prices is None else str(prices))
        self._name = path.name
        self._closed = False
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = Sandbox.start(
            # -P: the current folder may hold a file called numpy.py.
            [sys.executable, "-P", "-m", "resnet_bench.web.drawer", msgspec.json.encode(asked).decode()],
            env=inherited_variables(),
            cage=UnlimitedCage(),
            stdout=PIPE,
            stderr=self._stderr,
        )

    def read(self) -> str:
        """Wait for the report, as HTML.

        Raises:
            ResultError: the file cannot be read.
            SandboxError: the process ended without a word, or was closed meanwhile.
        """
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        said = self._process.stdout.read()
        try:
            return _drawn.decode(said).html
        except msgspec.DecodeError:
            pass
        try:
            error = raised(_trouble.decode(said))
        except msgspec.DecodeError:
            if self._closed:
                raise SandboxError(f"{self._name} was not drawn: nobody waits for it") from None
            self._process.wait(_ENDING_S)
            how = self._process.describe_exit()
            raise SandboxError(f"{self._name} was not drawn: {how}{last_words(self._stderr)}", "try again") from None
        raise error

    def freeze(self) -> None:
        self._process.freeze()

    def thaw(self) -> None:
        self._process.thaw()

    def close(self) -> None:
        """End it, whether it is done or not. May be called twice."""
        if not self._closed:
            self._closed = True
            # First of all, so that who reads comes to an end: a pipe that is being read cannot be closed.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.close()
            self._stderr.close()
