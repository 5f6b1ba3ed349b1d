"""The record of a self-check: what was found out about this machine, and what of that bears on which figures.

A document of its own kind and version, apart from results of runs: nothing here is a measurement of either side.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from resnet_bench.results.run import Environment

# 1: the first.
VERSION = 1

Verdict = Literal["ok", "doubt", "fault", "not measured"]
Subject = Literal["limiter", "timer", "noise", "harness", "engines", "installed", "reachable", "leftovers"]
# What a user takes away from this program, each of which may be trusted here or not.
Topic = Literal[
    "local timings",
    "Lambda's CPU share",
    "memory figures",
    "cold starts",
    "ratios",
    "predictions",
    "calls to AWS",
    "saved results",
]
# How ``value`` is to be read: a share is a fraction of 1.
Unit = Literal["seconds", "bytes", "share", "ratio", "count"]


class Measured(Struct, frozen=True, kw_only=True):
    """One figure: the median of ``n`` values, or one reading where n is 1.

    ``low`` and ``high`` are the 95 % interval of that median; ``None`` where n is too small for one.
    """

    name: str
    value: float
    unit: Unit
    n: int = 1
    low: float | None = None
    high: float | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    ``code`` is stable, and unique within a diagnosis together with ``what``; texts are for people. ``told`` is what was
    found in words, or why it could not be; ``measured`` are its figures, the first of which stands for the finding.
    ``follows`` says what that means for the user's own figures, ``todo`` what to do about it, if anything; ``topics``
    are what it bears on.
    """

    code: str
    subject: Subject
    what: str
    verdict: Verdict
    told: str
    measured: tuple[Measured, ...] = ()
    follows: str = ""
    todo: str = ""
    topics: tuple[Topic, ...] = ()


class Trust(Struct, frozen=True, kw_only=True):
    """One thing that a user takes away, and whether it can be trusted here.

    ``verdict`` is the worst of the findings that bear on it, ``not measured`` where none was made; ``why`` tells it.
    """

    topic: Topic
    verdict: Verdict
    why: str


class Diagnosis(Struct, frozen=True, kw_only=True):
    """Everything that one self-check found. ``quick`` tells which of the two lengths it had.

    ``first`` is what to mend first, empty where nothing has to be; ``strict`` whether doubts count as failures.
    """

    version: int
    created_at: str
    quick: bool
    strict: bool
    took_s: float
    environment: Environment
    findings: tuple[Finding, ...]
    trust: tuple[Trust, ...]
    first: str = ""
