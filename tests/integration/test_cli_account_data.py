"""What tells whose account it is does not reach a saved result, unless its owner wants it there."""

from __future__ import annotations

from pathlib import Path

import pytest

from program import CAT, run
from resnet_bench.results.files import load
from resnet_bench.results.records import Failed
from servers import GOOD, answering, reply, serving

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:mine"
DENIED = reply(
    b'{"error": {"code": "denied", "message": "not on https://a1b2c3.execute-api.eu-west-1.amazonaws.com: '
    + ARN.encode()
    + b'"}}',
    400,
)


@pytest.mark.parametrize("kept", [False, True])
def test_a_failures_words_are_saved_without_account_data(kept: bool, tmp_path: Path) -> None:
    keep = ("--keep-account-data",) if kept else ()
    with serving(answering(reply(GOOD), DENIED)) as url:
        options = ("--engine", "torch", "--runs", "3", "--warmup", "1", "--save", "run.json", "--html", "run.html")
        done = run("remote", CAT, "--url", url, *options, *keep, cwd=tmp_path)
    assert done.code == 0, done.err
    outcomes = [sample.outcome for sample in load(tmp_path / "run.json").samples]
    assert any(isinstance(outcome, Failed) and "denied" in outcome.message for outcome in outcomes)
    for text in ((tmp_path / "run.json").read_text(), done.out, (tmp_path / "run.html").read_text()):
        for private in ("123456789012", "arn:aws", "execute-api"):
            assert (private in text) <= kept
    assert ("123456789012" in (tmp_path / "run.json").read_text()) == kept
