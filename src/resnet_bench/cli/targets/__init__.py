"""Where the remote side can be, one file a kind; ``target_for`` picks by what the command line says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from resnet_bench.cli.options import check_memory
from resnet_bench.errors import UsageError

if TYPE_CHECKING:
    from resnet_bench.cli.options import SideOptions
    from resnet_bench.cli.targets.base import Target


def target_for(sides: SideOptions) -> tuple[Target, SideOptions]:
    """The target that the options name, and the options with what it decides.

    It is a stack, a URL, or neither, which is the emulated Lambda.

    Raises:
        UsageError: they contradict each other.
        AwsError: the stack cannot be found or used.
    """
    _check(sides)
    target = _named(sides)
    return target, replace(sides, network=replace(sides.network, decode=target.decode))


def _named(sides: SideOptions) -> Target:
    remote = sides.remote
    if remote.stack is not None:
        from resnet_bench.cli.targets.stack import StackTarget

        return StackTarget(sides)
    if remote.url is not None:
        from resnet_bench.cli.targets.url import UrlTarget

        return UrlTarget(remote, sides.network.decode)
    from resnet_bench.cli.targets.emulated import EmulatedTarget, ImageTarget

    return EmulatedTarget(sides) if remote.image is None else ImageTarget(sides, remote.image)


def _check(sides: SideOptions) -> None:
    remote = sides.remote
    places = {"--stack": remote.stack, "--url": remote.url, "--image": remote.image}
    given = [name for name, value in places.items() if value is not None]
    if len(given) > 1:
        raise UsageError(
            f"{' and '.join(given)} are given: each is a Lambda of its own",
            "give one; RESNET_BENCH_STACK and RESNET_BENCH_URL count too",
        )
    if remote.via not in {"http", "invoke"}:
        raise UsageError(f"--via is {remote.via}", "one of: http, invoke")
    if remote.via == "invoke" and remote.stack is None:
        raise UsageError("--via invoke needs a stack", "name one that `resnet-bench deploy` has made: --stack NAME")
    if remote.sign and remote.url is None:
        raise UsageError("--sign goes with --url", "leave it out: of a stack it is known whether its API wants it")
    if sides.memory_mb is not None and remote.url is not None:
        raise UsageError("the memory of a function behind a URL cannot be set", "leave out --memory")
    check_memory(sides.memory_mb)
