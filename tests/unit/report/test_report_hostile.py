"""Texts of a far side that would steer the terminal they are printed on."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest
from rich.console import Console

from bad_servers import ESCAPES
from factories import make_failed, make_run, make_sample
from resnet_bench.report import page_of, render_page
from resnet_bench.results.records import Sample, Skipped
from resnet_bench.results.run import Caveat, Run

# These are words that the program itself chooses among: no other is taken from anybody.
_OWN = {"kind", "side", "phase", "decode", "engine", "precision", "variant", "shape", "source", "started_at"}


def hostile(sample: Sample) -> Sample:
    """With what steers a terminal in each text that comes from elsewhere."""

    def tainted(value: Any) -> Any:
        match value:
            case dict():
                return {key: each if key in _OWN else tainted(each) for key, each in value.items()}
            case list():
                return [tainted(each) for each in value]
            case str():
                return value + ESCAPES
            case _:
                return value

    return msgspec.convert(tainted(msgspec.to_builtins(sample)), Sample)


def hostile_run() -> Run:
    unread = Skipped("unreadable", pending=True)
    samples = (
        make_sample("local"),
        make_sample("remote", trace=unread, report=unread),
        make_failed("remote", pair=1),
    )
    caveat = Caveat(code="failures", message=f"failed{ESCAPES}", next_step=f"look{ESCAPES}")
    return make_run(samples=tuple(map(hostile, samples)), caveats=(caveat,))


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("options", [{}, {"quiet": True}])
def test_nothing_of_a_far_side_steers_the_terminal(encoding: str, options: dict[str, bool]) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    render_page(page_of(hostile_run(), verbose=True), Console(file=stream, width=80), **options)
    stream.flush()
    printed = raw.getvalue().decode(encoding)
    assert printed
    assert not [each for each in printed if each != "\n" and not each.isprintable()]
