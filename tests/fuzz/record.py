"""What was tried and what broke: kept as JSON, added up over sittings, and shown as a table."""

from __future__ import annotations

from pathlib import Path

import msgspec

FILE = Path(__file__).with_name("record.json")


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """``what`` is the last line of what was raised; ``file`` holds the input that did it, ``None`` if there is none."""

    what: str
    file: str | None


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """One target for some time. ``edges`` are the branches that were seen taken; times are CPU time.

    ``grown_bytes`` is what was resident in the end beyond what was after the first thousand inputs.
    """

    target: str
    at: str
    python: str
    inputs: int
    cpu_s: float
    edges: int
    peak_rss_bytes: int
    grown_bytes: int
    broken: Broken | None = None


def read(path: Path = FILE) -> list[Sitting]:
    return msgspec.json.decode(path.read_bytes(), type=list[Sitting]) if path.exists() else []


def add(sitting: Sitting, path: Path = FILE) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode([*read(path), sitting]), indent=1) + b"\n")


def table(sittings: list[Sitting]) -> str:
    """Markdown: a line for each target, and their sum."""
    lines = ["| target | inputs | CPU time, s | edges | peak, MB | broke |", "|---|--:|--:|--:|--:|--:|"]
    names = sorted({one.target for one in sittings})
    lines += [_line(name, [one for one in sittings if one.target == name]) for name in names]
    return "\n".join([*lines, _line("all", sittings, edges="")]) + "\n"


def _line(name: str, of: list[Sitting], edges: str | None = None) -> str:
    seen = f"{max((one.edges for one in of), default=0):,}" if edges is None else edges
    peak_mb = max((one.peak_rss_bytes for one in of), default=0) / 1024**2
    inputs, cpu_s = sum(one.inputs for one in of), sum(one.cpu_s for one in of)
    return f"| {name} | {inputs:,} | {cpu_s:,.0f} | {seen} | {peak_mb:,.0f} | {sum(1 for one in of if one.broken)} |"
