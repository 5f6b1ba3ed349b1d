"""Fetching one file over HTTP, with a bound on how long "is there a network at all" may take."""

from __future__ import annotations

import hashlib
import http.client
import queue
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, cast

from resnet_bench.errors import WeightsError
from resnet_bench.inference.files import replacing
from resnet_bench.progress import Progress

_CHUNK_BYTES = 1 << 18
# Once data flows, this long without any is a dead connection.
_STALL_S = 20.0


class Unreachable(WeightsError):
    """No answer in time: there is no network, or no way to that host."""


def fetch(url: str, target: Path, *, sha256_prefix: str, answer_within_s: float, progress: Progress) -> None:
    """Download ``url`` to ``target``, which appears only when it is complete and verified.

    Raises:
        Unreachable: no answer within ``answer_within_s``, resolving the name included.
        WeightsError: the download broke off, or its SHA-256 does not begin with ``sha256_prefix``.
    """
    progress.step(f"downloading {target.name}", 0.0)
    response, total = _open(url, answer_within_s)
    hasher, received = hashlib.sha256(), 0
    with replacing(target) as temporary, response, temporary.open("wb") as out:
        while chunk := _read(response, url):
            out.write(chunk)
            hasher.update(chunk)
            received += len(chunk)
            progress.step(f"downloading {target.name}", received / total if total else None)
        if total and received != total:
            raise _broken(url, f"{received} of {total} bytes came")
        if not hasher.hexdigest().startswith(sha256_prefix):
            raise WeightsError(
                f"{url} is not the expected file: its SHA-256 begins {hasher.hexdigest()[: len(sha256_prefix)]}, "
                f"not {sha256_prefix}",
                "something on the way changed it; try again, or give a file with --weights PATH",
            )


def _open(url: str, answer_within_s: float) -> tuple[IO[bytes], int | None]:
    """The response and its length. In a thread: no time-out of Python's reaches into the resolver."""
    answers: queue.SimpleQueue[tuple[IO[bytes], int | None] | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            response = urllib.request.urlopen(url, timeout=_STALL_S)  # noqa: S310 - torchvision's https address  # nosec B310
            answers.put((cast("IO[bytes]", response), response.length))
        except (OSError, http.client.HTTPException, ValueError) as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="download").start()
    try:
        answer = answers.get(timeout=answer_within_s)
    except queue.Empty:
        raise Unreachable(f"{url}: no answer within {answer_within_s:g} s", "check the network") from None
    if isinstance(answer, Exception):
        raise _unreachable(url, answer) from answer
    return answer


def _unreachable(url: str, error: Exception) -> Unreachable:
    reason = getattr(error, "reason", None) or error
    return Unreachable(f"{url}: {getattr(reason, 'strerror', None) or reason}", "check the network")


def _read(response: IO[bytes], url: str) -> bytes:
    try:
        return response.read(_CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise _broken(url, str(error) or type(error).__name__) from error


def _broken(url: str, reason: str) -> WeightsError:
    return WeightsError(f"the download of {url} broke off: {reason}", "try again")
