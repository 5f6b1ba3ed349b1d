"""The limiter that holds a container of the function's image: what runs is what was, or will be, sent to AWS."""

from __future__ import annotations

import os
from contextlib import suppress

from resnet_bench.container.tools import Tool, ask, find
from resnet_bench.errors import ContainerError
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Enforcement
from resnet_bench.sandbox.allowance import CpuAllowance
from resnet_bench.sandbox.limits.container.cage import ContainerCage
from resnet_bench.sandbox.limits.container.command import Plan
from resnet_bench.sandbox.limits.naming import cage_name

TOOLS = ("docker", "podman")


def find_container(image: str, tool: str | None = None) -> Container:
    """The limiter of the first tool that works here and has the image, or of ``tool`` and no other.

    Raises:
        UsageError: no such tool.
        ContainerError: none works, or none has the image.
    """
    asked = []
    for name in TOOLS if tool is None else (tool,):
        try:
            found = find(TOOLS, wanted=name)
        except ContainerError:
            continue
        asked.append(name)
        with suppress(ContainerError):
            ask(found, ["image", "inspect", image], doing="looking for the image")
            return Container(found)
    if not asked:
        find(TOOLS, wanted=tool)  # says why none works
    raise ContainerError(
        f"no image {image} here (asked: {', '.join(asked)})", "build it with `resnet-bench image build`"
    )


class Container:
    """A sandbox's ``argv`` is here an image and, if given, the command that replaces the image's own."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        # Docker's daemon makes its containers as root, in cgroups that only root may write.
        slow = tool.name == "docker" and os.geteuid() != 0
        self.enforcement = Enforcement(
            mechanism="container",
            cpu_limited=True,
            memory_limited=True,
            description=f"{tool.name} runs the image; CFS quota with a 20 ms period, memory limit that kills"
            + ("; paused by docker, for which calls wait" if slow else ""),
        )

    def unavailable(self) -> Skipped | None:
        """Asks the tool for a figure that only a working installation has."""
        try:
            find(TOOLS, wanted=self._tool.name)
        except ContainerError as error:
            return Skipped(error.message)
        return None

    def cage(self, label: str, *, cpu: CpuAllowance | None, memory_bytes: int | None) -> ContainerCage:
        return ContainerCage(self._tool, Plan(cage_name(label), cpu, memory_bytes))
