"""Everything that one run of the goals found, as it is written to ``results.json``."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct

from resnet_bench.results.records import Agreement
from resnet_bench.results.run import Environment
from suite.figures import Check, Figure, Finding

# 1: first version.
VERSION = 1


class Machine(Struct, frozen=True, kw_only=True):
    """``cpu_flags`` are those that decide which kernels a library may choose; ``limiter`` is what holds the Lambda."""

    environment: Environment
    cpu_flags: tuple[str, ...]
    limiter: str


class Measured(Struct, frozen=True, kw_only=True):
    """One group. ``how`` says whose clock it was and what took turns; ``trouble`` why there is nothing."""

    name: str
    title: str
    how: str
    rounds: int
    findings: tuple[Finding, ...] = ()
    trouble: str = ""

    @property
    def figures(self) -> list[Figure]:
        return [finding for finding in self.findings if isinstance(finding, Figure)]

    @property
    def checks(self) -> list[Check]:
        return [finding for finding in self.findings if isinstance(finding, Check)]

    @property
    def agreements(self) -> list[Agreement]:
        return [finding for finding in self.findings if isinstance(finding, Agreement)]

    @property
    def sound(self) -> bool:
        """Whether it was measured at all, and what has to hold does."""
        return not self.trouble and all(check.holds for check in self.checks)


class Results(Struct, frozen=True, kw_only=True):
    created_at: str
    machine: Machine
    groups: tuple[Measured, ...]

    @property
    def sound(self) -> bool:
        return all(group.sound for group in self.groups)

    def with_goal(self, *, met: bool | None) -> list[Figure]:
        """The figures that have a goal and meet it, miss it, or (``None``) were not measured."""
        return [
            figure for group in self.groups for figure in group.figures if figure.goal is not None and figure.met is met
        ]


def document(results: Results) -> bytes:
    """JSON; beside each figure whether it meets its goal, which the records derive."""
    whole = {"version": VERSION} | msgspec.to_builtins(results)
    for group, written in zip(results.groups, whole["groups"], strict=True):
        written["findings"] = [
            _judged(finding, row) for finding, row in zip(group.findings, written["findings"], strict=True)
        ]
    return msgspec.json.format(msgspec.json.encode(whole)) + b"\n"


def _judged(finding: Finding, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"met": finding.met, "certain": finding.certain} if isinstance(finding, Figure) else row
