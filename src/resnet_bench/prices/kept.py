"""Prices that AWS was asked for, kept in a folder: one file a region, whole or absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from resnet_bench.prices.table import Prices, packaged
from resnet_bench.results.disk import write_atomically

_NAME = "prices-{}.json"


def keep(prices: Prices, folder: Path) -> Path:
    """Write them where ``known`` finds them, in place of older ones of the same region.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = folder / _NAME.format(prices.region)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(prices)))
    return path


def known(region: str | None, folder: Path) -> Prices:
    """The region's prices as they were last kept, else the packaged ones; for any region (``None``) the last kept.

    A file that cannot be read is passed over, and the notice says so.
    """
    path = _newest(folder) if region is None else folder / _NAME.format(region)
    if path is None or not path.exists():
        return packaged(region)
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Prices)
    except (OSError, msgspec.DecodeError) as error:
        instead = packaged(region)
        return replace(instead, notice=f"{instead.notice} ({path.name}, which was kept, cannot be read: {error})")
    # An older version of this program may have kept fewer.
    rest = packaged(region)
    return replace(found, of={**rest.of, **found.of}, instances={**rest.instances, **found.instances})


def _newest(folder: Path) -> Path | None:
    return max(folder.glob(_NAME.format("*")), key=lambda path: path.stat().st_mtime, default=None)
