"""What else AWS keeps for others to change: a dashboard's body, a function's variables, texts with account data."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from resnet_bench.aws.function.baseline import MARK, Baseline, left_behind
from resnet_bench.aws.metrics.dashboards import Metric, Undrawn, metrics_of
from resnet_bench.aws.privacy.account_data import strip_account_data, strip_text

_ACCOUNT, _ANOTHER = "123456789012", "987654321098"
_BODY = {
    "widgets": [
        {"type": "metric", "properties": {"title": "t", "metrics": [["AWS/Lambda", "Duration", "FunctionName", "f"],
         ["...", "g", {"stat": "p95"}], [".", "Errors", ".", "."], [{"expression": "m1"}]]}},
        {"type": "log", "properties": {"title": "l"}},
        {"type": "text"},
    ]
}  # fmt: skip


def target(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        found = metrics_of(text, "us-east-1")
    except ValueError as error:
        assert str(error)
    else:
        assert all(isinstance(one, Metric | Undrawn) for one in found)
    left = left_behind({MARK: text})
    assert left is None or MARK not in left.restored({MARK: text})
    once = strip_text(text)
    assert len(once) <= 8 * len(text) + 100
    strip_account_data({"Document": text, text: text})
    assert _ANOTHER in text or _ANOTHER not in strip_text(f"{text} {_ANOTHER} {text}")


def seeds() -> Iterator[bytes]:
    yield msgspec.json.encode(_BODY)
    yield msgspec.json.encode(Baseline(found_mb=1024, set_mb=(512,), nonce="1"))
    yield f"arn:aws:lambda:us-east-1:{_ACCOUNT}:function:f https://a.execute-api.us-east-1.amazonaws.com/x".encode()
    yield f"aws_secret_access_key=abc AKIAABCDEFGHIJKLMNOP {_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com".encode()
    yield b"x-amz-signature=abcd&x https://s3.amazonaws.com/b?X-Amz-Signature=1 8c2f9a3e-0000-4000-8000-000000000000"


WORDS = ("metric", "...", ".", "expression", "visible", "accountId", "region", "stat", "label", "found_mb", "set_mb")
TARGET = Target(target, seeds, document_mutator(*WORDS), (b"arn:aws:", b"https://", b"execute-api", b"signature="))
