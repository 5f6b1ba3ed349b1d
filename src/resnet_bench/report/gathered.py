"""Several results on one page: each with all its tables and figures, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from resnet_bench.prices.table import Prices, packaged
from resnet_bench.progress import Progress
from resnet_bench.report.costed import usual_cost
from resnet_bench.report.page import Page
from resnet_bench.report.pages import page_of
from resnet_bench.report.planned import usual_traffic
from resnet_bench.results.run import Command, Run

# What there is first, then why, then what could be chosen otherwise, then how it scales.
_ORDER: tuple[Command, ...] = ("compare", "serve", "local", "remote", "explain", "tune", "load")


def gather(
    results: Sequence[tuple[str, Run]], progress: Progress, prices_for: Callable[[str | None], Prices] = packaged
) -> tuple[Page, ...]:
    """A page for each result, which is given with its name; of one command in the order given.

    ``prices_for`` tells the prices of a region, ``None`` where the run has none.
    """
    ordered = sorted(results, key=lambda each: _ORDER.index(each[1].settings.command))
    pages = []
    for place, (name, run) in enumerate(ordered):
        progress.step(f"reading {name}", place / len(ordered))
        prices = prices_for(None if run.deployment is None else run.deployment.region)
        page = page_of(run, prices=prices, verbose=True, drawn=True)
        costs = (*usual_cost(run, prices), *usual_traffic(run, prices, progress)) if _compares(run) else ()
        headline = (*page.headline, f"from {name}, measured at {run.created_at}")
        pages.append(replace(page, headline=headline, sections=(*page.sections, *costs)))
    return tuple(pages)


def _compares(run: Run) -> bool:
    """Calls made by hand on the page are no workload to be priced."""
    return run.settings.command == "compare"
