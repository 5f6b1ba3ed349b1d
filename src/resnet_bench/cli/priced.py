"""Which prices a command goes by: those that AWS was last asked for in a region, or the packaged ones."""

from __future__ import annotations

from collections.abc import Collection

from resnet_bench.errors import SetupError
from resnet_bench.prices.table import Prices


def known_prices(region: str | None) -> Prices:
    """Without asking anybody; ``None``: whichever region was asked for last."""
    from resnet_bench.inference import cache
    from resnet_bench.prices.kept import known
    from resnet_bench.prices.table import packaged

    try:
        return known(region, cache.root())
    except SetupError:  # where nothing can be kept, nothing was
        return packaged(region)


def refreshed_prices(region: str | None, profile: str | None, instances: Collection[str]) -> Prices:
    """Ask AWS's price list, and keep what it says.

    Raises:
        AwsError: AWS cannot be asked, or refuses.
        SetupError: the prices cannot be kept.
    """
    from datetime import UTC, datetime

    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.prices import fetched
    from resnet_bench.inference import cache
    from resnet_bench.prices.kept import keep

    folder = cache.root()
    found = fetched(Account(region=region, profile=profile), instances, when=f"{datetime.now(UTC):%Y-%m-%d}")
    with cache.writing(folder):
        keep(found, folder)
    return found
