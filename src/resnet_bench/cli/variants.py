"""``--engine`` and ``--precision``: which variants of which engines are meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import typer

from resnet_bench.errors import UsageError
from resnet_bench.inference.engines import (
    ENGINES,
    FULL_PRECISION,
    NAMES,
    PRECISIONS,
    Registered,
    options_for,
    taken_apart,
    variants,
)

ALL = "all"


@dataclass(frozen=True)
class Asked:
    """What was given, and nothing where an option was left out.

    ``usual`` are the engines meant where none is named, one for a command that does not take ``several``.
    """

    engines: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    usual: tuple[str, ...] = ("onnx",)
    several: bool = False

    @classmethod
    def one(cls, engine: str | None, precision: str | None) -> Asked:
        """
        Raises:
            UsageError: no engine or precision of that name, or ``all``.
        """
        return _checked(cls(_given(engine), _given(precision)))

    @classmethod
    def many(cls, engines: Sequence[str] | None, precisions: Sequence[str] | None) -> Asked:
        """
        Raises:
            UsageError: no engine or precision of that name.
        """
        return _checked(cls(tuple(engines or ()), tuple(precisions or ()), ("onnx", "torch"), several=True))

    @property
    def given(self) -> bool:
        return bool(self.engines or self.precisions)

    @property
    def name(self) -> str:
        """The one variant of a command that takes one.

        Raises:
            UsageError: the engine does not have that precision.
        """
        (found,) = self.names()
        return found

    def names(self) -> tuple[str, ...]:
        """The variants, each once; of what ``all`` stands for those that can run here, and a note on the others.

        Raises:
            UsageError: an engine does not have a precision that was asked for by name.
            EngineError: nothing of it can run here.
        """
        engines = ENGINES if ALL in self.engines else tuple(dict.fromkeys(self.engines or self.usual))
        wanted = tuple(dict.fromkeys(self.precisions or (FULL_PRECISION,)))
        precisions = PRECISIONS if ALL in wanted else wanted
        found = [one for name in engines for one in variants() if one.engine == name and one.precision in precisions]
        by_name = self.engines if ALL not in (*self.engines, *wanted) else ()
        for engine in by_name:
            has = {one.precision for one in found if one.engine == engine}
            if lacking := [precision for precision in wanted if precision not in has]:
                raise _lacking([engine], lacking[0])
        if not found:
            raise _lacking(engines, wanted[0])
        if ALL in (*self.engines, *self.precisions):
            found = _that_run(found)
        return tuple(one.name for one in found)

    def admits(self, name: str) -> bool:
        """Whether the one variant that is deployed is what was asked for."""
        engine, precision = taken_apart(name)
        return {*self.engines} <= {engine, ALL} and {*self.precisions} <= {precision, ALL}


def in_result(known: Sequence[str], engines: Sequence[str], precisions: Sequence[str]) -> tuple[str, ...]:
    """Which of the ``known`` variants of a saved result are meant; nothing where nothing was asked for.

    Without a precision an engine is named as the result's tables name it.

    Raises:
        UsageError: the result has none in that precision.
    """
    if not precisions:
        return tuple(engines)
    _checked(Asked(precisions=tuple(precisions), several=True))
    wanted = {*PRECISIONS} if ALL in precisions else {*precisions}
    apart = {name: taken_apart(name) for name in known}
    found = tuple(name for name, (engine, own) in apart.items() if own in wanted and (not engines or engine in engines))
    if not found:
        raise UsageError(f"the result has no such engine in {' or '.join(precisions)}", f"it has {', '.join(known)}")
    return found


def _given(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)


def _checked(asked: Asked) -> Asked:
    for name in asked.engines:
        if name not in (*ENGINES, ALL):
            hint = options_for(name) if name in NAMES else f"the engines are: {', '.join(ENGINES)}"
            raise UsageError(f"unknown engine {name!r}", hint)
    for name in asked.precisions:
        if name not in (*PRECISIONS, ALL):
            raise UsageError(f"--precision is {name}", f"one of: {', '.join(PRECISIONS)}")
    if ALL in (*asked.engines, *asked.precisions) and not asked.several:
        raise UsageError("one engine in one precision runs here, and all are asked for", "compare takes several")
    return asked


def _lacking(engines: Sequence[str], precision: str) -> UsageError:
    having = [one.engine for one in variants() if one.precision == precision]
    names = " and ".join(engines)
    lacks = "does not compute" if len(engines) == 1 else "do not compute"
    return UsageError(f"{names} {lacks} in {precision}", f"use --engine {' or --engine '.join(dict.fromkeys(having))}")


def _that_run(found: Sequence[Registered]) -> list[Registered]:
    obstacles = {one.name: one.obstacle() for one in found}
    able = [one for one in found if obstacles[one.name] is None]
    missing = {name: error for name, error in obstacles.items() if error is not None}
    if not able:
        raise next(iter(missing.values()))
    for name, error in missing.items():
        typer.echo(f"note: without {name}: {error.message}", err=True)
    return able
