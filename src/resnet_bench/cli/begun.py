"""What an interrupted run was begun with, as options again: its file decides, and no option may contradict it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resnet_bench.cli.network import NetworkOptions
from resnet_bench.cli.options import RemoteOptions, SideOptions
from resnet_bench.cli.variants import Asked
from resnet_bench.errors import UsageError
from resnet_bench.results.run import Run
from resnet_bench.units import MIB

_CONTAINER = "container"
_FILE_DECIDES = "leave it out: what is measured, and how, is in the file"


@dataclass(frozen=True)
class Given:
    """The options that the user has given, by the names of the command's parameters; defaults are not among them."""

    options: Mapping[str, Any]

    @classmethod
    def of(cls, context: Any) -> Given:
        """``context`` is Typer's. What comes from an environment variable was given, too."""
        names = (name for name in context.params if context.get_parameter_source(name).name != "DEFAULT")
        return cls({name: context.params[name] for name in names if context.params[name] is not None})

    def get(self, name: str) -> Any:
        return self.options.get(name)


def options_of(run: Run, given: Given, images: Sequence[Path]) -> SideOptions:
    """The options by which both sides of ``run`` are made again, for ``images``.

    Raises:
        UsageError: what no result keeps (a URL, an image's name) is missing, or is of another kind.
    """
    asked = run.settings
    return SideOptions(
        threads="auto" if asked.threads is None else str(asked.threads),
        weights=asked.weights,
        limiter=asked.limiter,
        memory_mb=None if asked.memory_bytes is None else asked.memory_bytes // MIB,
        seed=asked.seed,
        remote=_remote(run, given),
        # A stack has its own word on it, which its answers tell.
        network=NetworkOptions(None if _kind(run) == "aws" else asked.decode, given.get("calibrate"), tuple(images)),
    )


def refuse_contradictions(run: Run, given: Given) -> None:
    """
    Raises:
        UsageError: something given contradicts what ``run`` was begun with.
    """
    asked = run.settings
    begun = {
        "runs": asked.runs,
        "warmup": asked.warmup,
        "cold": asked.cold,
        "interval": asked.interval_s,
        "seed": asked.seed,
        "memory": None if asked.memory_bytes is None else asked.memory_bytes // MIB,
        "threads": "auto" if asked.threads is None else str(asked.threads),
        "weights": asked.weights,
        "limiter": asked.limiter,
        "decode": asked.decode,
        "via": asked.via,
        "raw": asked.raw_body,
        "engine": asked.engines,
        "save": None,
        "no_save": False,
    }
    told = dict(given.options)
    if "engine" in told or "precision" in told:
        told["engine"] = Asked.many(told.get("engine"), told.pop("precision", None)).names()
    for name, value in told.items():
        if name in begun and value != begun[name]:
            raise _contradiction(name, value, begun[name])


def _contradiction(name: str, value: Any, begun: Any) -> UsageError:
    option = f"--{name.replace('_', '-')}"
    if name in {"save", "no_save"}:
        return UsageError(
            f"{option} does not go with --resume", "leave it out: the run goes on in its own file, or copy that first"
        )
    how = f"with {_words(begun)}" if begun not in {None, False} else "without it"
    return UsageError(f"{option} is {_words(value)}, and the run was begun {how}", _FILE_DECIDES)


def _words(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _kind(run: Run) -> str:
    return "emulated" if run.deployment is None else run.deployment.kind


def _remote(run: Run, given: Given) -> RemoteOptions:
    deployment, asked = run.deployment, run.settings
    kind = _kind(run)
    in_container = deployment is not None and deployment.enforcement.mechanism == _CONTAINER
    stack = None if deployment is None else deployment.stack
    options = {"url": kind == "url", "stack": kind == "aws", "image": kind == "emulated" and in_container}
    for name, called in options.items():
        if given.get(name) is not None and not called:
            raise UsageError(
                f"--{name} is given, and the run was begun with another Lambda",
                "leave it out; RESNET_BENCH_STACK and RESNET_BENCH_URL count too",
            )
    if given.get("stack") not in {None, stack}:
        raise _contradiction("stack", given.get("stack"), stack)
    for name, why in (("url", "addresses"), ("image", "images' names")):
        if options[name] and given.get(name) is None:
            raise UsageError(f"the run called a Lambda by --{name}, and results keep no {why}", f"give --{name} again")
    return RemoteOptions(
        url=given.get("url"),
        aws_url=given.get("aws_url"),
        sign=bool(given.get("sign")),
        stack=stack,
        region=given.get("region") or (None if deployment is None or kind == "url" else deployment.region),
        profile=given.get("profile"),
        via=asked.via,
        raw=asked.raw_body,
        image=given.get("image"),
    )
