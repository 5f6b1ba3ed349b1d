"""Prices that AWS was asked for, kept in a folder: one file a region, whole or absent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from resnet_bench.prices.table import Prices, packaged
from resnet_bench.results.disk import write_atomically
from resnet_bench.unreadable import UNREADABLE, one_line, reason

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

    A file that cannot be read, or holds what cannot be so, is passed over, and the notice says so.
    """
    path = _newest(folder) if region is None else folder / _NAME.format(region)
    if path is None or not path.is_file():
        return packaged(region)
    try:
        found = _read(path)
    except (OSError, ValueError, *UNREADABLE) as error:
        instead = packaged(region)
        return replace(
            instead, notice=f"{instead.notice} ({one_line(path.name)}, which was kept, cannot be read: {reason(error)})"
        )
    # An older version of this program may have kept fewer.
    rest = packaged(region)
    return replace(found, of={**rest.of, **found.of}, instances={**rest.instances, **found.instances})


def _read(path: Path) -> Prices:
    """
    Raises:
        OSError, UNREADABLE: as they come.
        ValueError: it is of another region, or holds what cannot be a price.
    """
    found = msgspec.json.decode(path.read_bytes(), type=Prices)
    if path.name != _NAME.format(found.region):
        raise ValueError(f"it is of {found.region}")
    if found.strange:
        raise ValueError(f"the price of {found.strange} cannot be so")
    return replace(found, notice=one_line(found.notice))


def _newest(folder: Path) -> Path | None:
    files = (path for path in folder.glob(_NAME.format("*")) if path.is_file())
    return max(files, key=lambda path: path.stat().st_mtime, default=None)
