"""What is typed for an option: a value that makes sense, or a ``UsageError`` that says what to type instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from typing import Any

from fuzz.target import Target
from resnet_bench.analysis.objective import parse
from resnet_bench.analysis.traffic.rates import parse_rates
from resnet_bench.cli import cost, dashboard, load, options, plan, tune
from resnet_bench.errors import UsageError
from resnet_bench.runners.remote import checked_url
from resnet_bench.web.access import Access

_PARSERS: dict[str, Callable[[str], Any]] = {
    "--threads": options.parse_threads,
    "--slo": lambda text: parse(text).limit_s,
    "--rate": lambda text: parse_rates(text).grid,
    "--requests-per-month": cost._number,
    "--since": dashboard.parse_since,
    "--concurrency": load.parse_levels,
    "--duration": load.parse_duration,
    "--servers": plan._servers,
    "--memory": tune.parse_sizes,
    "--url": checked_url,
    "--token": lambda text: Access.of("127.0.0.1", text, no_auth=False).token,
}


def target(data: bytes) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode(errors="surrogateescape")  # as the command line is read
    for name, read in _PARSERS.items():
        try:
            value = read(text)
        except UsageError as error:
            assert error.message
            assert error.hint, name
        else:
            numbers = value if isinstance(value, tuple) else (value,)
            assert all(isfinite(number) for number in numbers if isinstance(number, int | float)), name


def seeds() -> Iterator[bytes]:
    yield from (b"auto", b"2", b"p95=500ms", b"p99.9=1.5s", b"1/h..100/s", b"5/min", b"20000", b"2e6", b"30m", b"1d")
    yield from (
        b"1,2,4",
        b"30s",
        b"2m",
        b"scaling",
        b"512,1024",
        b"https://host/stage",
        b"http://[::1]:80/",
        b"0123456789abcdef",
    )


TARGET = Target(
    target, seeds, dictionary=(b"p95=", b"ms", b"/s", b"..", b"http://", b"9" * 5000, b"\xc2\xb2", b"1e"), longest=6000
)
