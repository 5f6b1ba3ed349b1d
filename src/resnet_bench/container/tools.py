"""The container tools of this machine: which one is there and works, and running it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from resnet_bench.errors import ContainerError, UsageError
from resnet_bench.progress import SILENT, Progress

# Best first: docker is what most people have, podman needs no daemon, buildah builds and pushes but does not run.
NAMES = ("docker", "podman", "buildah")
# Asked for a figure that only a working installation has. A docker client answers `version` by itself, but not this.
_PROBES = {
    "docker": ("version", "--format", "{{.Server.Version}}"),
    "podman": ("info", "--format", "{{.Version.Version}}"),
    "buildah": ("info", "--format", "{{.store.GraphRoot}}"),
}
_PROBE_TIMEOUT_S = 15.0
_END_TIMEOUT_S = 10.0
_LAST_LINES = 20
# Colours and cursor movements, which have no meaning in a line of our own.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f]")


@dataclass(frozen=True)
class Tool:
    """``name`` is one of ``NAMES``; ``path`` the program."""

    name: str
    path: str


def find(names: Sequence[str] = NAMES, wanted: str | None = None) -> Tool:
    """The first of ``names`` that is installed and works, or ``wanted`` and no other.

    Raises:
        UsageError: ``wanted`` is none of ``names``.
        ContainerError: none is there, or none works.
    """
    if wanted is not None and wanted not in names:
        raise UsageError(f"no such container tool for this: {wanted}", f"it can be {_alternatives(names)}")
    candidates = names if wanted is None else (wanted,)
    refusals = []
    for name in candidates:
        path = shutil.which(name)
        if path is None:
            continue
        refusal = _refusal(Tool(name, path))
        if refusal is None:
            return Tool(name, path)
        refusals.append(f"{name}: {refusal}")
    hint = f"install {_alternatives(candidates)}, or start the service that it needs"
    if refusals:
        raise ContainerError(f"no container tool works here; {'; '.join(refusals)}", hint)
    raise ContainerError(f"{_alternatives(candidates)} is needed, and not installed", hint)


def run(
    tool: Tool,
    args: Sequence[str],
    *,
    doing: str,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> str:
    """Run the tool, each line of its output a step of ``progress``; all of its output, standard error among it.

    ``doing`` begins those steps and the error's message ("building the image"); ``env`` is added to this process's
    own. The tool has no terminal, so that it asks nothing. Whatever ends this call ends the tool too, Ctrl-C included.

    Raises:
        ContainerError: it cannot be started, or failed; ``details`` are its last lines.
    """
    lines: list[str] = []
    with _started(tool, args, doing, env, stderr=subprocess.STDOUT) as process:
        assert process.stdin is not None  # noqa: S101 - asked for below
        assert process.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):  # it ended without reading: its exit code says why
            process.stdin.write(stdin or b"")
            process.stdin.close()
        for line in _lines(process.stdout):
            lines.append(line)
            progress.step(f"{doing}: {line}")
        code = process.wait()
    if code:
        raise _failed(tool, doing, code, lines)
    return "\n".join(lines)


def ask(tool: Tool, args: Sequence[str], *, doing: str, env: Mapping[str, str] | None = None) -> str:
    """As ``run``, for short questions: standard output alone, as it is.

    Raises:
        ContainerError: as ``run``.
    """
    with _started(tool, args, doing, env, stderr=subprocess.PIPE) as process:
        out, err = process.communicate()
    if process.returncode:
        raise _failed(tool, doing, process.returncode, list(_lines(err.splitlines())))
    return out.decode(errors="replace")


@contextmanager
def _started(
    tool: Tool, args: Sequence[str], doing: str, env: Mapping[str, str] | None, *, stderr: int
) -> Iterator[subprocess.Popen[bytes]]:
    """In a session of its own: builds have children, which a signal to the tool alone would miss."""
    try:
        process = subprocess.Popen(
            [tool.path, *args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise ContainerError(
            f"{doing}: {tool.name} cannot be started: {error.strerror or error}", f"check {tool.path}"
        ) from error
    with process:
        try:
            yield process
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_TIMEOUT_S)
            return


def _lines(output: Iterable[bytes]) -> Iterator[str]:
    """Without what only a terminal understands, and without the empty ones."""
    for raw in output:
        line = _CONTROL.sub("", raw.decode(errors="replace")).strip()
        if line:
            yield line


def _refusal(tool: Tool) -> str | None:
    """Why an installed tool does not work here; ``None`` if it does."""
    try:
        done = subprocess.run(
            [tool.path, *_PROBES[tool.name]],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_PROBE_TIMEOUT_S:g} s"
    except OSError as error:
        return error.strerror or str(error)
    if done.returncode == 0 and done.stdout.strip():
        return None
    said = list(_lines(done.stderr.splitlines()))
    return said[-1] if said else f"exit code {done.returncode}"


def _failed(tool: Tool, doing: str, code: int, lines: Sequence[str]) -> ContainerError:
    how = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
    error = ContainerError(f"{doing}: {tool.name} {how}", "its own words above say why")
    error.details = "\n".join(lines[-_LAST_LINES:])
    return error


def _alternatives(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
