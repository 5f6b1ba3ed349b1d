"""A self-check on the page: what can be trusted first, then findings, then what to do, in 80 columns.

RENEW_GOLDEN=1 in the environment writes the golden file anew; read the difference before it is committed.
"""

from __future__ import annotations

import io
import json
import os
from html import escape
from pathlib import Path
from typing import get_args

import jsonschema
import msgspec
import pytest
from rich.console import Console

from examined import make_diagnosis, make_finding
from resnet_bench.report import page_document, render_page, write_page_html
from resnet_bench.report.doctor import TITLES, doctor_page
from resnet_bench.results.diagnosis import Diagnosis, Measured, Subject
from resnet_bench.results.schema import schema, text

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "report-doctor.txt"
QUIET = "stop other work and measure again"

FOUND = (
    make_finding(
        code="limiter-share",
        subject="limiter",
        what="cgroup-v1: 1024 MB",
        told="99.6 % of the 0.579 CPUs asked for",
        measured=(Measured(name="given over asked", value=0.996, unit="ratio", n=6, low=0.982, high=1.002),),
        topics=("Lambda's CPU share",),
    ),
    make_finding(measured=(Measured(name="one reading", value=6.4e-8, unit="seconds", n=30, low=6.1e-8, high=6.9e-8),)),
    make_finding(
        code="noise-discernible",
        subject="noise",
        what="smallest difference that 60 pairs show",
        told="1.19 %",
        measured=(Measured(name="60 pairs", value=0.0119, unit="share"),),
    ),
    make_finding(
        code="machine-load",
        subject="noise",
        what="load of the last minute",
        verdict="doubt",
        told="3.10 on 2 CPUs",
        measured=(Measured(name="load", value=3.1, unit="ratio"),),
        follows="others take CPU time from what is measured",
        todo=QUIET,
    ),
    make_finding(code="noise-waited", subject="noise", what="waiting", verdict="doubt", told="9.0 %", todo=QUIET),
    make_finding(
        code="engines-installed",
        subject="engines",
        what="torch",
        verdict="fault",
        told="the torch engine needs torch, which is not installed",
        follows="the default command runs it",
        todo="pip install torch",
        topics=("predictions",),
    ),
    make_finding(
        code="installed-python", subject="installed", what="Python", told="CPython 3.11.7 (>=3.11)", topics=()
    ),
    make_finding(code="installed-package", subject="installed", what="numpy", told="2.4.6 (>=1.26)", topics=()),
    make_finding(code="installed-package", subject="installed", what="pillow", told="13.0 (>=10.3)", topics=()),
    make_finding(
        code="reachable-sts",
        subject="reachable",
        what="AWS: sts.us-east-1.amazonaws.com",
        verdict="not measured",
        told="not reached: Name or service not known",
        topics=("calls to AWS",),
    ),
    make_finding(code="leftover-cgroups", subject="leftovers", what="cgroups of ended runs", told="none", topics=()),
)


def printed(found: Diagnosis, *, verbose: bool = False, quiet: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    render_page(doctor_page(found, verbose=verbose), Console(file=stream, width=width), quiet=quiet)
    return stream.getvalue()


def test_a_self_check_reads_as_it_did() -> None:
    shown = printed(make_diagnosis(*FOUND))
    if os.environ.get("RENEW_GOLDEN"):
        GOLDEN.write_text(shown, encoding="utf-8")
    assert shown == GOLDEN.read_text(encoding="utf-8")
    assert max(map(len, shown.splitlines())) <= 80


def test_packages_within_their_ranges_are_one_row_unless_all_is_asked_for() -> None:
    found = make_diagnosis(*FOUND)
    assert "2 within their ranges" in printed(found)
    assert "numpy" not in printed(found)
    assert "numpy" in printed(found, verbose=True)


def test_a_package_out_of_its_range_has_a_row_of_its_own() -> None:
    old = make_finding(
        code="installed-package", subject="installed", what="httpx", verdict="doubt", told="0.1", todo="x"
    )
    assert "httpx" in printed(make_diagnosis(*FOUND, old))


def test_faults_come_before_doubts_and_what_one_step_removes_is_told_once() -> None:
    caveats = doctor_page(make_diagnosis(*FOUND)).caveats
    assert [one.code for one in caveats] == ["engines-installed", "machine-load"]
    assert caveats[1].message.startswith("doubt: load of the last minute: 3.10 on 2 CPUs; waiting: 9.0 %. ")
    assert caveats[1].next_step == QUIET


def test_the_verdict_says_what_can_be_trusted_and_what_to_mend_first() -> None:
    verdict = doctor_page(make_diagnosis(*FOUND)).verdict
    assert "Trust here: Lambda's CPU share." in verdict
    assert "With doubts: ratios." in verdict
    assert "Do not trust here: predictions." in verdict
    assert "60 pairs tell ratios apart down to 1.2 %." in " ".join(verdict.split())
    assert verdict.endswith("First: torch: the torch engine needs torch, which is not installed; pip install torch.")
    assert verdict in " ".join(printed(make_diagnosis(*FOUND), quiet=True).split())
    assert doctor_page(make_diagnosis(make_finding())).verdict.endswith("Nothing has to be mended.")


def test_every_subject_of_the_records_has_a_title() -> None:
    assert set(TITLES) == set(get_args(Subject))


def test_the_document_holds_the_record_and_keeps_to_its_schema() -> None:
    document = json.loads(page_document(doctor_page(make_diagnosis(*FOUND))))
    jsonschema.Draft202012Validator(schema("doctor")).validate(document["result"])
    assert document["result"]["version"] == 1
    assert [table["name"] for table in document["tables"]][:2] == ["trust", "limiter"]


@pytest.mark.parametrize(("path", "value"), [(("version",), 2), (("findings", 0, "verdict"), "fine")])
def test_another_version_or_verdict_does_not_validate(path: tuple[str | int, ...], value: object) -> None:
    document = json.loads(msgspec.json.encode(make_diagnosis(*FOUND)))
    *parents, last = path
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    assert not jsonschema.Draft202012Validator(schema("doctor")).is_valid(document)


def test_the_committed_schema_is_up_to_date() -> None:
    committed = (ROOT / "docs" / "doctor.schema.json").read_text(encoding="utf-8")
    assert committed == text("doctor"), "run: python -m resnet_bench.results.schema docs/doctor.schema.json"


def test_the_page_for_browsers_has_every_finding_and_runs_nothing(tmp_path: Path) -> None:
    write_page_html((doctor_page(make_diagnosis(*FOUND), verbose=True),), tmp_path / "doctor.html")
    html = (tmp_path / "doctor.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert all(escape(one.told, quote=False) in html for one in FOUND)
