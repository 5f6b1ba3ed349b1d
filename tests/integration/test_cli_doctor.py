"""The self-check as a process, for real: its document, its exit codes, and that nothing is left behind.

Nothing here may depend on how busy this machine is: what is asserted holds of every machine, and figures only where
they have bounds by nature.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from emulated import emulate, report_number, reports
from examined import make_diagnosis, make_finding
from handlers import emulate_handler
from program import Done, run, started
from resnet_bench.aws.access.account import Account
from resnet_bench.cli.doctor import _conclude
from resnet_bench.cli.far_side import credentials, far_side
from resnet_bench.cli.options import RemoteOptions
from resnet_bench.cli.progress import SilentDisplay
from resnet_bench.errors import Doubted, SetupError
from resnet_bench.inference.model import Model
from resnet_bench.results.diagnosis import Finding, Subject, Topic
from resnet_bench.results.schema import schema

# The first question to AWS's credentials would otherwise be to a host's own.
OFFLINE = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
PATIENCE_S = 170.0


@pytest.fixture(scope="module")
def checked(model: Model, tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, dict[str, Any], Path]:
    """One quick self-check of this machine with everything that it can write."""
    folder = tmp_path_factory.mktemp("doctor")
    done = run("doctor", "--quick", "--json", "--html", "doctor.html", cwd=folder, env=OFFLINE, patience_s=PATIENCE_S)
    return done, json.loads(done.out), folder


def findings(document: dict[str, Any], **wanted: str) -> list[dict[str, Any]]:
    return [one for one in document["result"]["findings"] if wanted.items() <= one.items()]


def test_the_document_keeps_to_its_schema_and_to_itself(checked: tuple[Done, dict[str, Any], Path]) -> None:
    done, document, _ = checked
    result = document["result"]
    jsonschema.Draft202012Validator(schema("doctor")).validate(result)
    assert {one["subject"] for one in result["findings"]} == {*get_args(Subject)}
    assert [one["topic"] for one in result["trust"]] == [*get_args(Topic)]
    assert result["quick"]
    faults = findings(document, verdict="fault")
    assert done.code == (3 if faults else 0), (faults, done.err)
    assert not findings(document, code="limiter-unexamined"), document
    for one in result["findings"]:
        assert one["told"], one
        # Whatever is wrong says what follows, and mostly what to do.
        assert one["verdict"] in {"ok", "not measured"} or one["follows"] or one["todo"], one
        for figure in one["measured"]:
            assert figure["n"] >= 1
            if figure["low"] is not None:
                assert figure["low"] <= figure["value"] <= figure["high"]


def test_figures_have_their_natural_bounds(checked: tuple[Done, dict[str, Any], Path]) -> None:
    _, document, _ = checked
    for one in findings(document, code="limiter-share"):
        if one["verdict"] == "not measured":
            continue
        share = one["measured"][0]["value"]
        assert share > 0
        # However busy a machine is, the limiter in use never gives a tenth too much without a fault.
        assert one["verdict"] == "fault" or share <= 1.1
    (resolution,) = findings(document, code="timer-resolution")
    assert 0 < resolution["measured"][0]["value"] < 0.1
    assert [one["verdict"] for one in findings(document, code="timer-forward")] == ["ok"]
    (clocks,) = findings(document, code="harness-clocks")
    (null,) = findings(document, code="harness-null")
    assert 0 < clocks["measured"][0]["value"] < null["measured"][0]["value"]
    pairs = {figure["name"]: figure["value"] for figure in findings(document, code="noise-discernible")[0]["measured"]}
    assert pairs["10 pairs"] >= pairs["60 pairs"] >= pairs["300 pairs"] >= 0


@pytest.mark.cgroup
def test_what_limits_here_kills_and_freezes(checked: tuple[Done, dict[str, Any], Path]) -> None:
    _, document, _ = checked
    (chosen,) = findings(document, code="limiter-chosen")
    if chosen["verdict"] == "fault":
        pytest.skip(chosen["told"])
    for code in ("limiter-freeze", "limiter-memory"):
        assert [one["verdict"] for one in findings(document, code=code)] == ["ok"]


def test_the_engines_that_are_prepared_answer_alike(checked: tuple[Done, dict[str, Any], Path]) -> None:
    _, document, _ = checked
    answers = findings(document, code="engines-answers")
    assert {one["what"]: one["verdict"] for one in answers} == {"torch: answer": "ok", "onnx: answer": "ok"}
    trust = {one["topic"]: one for one in document["result"]["trust"]}
    assert trust["predictions"]["verdict"] == "doubt"
    assert findings(document, code="cache-trained", verdict="doubt")


def test_progress_tells_the_time_left_and_nothing_is_written_but_what_was_asked_for(
    checked: tuple[Done, dict[str, Any], Path],
) -> None:
    done, document, folder = checked
    assert "limiter: begins, about " in done.err
    assert [path.name for path in folder.iterdir()] == ["doctor.html"]
    html = (folder / "doctor.html").read_text()
    assert "What can be trusted here" in html
    assert document["result"]["findings"][0]["what"] in html


def test_ctrl_c_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    with started("doctor", folder=tmp_path, env={**OFFLINE, "RESNET_BENCH_CACHE": str(tmp_path / "none")}) as running:
        running.wait_for("limiter: begins")
        done = running.end(signal.SIGINT)
        running.assert_nothing_is_left()
    assert (done.code, done.err.splitlines()[-1]) == (130, "interrupted")
    assert not (tmp_path / "none").exists()


def test_a_fault_is_an_exit_code_and_doubts_are_one_if_they_are_to_count() -> None:
    doubt, fault = (make_finding(verdict=verdict, todo="do this") for verdict in ("doubt", "fault"))
    _conclude(make_diagnosis(make_finding(), doubt))
    with pytest.raises(Doubted, match="1 doubt, first cost of a reading: 64 ns") as doubted:
        _conclude(make_diagnosis(doubt, strict=True))
    with pytest.raises(SetupError, match="2 faults") as faulty:
        _conclude(make_diagnosis(fault, doubt, fault))
    assert (doubted.value.exit_code, faulty.value.exit_code, faulty.value.hint) == (1, 3, "do this")


def looked_at(url: str) -> Finding:
    (found,) = far_side(RemoteOptions(url=url), SilentDisplay())
    return found


def test_a_url_that_is_named_is_called_once_and_without_an_image(model: Model) -> None:
    with emulate_handler(model, "onnx") as emulated:
        found = looked_at(emulated.url)
        report_number(emulated, 0)  # which is written after its answer
        assert (found.verdict, len(reports(emulated))) == ("ok", 1)
    assert found.told.startswith("this program's handler answers in ")


def test_a_url_of_another_program_or_of_nobody_is_a_fault() -> None:
    with emulate() as foreign:
        found = looked_at(foreign.url)
    assert found.verdict == "fault"
    gone = looked_at(foreign.url)
    assert (gone.verdict, bool(gone.todo)) == ("fault", True)


def test_two_functions_at_once_are_refused(tmp_path: Path) -> None:
    done = run("doctor", "--stack", "a", "--url", "http://127.0.0.1:1", cwd=tmp_path, env=OFFLINE)
    assert (done.code, done.error()) == (2, "--stack and --url name two functions")


def test_credentials_are_told_of_and_never_told() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in OFFLINE.items():
            patch.setenv(name, value)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
            patch.delenv(name, raising=False)
        assert credentials(Account(), needed=False).verdict == "not measured"
        assert credentials(Account(), needed=True).verdict == "fault"
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAFALSEFALSEFALSE1")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "false-secret-false-secret")
        found = credentials(Account(), needed=True)
    assert found.verdict == "ok"
    assert [word for word in ("AKIA", "secret") if word in str(found)] == []
