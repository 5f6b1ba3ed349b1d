"""The program's entry point: what signals do is settled before anything else is imported."""

from __future__ import annotations

from resnet_bench.cli import ending


def main() -> None:
    ending.at_once()
    from resnet_bench.cli.main import main as run

    run()
