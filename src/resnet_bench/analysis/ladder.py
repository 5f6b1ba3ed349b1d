"""From the local total to Lambda's, one measured change at a time.

``explain`` takes each image through all rungs in one block, so that a rung's calls pair with its neighbour's. A step is
what one change costs: the middle of the paired differences (``estimates``). The whole is the same of Lambda less local;
what the steps leave of it, the remainder, is an estimate like the others. Steps and remainder add up to the whole
exactly; medians of the rungs need not.

Against the emulated Lambda each rung has one more of Lambda's parts than the one below. Of a Lambda elsewhere, no
rung between this machine and the whole can be built: there the handler's own clock and its cheapest request tell the
steps, and what they do not see (the image's upload) remains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resnet_bench.analysis.estimates import Estimate, Pairing, together
from resnet_bench.benchmark.series import TOTAL, samples_of, series
from resnet_bench.errors import ResultError
from resnet_bench.results.records import ClientTimes, Failed, Side
from resnet_bench.results.run import Run
from resnet_bench.results.variants import variant, variants

# The variants that ``explain`` measures, beside plain local and remote calls. Stored in result files.
THREADS = "Lambda's threads"
SHARE = "Lambda's CPU share"
ENCODED = "base64 and JSON"
RUNTIME = "runtime client"
PROBE = "cheapest request"

# Steps that no variant is named after.
GATEWAY = "gateway and HTTP"
HARDWARE = "other hardware"
NETWORK = "network and gateway"

# Of the handler's refusal of a request without a body, by which a probe is known to have reached it.
_REFUSED = 400

Values = Mapping[int, float]


@dataclass(frozen=True, eq=False)
class Step:
    """What one change costs. ``level`` is the middle of the calls that have it; ``None``: of no call alone."""

    name: str
    effect: Estimate
    level: Estimate | None


@dataclass(frozen=True, eq=False)
class Ladder:
    """One engine's. ``emulated``: whether each step was measured by a rung of its own, up to the gateway.

    ``inference`` is Lambda's inference less that of the same share of this machine's CPU, ``runtime`` Lambda's account
    of the calls less the handler's own; both ``None`` where emulated, and ``runtime`` where REPORT lines are missing.
    """

    engine: str
    n: int
    emulated: bool
    local: Estimate
    remote: Estimate
    whole: Estimate
    steps: tuple[Step, ...]
    remainder: Estimate
    inference: Estimate | None = None
    runtime: Estimate | None = None

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


def ladders(run: Run) -> tuple[Ladder, ...]:
    """One for each engine that has been through every rung at least once.

    Raises:
        ResultError: ``run`` is no result of ``explain``, or has no such engine.
    """
    if run.settings.command != "explain":
        raise ResultError(
            f"a result of {run.settings.command} has no ladder", "measure one first: resnet-bench explain IMAGE"
        )
    engines = dict.fromkeys(sample.engine for sample in run.samples)
    found = tuple(made for engine in engines if (made := ladder(run, engine)) is not None)
    if not found:
        raise ResultError(
            "no image has been through every rung of the ladder", "measure for longer: resnet-bench explain IMAGE"
        )
    return found


def ladder(run: Run, engine: str) -> Ladder | None:
    """``None`` if no pair has been through every rung."""
    emulated = RUNTIME in variants(run)
    measured = dict(_measured(run, engine, emulated=emulated))
    reports = measured.pop("REPORT", {})
    pairs = sorted(set.intersection(*(set(values) for values in measured.values())))
    if not pairs:
        return None
    images = {sample.pair: sample.image for sample in samples_of(run, engine=engine, side="local", phase="warm")}
    pairing = Pairing([images[pair] for pair in pairs])
    columns = {name: [values[pair] for pair in pairs] for name, values in measured.items()}
    changes = _built(columns, pairing) if emulated else _told(columns, pairing)
    steps = (*_here(columns, pairing), *changes)
    whole = pairing.difference(columns["remote"], columns["local"])
    reported = [reports[pair] for pair in pairs if pair in reports]
    return Ladder(
        engine=engine,
        n=pairing.n,
        emulated=emulated,
        local=pairing.estimate(columns["local"]),
        remote=pairing.estimate(columns["remote"]),
        whole=whole,
        steps=steps,
        remainder=whole - together([step.effect for step in steps]),
        inference=None if emulated else pairing.difference(columns["far inference"], columns["near inference"]),
        runtime=pairing.difference(reported, columns["far handler"]) if len(reported) == len(pairs) else None,
    )


def _measured(run: Run, engine: str, *, emulated: bool) -> Iterator[tuple[str, Values]]:
    """Every series that the ladder needs, by pair."""

    def of(side: Side, name: str = "", measure: str = TOTAL) -> Values:
        found = series(variant(run, name), engine=engine, side=side, measure=measure)
        return dict(zip(found.pairs, found.values, strict=True))

    yield "local", of("local")
    yield "remote", of("remote")
    for name in (THREADS, SHARE, ENCODED):
        yield name, of("local", name)
    if emulated:
        yield RUNTIME, of("remote", RUNTIME)
        return
    yield "near handler", of("local", ENCODED, "handler")
    yield "far handler", of("remote", "", "handler")
    yield "near inference", of("local", SHARE, "inference")
    yield "far inference", of("remote", "", "inference")
    yield "REPORT", of("remote", "", "report.duration")
    yield PROBE, _probed(run, engine)


def _probed(run: Run, engine: str) -> Values:
    """The client's total of each probe that the handler itself has refused."""
    return {
        sample.pair: sample.client.total_s
        for sample in samples_of(variant(run, PROBE), engine=engine, side="remote", phase="warm")
        if isinstance(sample.client, ClientTimes)
        and isinstance(sample.outcome, Failed)
        and sample.outcome.status == _REFUSED
        and not sample.attempts
    }


Columns = Mapping[str, list[float]]


def _here(columns: Columns, pairing: Pairing) -> Iterator[Step]:
    """The rungs that any ladder has: this machine made more and more like Lambda."""
    for below, name in (("local", THREADS), (THREADS, SHARE), (SHARE, ENCODED)):
        yield _rung(columns, pairing, name, name, below)


def _built(columns: Columns, pairing: Pairing) -> Iterator[Step]:
    """The rest of the way, where Lambda's parts can be added one by one."""
    yield _rung(columns, pairing, RUNTIME, RUNTIME, ENCODED)
    yield _rung(columns, pairing, GATEWAY, "remote", RUNTIME)


def _told(columns: Columns, pairing: Pairing) -> Iterator[Step]:
    """The rest of the way to a Lambda elsewhere, as far as its handler and its cheapest request tell."""
    yield Step(HARDWARE, pairing.difference(columns["far handler"], columns["near handler"]), None)
    yield Step(NETWORK, pairing.estimate(columns[PROBE]), None)


def _rung(columns: Columns, pairing: Pairing, name: str, rung: str, below: str) -> Step:
    return Step(name, pairing.difference(columns[rung], columns[below]), pairing.estimate(columns[rung]))
