"""``LocalServer``: the server's process, as its parent holds it."""

from __future__ import annotations

import sys
import tempfile
from types import TracebackType
from typing import Self

import msgspec

from resnet_bench.errors import ResnetBenchError, SandboxError
from resnet_bench.inference.model import Model
from resnet_bench.loopback import LOOPBACK
from resnet_bench.results.records import Decode, Skipped
from resnet_bench.runners.trouble import Trouble, last_words, raised
from resnet_bench.sandbox.environment import inherited_variables
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.process import PIPE, Sandbox
from resnet_bench.server.main import Ready, Serve

_END_S = 5.0
_ready = msgspec.json.Decoder(Ready)
_trouble = msgspec.json.Decoder(Trouble)


class LocalServer:
    """A server of ``engine`` in a process of its own, at ``url`` on loopback; it dies with the thread that made it.

    ``threads`` is for each of the ``workers``. The cage of ``limiter`` limits nothing: it accounts for memory.

    Raises:
        EngineError: the engine cannot be loaded.
        SetupError: the port is taken.
        SandboxError: the process could not be started, or ended.
    """

    def __init__(
        self,
        engine: str,
        model: Model,
        threads: int,
        workers: int,
        limiter: Limiter,
        *,
        queue_length: int | None = None,
        port: int = 0,
        decode: Decode = "exact",
    ) -> None:
        self.engine, self.threads, self.workers = engine, threads, workers
        asked = Serve(engine, str(model.folder), threads, workers, queue_length, port, decode)
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = Sandbox.start(
            # -P: the current folder may hold a file called numpy.py.
            [sys.executable, "-P", "-m", "resnet_bench.server.main", msgspec.json.encode(asked).decode()],
            env=inherited_variables(),
            cage=limiter.cage(f"server-{engine}", cpu=None, memory_bytes=None),
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._stderr,
        )
        try:
            self.port = self._await_ready()
        except BaseException:
            self.close()
            raise
        self.url = f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def freeze(self) -> None:
        """Let it take no CPU time: engines leave threads that spin for a while after an inference."""
        self._process.freeze()

    def thaw(self) -> None:
        self._process.thaw()

    def peak_memory_bytes(self) -> int | Skipped:
        """The kernel's peak for the whole process since it began, page cache included."""
        return self._process.peak_memory_bytes()

    def close(self) -> None:
        """End it, after what it is just classifying; at once if that takes too long. May be called twice."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.thaw()
            self._process.stdin.close()
            self._process.wait(_END_S)
        self._process.close()
        self._stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _await_ready(self) -> int:
        assert self._process.stdout is not None  # noqa: S101 - asked for above
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died()
        try:
            return _ready.decode(line).port
        except msgspec.ValidationError:
            raise raised(_trouble.decode(line)) from None

    def _died(self) -> ResnetBenchError:
        self._process.wait(_END_S)
        how = self._process.describe_exit()
        return SandboxError(
            f"the local {self.engine} server ended before it was ready: {how}{last_words(self._stderr)}",
            "run it again; the kernel's log tells whether it was for want of memory",
        )
