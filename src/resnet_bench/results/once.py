"""What is found in a run, found once: a run never changes, and every table asks for the same series."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

from resnet_bench.results.run import Run

P = ParamSpec("P")
T = TypeVar("T")


def once(find: Callable[Concatenate[Run, P], T]) -> Callable[Concatenate[Run, P], T]:
    """Keep what ``find`` returns with the run, for each of its arguments; it must be as immutable as the run."""

    @wraps(find)
    def found(run: Run, /, *args: P.args, **kwargs: P.kwargs) -> T:
        key = (find, args, frozenset(kwargs.items()))
        if key not in run.found:
            run.found[key] = find(run, *args, **kwargs)
        return cast("T", run.found[key])

    return found
