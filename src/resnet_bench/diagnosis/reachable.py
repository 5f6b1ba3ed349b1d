"""What can be reached from here: plain TCP and TLS, nothing is asked for. Being offline is a finding and no fault."""

from __future__ import annotations

import os
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from resnet_bench.diagnosis.figures import duration, reading
from resnet_bench.results.diagnosis import Finding, Topic

WITHIN_S = 3.0
_HTTPS, _HTTP = 443, 80
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
# Seconds that it took, or why it is not reached.
Connect = Callable[[str, int], float | str]


@dataclass(frozen=True)
class Place:
    """``host`` and what it is good for; ``without`` says what follows where it is out of reach."""

    code: str
    what: str
    host: str
    without: str
    topics: tuple[Topic, ...] = ()
    needed: bool = False
    todo: str = ""


def examine_reachable(
    places: Sequence[Place], connect: Connect | None = None, environ: Mapping[str, str] = os.environ
) -> Iterator[Finding]:
    """All at once. Where a proxy is set, that is what is tried in the place of a host that it serves."""
    yield proxies(environ)
    proxy = _proxy(environ)
    answers = _all(places, connect or connected, proxy)
    for place in places:
        yield judge(place, answers[place.code], through=proxy is not None)


def judge(place: Place, answer: float | str, *, through: bool) -> Finding:
    what = f"{place.what}: {place.host}"
    if isinstance(answer, str):
        return Finding(
            code=place.code,
            subject="reachable",
            what=what,
            verdict="doubt" if place.needed else "not measured",
            told=f"not reached: {answer}",
            follows=place.without,
            todo=place.todo if place.needed else "",
            topics=place.topics,
        )
    told = f"its proxy answers in {duration(answer)}" if through else f"TLS in {duration(answer)}"
    return Finding(
        code=place.code,
        subject="reachable",
        what=what,
        verdict="ok",
        told=told,
        measured=(reading("time to connect", answer, "seconds"),),
        topics=place.topics,
    )


def proxies(environ: Mapping[str, str]) -> Finding:
    """By name and host alone: an address may hold a password."""
    found = {name: value for name in _PROXIES for key in (name, name.lower()) if (value := environ.get(key))}
    shown = [f"{name} {value if name == 'NO_PROXY' else _host_of(value)}" for name, value in found.items()]
    return Finding(
        code="reachable-proxy", subject="reachable", what="proxy", verdict="ok", told=", ".join(shown) or "none is set"
    )


def _host_of(url: str) -> str:
    try:
        return urlsplit(url if "//" in url else f"//{url}").hostname or "unreadable"
    except ValueError:
        return "unreadable"


def _proxy(environ: Mapping[str, str]) -> tuple[str, int] | None:
    """For https; ``None`` where there is none, or none that can be read."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        if value := environ.get(name):
            with suppress(ValueError):
                parts = urlsplit(value if "//" in value else f"//{value}")
                if parts.hostname:
                    return parts.hostname, parts.port or _HTTP
    return None


def _all(places: Sequence[Place], connect: Connect, proxy: tuple[str, int] | None) -> dict[str, float | str]:
    """In threads: no time-out of Python's reaches into the resolver."""
    answers: queue.SimpleQueue[tuple[str, float | str]] = queue.SimpleQueue()

    def ask(place: Place) -> None:
        if proxy is None:
            answers.put((place.code, connect(place.host, _HTTPS)))
        else:
            answers.put((place.code, reached(*proxy)))

    for place in places:
        threading.Thread(target=ask, args=(place,), daemon=True, name="reachable").start()
    found: dict[str, float | str] = {place.code: f"no answer within {WITHIN_S:g} s" for place in places}
    end_s = time.monotonic() + WITHIN_S
    for _ in places:
        try:
            code, answer = answers.get(timeout=max(0.0, end_s - time.monotonic()))
        except queue.Empty:
            break
        found[code] = answer
    return found


def connected(host: str, port: int) -> float | str:
    """TCP and TLS with a certificate that is trusted here; closed at once."""
    begun_s = time.monotonic()
    try:
        with (
            socket.create_connection((host, port), WITHIN_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host),
        ):
            return time.monotonic() - begun_s
    except ssl.SSLCertVerificationError as error:
        return f"its certificate is not trusted: {error.verify_message}"
    except OSError as error:
        return error.strerror or str(error)


def reached(host: str, port: int) -> float | str:
    """TCP alone."""
    begun_s = time.monotonic()
    try:
        with socket.create_connection((host, port), WITHIN_S):
            return time.monotonic() - begun_s
    except OSError as error:
        return error.strerror or str(error)
