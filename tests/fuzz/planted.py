"""A target with a defect, to see that the driver finds it."""

from __future__ import annotations

from fuzz.target import Target

SEED = b"harmless"


class Planted(Exception):
    pass


def target(data: bytes) -> None:
    if data not in {b"", SEED}:
        raise Planted("found")


TARGET = Target(target, lambda: [SEED], longest=16)
