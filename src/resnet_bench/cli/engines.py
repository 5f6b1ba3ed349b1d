"""``resnet-bench engines``: what can run the network here."""

from __future__ import annotations

from resnet_bench.cli import options


def engines(weights: options.Weights = "auto", json: options.Json = False) -> None:
    """List the engines: what is installed, what each needs of the processor, what is prepared of the weights.

    Nothing is loaded, downloaded or prepared for it.

    Examples:

      resnet-bench engines

      resnet-bench engines --weights random

      resnet-bench engines --weights v2 --json
    """
    from resnet_bench.cli.output import show_page
    from resnet_bench.inference.available import available, prepared_model
    from resnet_bench.report.engines import engines_page

    model = prepared_model(weights)
    show_page(engines_page(available(model), model), json=json, quiet=False)
