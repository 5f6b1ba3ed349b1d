"""The 1000 ImageNet classes, from one packaged file (its sources are in ``data/SOURCE.md``)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_name("data") / "imagenet1k.tsv"


class Label(NamedTuple):
    wordnet_id: str
    name: str


@cache
def load() -> tuple[Label, ...]:
    """All labels; a label's position is the index of the network's output."""
    rows = _FILE.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(Label(wordnet_id, name) for _, wordnet_id, name in (row.split("\t") for row in rows))
