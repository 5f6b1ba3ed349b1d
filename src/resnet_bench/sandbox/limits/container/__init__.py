"""A limiter that runs the function's image in a container; never chosen by itself, because it needs an image to run."""

from resnet_bench.sandbox.limits.container.limiter import Container, find_container

__all__ = ["Container", "find_container"]
