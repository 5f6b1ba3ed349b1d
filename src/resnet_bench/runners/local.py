"""The local side: a worker process on this machine, stopped whenever it is not measured."""

from __future__ import annotations

import sys
import tempfile
from typing import IO

import msgspec

from resnet_bench.errors import ImageError, OutOfMemory, ResnetBenchError, SandboxError
from resnet_bench.inference.model import Model
from resnet_bench.results.records import Answer, Sample, Side, Skipped
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.runners.trouble import Trouble, last_words, raised
from resnet_bench.runners.worker import Job, Load
from resnet_bench.sandbox.allowance import Allowance
from resnet_bench.sandbox.environment import inherited_variables
from resnet_bench.sandbox.limits.base import Limiter
from resnet_bench.sandbox.process import PIPE, Sandbox

_NO_CLIENT = Skipped("a local call has no client")
_answer = msgspec.json.Decoder(Answer)
_trouble = msgspec.json.Decoder(Trouble)


class LocalRunner:
    """One engine in a worker process.

    The worker is stopped (SIGSTOP or the cage's freezer) between calls: engines leave threads that spin for a while
    after an inference, which would take CPU time from the other side's next measurement. With ``allowance`` it is held
    to Lambda's CPU share and memory (the CPU-equalised mode); without, its cage only accounts for its memory.
    """

    side: Side = "local"

    def __init__(
        self,
        engine: str,
        model: Model,
        threads: int,
        limiter: Limiter,
        *,
        allowance: Allowance | None = None,
        top: int = 5,
    ) -> None:
        self.engine = engine
        self._load = Load(engine, str(model.folder), threads, allowance.memory_bytes if allowance else None)
        self._limiter = limiter
        self._allowance = allowance
        self._top = top
        self._worker: Sandbox | None = None
        self._stderr: IO[bytes] | None = None

    def classify(self, photo: Photo) -> Measurement:
        fresh = self._worker is None
        worker = self._worker or self._start()
        if not fresh:
            worker.thaw()
        line = self._exchange(worker, Job(photo.path, self._top))
        worker.freeze()
        try:
            answer = _answer.decode(line)
        except msgspec.ValidationError:
            error = raised(_trouble.decode(line))
            if not isinstance(error, ImageError):
                self._end()  # it could not load, and ends after saying so
            raise error from None
        return Measurement(answer, _NO_CLIENT, worker.peak_memory_bytes())

    def force_cold(self) -> None:
        """End the worker: the next call starts another."""
        self._end()

    def complete(self, samples: list[Sample]) -> list[Sample]:
        return samples

    def close(self) -> None:
        self._end()

    def _start(self) -> Sandbox:
        allowance = self._allowance
        cage = self._limiter.cage(
            f"local-{self.engine}",
            cpu=allowance.cpu if allowance else None,
            memory_bytes=allowance.memory_bytes if allowance else None,
        )
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
        self._worker = Sandbox.start(
            # -P: the current folder may hold a file called numpy.py.
            [sys.executable, "-P", "-m", "resnet_bench.runners.worker", msgspec.json.encode(self._load).decode()],
            env=inherited_variables(),
            cage=cage,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._stderr,
            vcpus_count=allowance.vcpus_count if allowance else None,
        )
        return self._worker

    def _exchange(self, worker: Sandbox, job: Job) -> bytes:
        assert worker.stdin is not None  # noqa: S101 - asked for above
        assert worker.stdout is not None  # noqa: S101
        try:
            worker.stdin.write(msgspec.json.encode(job) + b"\n")
            worker.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; what it said before that is still to be read
        line = worker.stdout.readline()
        if not line.endswith(b"\n"):
            raise self._died(worker)
        return line

    def _died(self, worker: Sandbox) -> ResnetBenchError:
        worker.wait(5.0)
        how, killed = worker.describe_exit(), worker.memory_killed()
        told = last_words(self._stderr) if self._stderr else ""
        self._end()
        if killed and self._allowance is not None:
            limit_mb = self._allowance.memory_mb
            return OutOfMemory(
                f"the local {self.engine} process was killed at its limit of {limit_mb} MB",
                "give it more with --memory",
            )
        hint = "run it again; the kernel's log tells whether it was for want of memory"
        return SandboxError(
            f"the local {self.engine} process ended: {how}{told}",
            hint if how.startswith("signal") else "try another --engine",
        )

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        stderr, self._stderr = self._stderr, None
        if worker is not None:
            worker.close()
        if stderr is not None:
            stderr.close()
