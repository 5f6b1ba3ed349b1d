"""`make audit`'s question to the advisory service, which here is one of the test's own."""

from __future__ import annotations

import json
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servers import receive, reply, serving

SCRIPT = Path(__file__).parents[2] / ".ci" / "audit.py"
ADVISORY = {
    "id": "TEST-2026-1",
    "summary": "a weakness",
    "affected": [
        {
            "package": {"name": "msgspec", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999.0"}]}],
        }
    ],
}


def audit(url: str) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("pip_audit", reason="pip-audit is not installed")
    command = [sys.executable, str(SCRIPT), "--vulnerability-service", "osv", "--osv-url", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@contextmanager
def service(status: int, *weak: str) -> Iterator[tuple[str, list[str]]]:
    """Answers as OSV does: ``status`` to all, with an advisory for packages called so; and what it was asked about."""
    asked: list[str] = []

    def answer(connection: socket.socket) -> None:
        while True:
            name = json.loads(receive(connection)[1])["package"]["name"]
            asked.append(name)
            known = {"vulns": [ADVISORY]} if name in weak else {}
            connection.sendall(reply(json.dumps(known).encode(), status))

    with serving(answer) as url:
        yield url, asked


def test_an_advisory_fails_and_is_named_with_what_mends_it() -> None:
    with service(200, "msgspec") as (url, _):
        done = audit(url)
    assert done.returncode == 1, done.stderr
    assert "TEST-2026-1, fixed in 999.0" in done.stdout
    assert "1 advisories" in done.stdout


def test_where_nobody_answers_it_says_so_after_one_question_and_claims_nothing() -> None:
    with service(404) as (url, asked):
        done = audit(url)
    assert done.returncode == 0, done.stderr
    assert "COULD NOT BE ASKED FOR" in done.stdout
    assert "advisories" not in done.stdout
    assert asked == ["pip"]


def test_without_advisories_it_says_what_was_asked_about_and_what_was_not(capsys: pytest.CaptureFixture[str]) -> None:
    packages = [
        {"name": "a", "version": "1", "vulns": []},
        {"name": "b", "skip_reason": "the service does not know it"},
    ]
    assert runpy.run_path(str(SCRIPT))["_tell"](packages) == 0
    assert capsys.readouterr().out.splitlines() == [
        "b: the service does not know it",
        "1 packages asked about, 0 advisories",
    ]
