"""Which prices a command goes by: those that AWS was last asked for in a region, or the packaged ones."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from resnet_bench.errors import SetupError, UsageError
from resnet_bench.prices.table import Prices


def known_prices(region: str | None) -> Prices:
    """Without asking anybody; ``None``: whichever region was asked for last."""
    from resnet_bench.prices.kept import known
    from resnet_bench.prices.table import packaged

    folder = prices_folder()
    return packaged(region) if folder is None else known(region, folder)


def prices_folder() -> Path | None:
    """Where those are that AWS was asked for; where nothing can be kept, nothing was."""
    from resnet_bench.inference import cache

    try:
        return cache.root()
    except SetupError:
        return None


def refreshed_prices(region: str | None, profile: str | None, instances: Collection[str]) -> Prices:
    """Ask AWS's price list, and keep what it says: of ``instances``, and of those that were asked for before.

    Raises:
        AwsError: AWS cannot be asked, or refuses.
        SetupError: the prices cannot be kept.
        UsageError: AWS lists one of ``instances`` not there, or not at one price; the others are kept.
    """
    from datetime import UTC, datetime

    from resnet_bench.aws.access.account import Account
    from resnet_bench.aws.prices import fetched
    from resnet_bench.inference import cache
    from resnet_bench.prices.kept import keep, known

    folder = cache.root()
    account = Account(region=region, profile=profile)
    asked = {*known(account.region, folder).instances, *instances}
    found = fetched(account, asked, when=f"{datetime.now(UTC):%Y-%m-%d}")
    with cache.writing(folder):
        keep(found, folder)
    if missing := [name for name in instances if name not in found.instances]:
        raise UsageError(
            f"AWS's price list has no single price of {', '.join(missing)} in {found.region}",
            "look at the name, as in c7i.large; the prices of everything else are kept",
        )
    return found
