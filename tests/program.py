"""The installed program as a process: run it, watch it, interrupt it, and look at what it leaves behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sandboxes import wait_until

PROGRAM = str(Path(sys.executable).with_name("resnet-bench"))
IMAGES = Path(__file__).parents[1] / "images"
CAT = str(IMAGES / "chelsea.png")
# Every process of one test carries this, so that its leftovers are told from those of other tests and users.
MARK = "RESNET_BENCH_TEST_MARK"
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    def error(self) -> str:
        """The line that begins with ``error:``, which must be the only one and be followed by a next step."""
        assert "Traceback" not in self.err.replace("  | Traceback", ""), self.err
        found = re.findall(r"^error: (.+)$", self.err, re.MULTILINE)
        assert len(found) == 1, self.err
        assert re.search(r"^  try: \S", self.err, re.MULTILINE), f"no next step: {self.err}"
        return str(found[0])


def environment(**variables: str) -> dict[str, str]:
    """This process's, without what would change the program's behaviour."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RESNET_BENCH_URL", "COLUMNS"))}
    return {**kept, "NO_COLOR": "1", **variables}


def run(
    *arguments: str | Path,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
    patience_s: float = _PATIENCE_S,
) -> Done:
    done = subprocess.run(
        [*prefix, PROGRAM, *map(str, arguments)],
        cwd=cwd,
        env=environment(**(env or {})),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=patience_s,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


class Running:
    """The program at work. ``stderr`` goes to a file, so that it can be watched without a thread."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, mark: str) -> None:
        self.process, self.mark = process, mark
        self._out, self._err = folder / "stdout.txt", folder / "stderr.txt"

    @property
    def out(self) -> str:
        return self._out.read_text()

    @property
    def err(self) -> str:
        return self._err.read_text()

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Until standard error matches."""
        wait_until(
            lambda: bool(re.search(pattern, self.err)) or self.process.poll() is not None,
            pattern,
            timeout_s=_PATIENCE_S,
        )
        found = re.search(pattern, self.err)
        assert found, f"it ended with {self.process.returncode} before {pattern!r}: {self.err}"
        return found

    def end(self, number: signal.Signals = signal.SIGINT) -> Done:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> Done:
        code = self.process.wait(_PATIENCE_S)
        return Done(code, self.out, self.err)

    def leftovers(self) -> list[str]:
        """What still exists of this run: processes, cgroups and this program's temporary folders.

        Processes by the mark, which helpers and the local worker inherit; a function does not, but is in a cgroup, or
        is missed here where there are none: the sandbox has its own tests for every mechanism.
        """
        mine = self.process.pid
        left = [f"process {pid}" for pid in _marked(self.mark) if pid != mine]
        for root in (Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*")):
            left += [str(folder) for folder in root.glob(f"resnet-bench-{mine}-*")]
        left += [str(path) for path in (self._out.parent / "tmp").glob("resnet-bench-*")]
        return left

    def assert_nothing_is_left(self) -> None:
        wait_until(lambda: not self.leftovers(), f"nothing left: {self.leftovers()}", timeout_s=30.0)


def _marked(mark: str) -> list[int]:
    wanted = f"{MARK}={mark}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@contextmanager
def started(
    *arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None, own_group: bool = False
) -> Iterator[Running]:
    """Killed at the end if it still runs. It works in ``folder``, and its temporary folder is ``folder/tmp``.

    With ``own_group`` it leads a process group, as a shell's job does: a terminal signals all of it.
    """
    (folder / "tmp").mkdir(exist_ok=True)
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    variables = environment(**{MARK: mark, "TMPDIR": str(folder / "tmp"), **(env or {})})
    streams: list[IO[bytes]] = [(folder / name).open("wb") for name in ("stdout.txt", "stderr.txt")]
    with streams[0], streams[1]:
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=streams[0],
            stderr=streams[1],
            process_group=0 if own_group else None,
        )
    running = Running(process, folder, mark)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
