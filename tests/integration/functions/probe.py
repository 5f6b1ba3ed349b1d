"""A foreign function for the emulator's tests: it does what its event says, and knows nothing of resnet_bench.

The order is the event itself (``{"do": "sleep", "for_s": 1}``) or, behind the gateway, its JSON body. Whatever is sent
to a path below ``/echo`` comes back as the event that it became.
"""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

_state: dict[str, Any] = {"count": 0, "ticks": 0, "last_ticks": 0, "last_s": time.monotonic(), "kept": []}


def _tick() -> None:
    while True:
        time.sleep(0.005)
        _state["ticks"] += 1


threading.Thread(target=_tick, daemon=True).start()


def handler(event: dict[str, Any], context: Any) -> Any:
    idle = {"ticks": _state["ticks"] - _state["last_ticks"], "idle_s": time.monotonic() - _state["last_s"]}
    _state["count"] += 1
    if event.get("rawPath", "").startswith("/echo"):
        return {"statusCode": 200, "body": json.dumps(event)}
    order = json.loads(event["body"]) if "body" in event else dict(event)
    begun = _state["ticks"]
    done = _ORDERS[order.pop("do")](context, **order)
    _state["last_ticks"], _state["last_s"] = _state["ticks"], time.monotonic()
    over = _state["ticks"] - begun
    if done is not None:
        return done
    identity = {"pid": os.getpid(), "count": _state["count"], "request_id": context.aws_request_id}
    return identity | idle | {"ticks_over": over}


def _sleep(context: Any, for_s: float, mark: str = "") -> None:
    time.sleep(for_s)
    if mark:
        Path(mark).touch()


def _wait_for(context: Any, path: str, arrived: str) -> None:
    Path(arrived, str(os.getpid())).touch()
    while not Path(path).exists():
        time.sleep(0.01)


def _fail(context: Any, message: str) -> None:
    raise ValueError(message)


def _exit(context: Any, status: int) -> None:
    os._exit(status)


def _eat(context: Any, megabytes: int) -> None:
    for _ in range(megabytes):
        _state["kept"].append(b"\1" * 1024 * 1024)


def _answer(context: Any, reply: Any) -> Any:
    return reply


def _large(context: Any, size: int) -> Any:
    return {"statusCode": 200, "body": "x" * size}


def _say(context: Any, lines: list[str]) -> None:
    for line in lines:
        os.write(1, line.encode() + b"\n")


def _flood(context: Any, line: str) -> None:
    while True:
        os.write(1, (line + "\n").encode() * (65536 // (len(line) + 1)))


def _environment(context: Any) -> Any:
    return {
        "variables": dict(os.environ),
        "cpus": len(os.sched_getaffinity(0)),
        "request_id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "left_ms": context.get_remaining_time_in_millis(),
    }


def _burn(context: Any, for_s: float) -> Any:
    return burn(for_s)


def burn(for_s: float) -> dict[str, float]:
    """CPU seconds and wall seconds of a busy loop, and how long the machine's CPUs idled meanwhile, all together."""
    wall_s, cpu_s, before_s = time.monotonic(), time.process_time(), idle_s()
    while time.monotonic() - wall_s < for_s:
        pass
    cpu_s, wall_s = time.process_time() - cpu_s, time.monotonic() - wall_s
    return {"cpu_s": cpu_s, "wall_s": wall_s, "idle_s": idle_s() - before_s}


def idle_s() -> float:
    """Idle time of all CPUs together since boot (proc(5), the first line of ``stat``)."""
    return int(Path("/proc/stat").read_text().split()[4]) / os.sysconf("SC_CLK_TCK")


_ORDERS = {
    "who": lambda context: None,
    "sleep": _sleep,
    "wait_for": _wait_for,
    "fail": _fail,
    "exit": _exit,
    "eat": _eat,
    "answer": _answer,
    "large": _large,
    "say": _say,
    "flood": _flood,
    "environment": _environment,
    "burn": _burn,
}
