"""What a cold start on Lambda costs beyond a warm call, by the client's clock."""

from __future__ import annotations

from resnet_bench.benchmark.series import by_image, series
from resnet_bench.benchmark.stats import median
from resnet_bench.results.run import Run


def surcharges(run: Run, engine: str) -> tuple[float, ...]:
    """Seconds, one for each cold call, in the order measured: its total less the warm median of its own image.

    Images differ by more than starts do, so that medians of all cold and all warm calls would compare images. An image
    without a warm call is measured against the median of all. Empty without a warm or a cold call.
    """
    warm = series(run, engine=engine, side="remote")
    cold = series(run, engine=engine, side="remote", phase="cold")
    if not warm.values:
        return ()
    usual = {image: median(values) for image, values in by_image(warm).items()}
    overall = median(warm.values)
    return tuple(value - usual.get(image, overall) for value, image in zip(cold.values, cold.images, strict=True))
