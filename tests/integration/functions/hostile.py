"""A foreign function that breaks what it can: each order is one way. At import it does what ``AT_IMPORT`` says."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

_kept: list[int] = []


def _segfault() -> None:
    ctypes.string_at(0)


def _exit() -> NoReturn:
    sys.exit(3)


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _hang() -> None:
    """Whatever it is asked."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(1)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _fork(context: Any) -> dict[str, int]:
    """A grandchild that stays, in the session that it was born in."""
    pid = os.fork()
    if pid == 0:
        _hang()
    return {"grandchild": pid}


def _close(context: Any) -> dict[str, Any]:
    """Every file that it has, the connection to the Runtime API among them."""
    os.closerange(3, 1000)
    return {}


def _answer_twice(context: Any) -> dict[str, str]:
    _post(f"invocation/{context.aws_request_id}/response", b'{"statusCode": 200, "body": "first"}')
    return {"body": "second"}


def _answer_others(context: Any) -> list[int]:
    return [
        _post("invocation/00000000-0000-0000-0000-000000000000/response"),
        _post(f"invocation/{context.aws_request_id}/nothing"),
        _post(f"invocation/{'x' * 5000}/response"),
        _post("init/error"),
    ]


def _take_files(context: Any) -> int:
    with suppress(OSError):
        while True:
            _kept.append(os.open(os.devnull, os.O_RDONLY))
    return len(_kept)


def _start_threads() -> None:
    while True:
        with suppress(RuntimeError):
            threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def _allocate() -> None:
    """Past Python's own allocator."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while True:
        ctypes.memset(ctypes.c_void_p(libc.malloc(1 << 20)), 1, 1 << 20)


def _fill_folder(context: Any) -> int:
    """Its own folder for temporary files; how many bytes there were room for."""
    file = Path(tempfile.gettempdir(), "full")
    with suppress(OSError), file.open("wb") as full:
        for _ in range(64):
            full.write(bytes(1 << 20))
    return file.stat().st_size


def _remove_folder(context: Any) -> dict[str, Any]:
    shutil.rmtree(tempfile.gettempdir())
    return {}


def _post(path: str, body: bytes = b"{}") -> int:
    url = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, method="POST"), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


_ENDINGS = {
    "segfault": _segfault,
    "exit": _exit,
    "kill": _kill,
    "hang": _hang,
    "stop": _stop,
    "start threads": _start_threads,
    "allocate": _allocate,
}
_ORDERS = {
    "who": lambda context: {"pid": os.getpid(), "request_id": context.aws_request_id},
    "fork": _fork,
    "close": _close,
    "answer twice": _answer_twice,
    "answer others": _answer_others,
    "take files": _take_files,
    "fill folder": _fill_folder,
    "remove folder": _remove_folder,
}

if "AT_IMPORT" in os.environ:
    _ENDINGS[os.environ["AT_IMPORT"]]()


def handler(event: dict[str, Any], context: Any) -> Any:
    do = json.loads(event["body"])["do"]
    if do in _ENDINGS:
        return _ENDINGS[do]()
    return _ORDERS[do](context)
