"""What people blame, put to the test: figures, shares of the gap, and verdicts that follow from intervals alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import make_sample
from ladders import DEPLOYED_S, EMULATED_S, UPLOAD_S, explained, held_in, memory_of
from resnet_bench.analysis import hypotheses as blame
from resnet_bench.analysis import ladder as rungs
from resnet_bench.analysis.hypotheses import Finding, cause, findings, judge
from resnet_bench.analysis.ladder import Ladder, ladder
from resnet_bench.benchmark.stats import Interval
from resnet_bench.results.records import Skipped
from resnet_bench.results.run import Run

MIB = 1024 * 1024
ENDS = st.floats(-2, 2)


def climbed(run: Run) -> Ladder:
    made = ladder(run, "onnx")
    assert made is not None
    return made


def found(run: Run) -> dict[str, Finding]:
    return {one.claim: one for one in findings(run, climbed(run))}


# --- verdicts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.10, 0.90, "holds"),
        (0.01, 0.09, "negligible"),
        (0.00, 0.09, "does not hold"),
        (-0.05, 0.05, "does not hold"),
        (-0.90, -0.50, "does not hold"),
        (0.05, 0.15, "unclear"),
        (-0.20, 0.30, "unclear"),
    ],
)
def test_a_verdict_follows_from_the_interval_of_the_share(low: float, high: float, verdict: str) -> None:
    assert judge(Interval(low, high)) == verdict


def test_without_an_interval_nothing_is_clear() -> None:
    assert judge(None) == "unclear"


@given(ENDS, ENDS)
def test_what_holds_is_certainly_a_tenth_and_what_does_not_certainly_less(one: float, other: float) -> None:
    low, high = sorted((one, other))
    verdict = judge(Interval(low, high))
    assert (verdict == "holds") == (low >= blame.TENTH)
    assert (verdict in {"negligible", "does not hold"}) == (high < blame.TENTH)


# --- of the emulated Lambda ---------------------------------------------------------------------------------------


def test_overhead_is_the_sum_of_the_runtimes_and_the_gateways_rungs() -> None:
    one = found(explained(noise=0.01))[blame.OVERHEAD]
    assert one.figure == pytest.approx(EMULATED_S[rungs.RUNTIME] + EMULATED_S[rungs.GATEWAY], abs=5e-4)
    assert one.interval is not None
    assert one.figure in one.interval
    assert one.verdict == "negligible"
    assert one.n == 40


def test_a_slow_gateway_is_to_blame() -> None:
    assert found(explained(steps={rungs.GATEWAY: 0.08}))[blame.OVERHEAD].verdict == "holds"


@pytest.mark.parametrize("claim", [blame.NETWORKED, blame.OTHER_HARDWARE])
def test_what_an_emulated_lambda_cannot_tell_is_not_measured_and_says_why(claim: str) -> None:
    one = found(explained())[claim]
    assert (one.verdict, one.figure, one.share) == ("not measured", None, None)
    assert one.why.startswith("emulated: ")


def test_cold_starts_are_in_no_call_of_the_gap_and_what_one_adds_is_told() -> None:
    one = found(explained())[blame.COLD_STARTS]
    assert (one.verdict, one.share) == ("does not hold", None)
    assert "a cold call takes" in one.why
    assert "(3 starts)" in one.why
    assert "a cold call" not in found(explained(cold=0))[blame.COLD_STARTS].why


@pytest.mark.parametrize(
    ("run", "doubt"),
    [
        (explained(runs=3), "too few pairs"),
        (explained(steps=dict.fromkeys(EMULATED_S, 0.0), noise=0.05), "the gap itself may be nothing"),
    ],
)
def test_where_no_share_can_be_had_it_is_unclear_why(run: Run, doubt: str) -> None:
    one = found(run)[blame.OVERHEAD]
    assert (one.verdict, one.share) == ("unclear", None)
    assert doubt in one.why


# --- of a Lambda elsewhere ----------------------------------------------------------------------------------------


def test_a_lambda_elsewhere_tells_of_its_network_and_its_hardware() -> None:
    told = found(explained(deployed=True, noise=0.01))
    network = told[blame.NETWORKED]
    assert network.figure == pytest.approx(DEPLOYED_S[rungs.NETWORK] + UPLOAD_S, abs=2e-3)
    assert network.verdict == "holds"
    hardware = told[blame.OTHER_HARDWARE]
    assert hardware.figure == pytest.approx(DEPLOYED_S[rungs.HARDWARE], abs=2e-3)
    assert hardware.verdict == "does not hold", "Lambda's processor is the faster one: the wrong sign"
    assert "inference alone -" in hardware.why


def test_the_runtimes_own_part_needs_every_calls_report_line() -> None:
    run = explained(deployed=True)
    whole = found(run)[blame.OVERHEAD]
    assert whole.figure == pytest.approx(0.002)
    late = Skipped("not delivered yet", pending=True)
    samples = tuple(
        replace(one, report=late) if (one.side, one.variant, one.pair) == ("remote", "", 5) else one
        for one in run.samples
    )
    one = found(replace(run, samples=samples))[blame.OVERHEAD]
    assert one.verdict == "not measured"
    assert "resnet-bench collect" in one.why


# --- memory -------------------------------------------------------------------------------------------------------


def with_peaks(run: Run, local_mib: int, remote_mib: int) -> Run:
    peaks = {"local": local_mib * MIB, "remote": remote_mib * MIB}
    samples = []
    for one in run.samples:
        if one.phase == "warm" and not one.variant:
            memory = replace(one.outcome.memory, peak_rss_bytes=peaks[one.side])  # type: ignore[union-attr]
            one = replace(one, outcome=replace(one.outcome, memory=memory))  # noqa: PLW2901
        samples.append(one)
    return replace(run, samples=tuple(samples))


@pytest.mark.parametrize(
    ("extra_mib", "verdict"), [(30, "holds"), (3, "negligible"), (0, "does not hold"), (-20, "does not hold")]
)
def test_base64_is_judged_by_what_it_adds_to_a_processs_peak(extra_mib: int, verdict: str) -> None:
    run = replace(with_peaks(explained(), 400, 500), memory_steps=memory_of(extra_mib * MIB))
    one = found(run)[blame.BASE64]
    assert (one.kind, one.verdict, one.n) == ("bytes", verdict, 6)
    assert one.figure == pytest.approx(extra_mib * MIB, abs=MIB)
    assert one.share == pytest.approx(extra_mib / 100, abs=0.01)


@pytest.mark.parametrize("remote_mib", [400, 500, 509])
def test_where_lambda_takes_no_more_memory_there_is_nothing_to_blame(remote_mib: int) -> None:
    one = found(replace(with_peaks(explained(), 500, remote_mib), memory_steps=memory_of(30 * MIB)))[blame.BASE64]
    assert (one.verdict, one.share) == ("does not hold", None)
    assert "no higher than the local one" in one.why


@pytest.mark.parametrize(("steps", "why"), [((), "no process"), (memory_of(MIB, peaks=False), "high-water mark")])
def test_memory_that_was_not_measured_is_not_judged(steps: tuple[object, ...], why: str) -> None:
    one = found(replace(explained(), memory_steps=steps))[blame.BASE64]
    assert (one.verdict, one.figure) == ("not measured", None)
    assert why in one.why


# --- the cause ----------------------------------------------------------------------------------------------------


def test_the_cause_is_the_step_with_the_largest_certain_share() -> None:
    made = cause(climbed(explained()))
    assert made is not None
    step, share = made
    assert step.name == rungs.SHARE
    assert share.value == pytest.approx(100 / 127, abs=0.02)


def test_where_lambda_is_faster_the_step_that_makes_it_so_is_the_cause() -> None:
    made = cause(climbed(explained(deployed=True, steps={rungs.SHARE: 0.0, rungs.HARDWARE: -0.2})))
    assert made is not None
    assert made[0].name == rungs.HARDWARE


def test_there_is_no_cause_of_what_may_be_nothing() -> None:
    assert cause(climbed(explained(steps=dict.fromkeys(EMULATED_S, 0.0), noise=0.05))) is None


# --- memory taken apart -------------------------------------------------------------------------------------------


def test_growth_is_within_a_process_and_its_median_over_processes() -> None:
    told = held_in(replace(explained(), memory_steps=memory_of(10 * MIB)))
    assert [step.name for step in told.with_request] == ["interpreter", "weights and engine", "request"]
    assert [round(step.grew / MIB) for step in told.with_request] == [15, 285, 10]
    assert [round(step.grew / MIB) for step in told.from_file] == [15, 285, 0]
    assert (told.processes, told.body, told.image) == (6, "json", "cat.jpg")


def test_a_process_without_its_partner_does_not_count() -> None:
    steps = tuple(step for step in memory_of(MIB) if (step.number, step.body) != (2, "file"))
    assert held_in(replace(explained(), memory_steps=steps)).processes == 5


def test_samples_of_other_engines_are_left_alone() -> None:
    run = explained()
    other = make_sample("local", engine="torch")
    assert found(replace(run, samples=(*run.samples, other))).keys() == found(run).keys()
