"""The handler's own part: every event gets an answer, which tells of the environment. The engine is a stub."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories import make_answer
from handlers import event
from resnet_bench import wire
from resnet_bench.errors import ImageError
from resnet_bench.inference import answer, model
from resnet_bench.results.records import Answer, Identity

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@dataclass
class Context:
    aws_request_id: str = "8c2f9a3e-0000-4000-8000-000000000000"


class StubAnswerer:
    """Knows images by their first bytes; any other is refused as the real one refuses it."""

    def __init__(self, engine: str, prepared: object, threads: int, **given: Any) -> None:
        self.made = {"engine": engine, "threads": threads, **given}

    def answer(self, data: bytes, identity: Identity, **times: Any) -> Answer:
        if data.startswith(b"huge"):
            raise ImageError("too large", code="image_too_large")
        if not data.startswith(b"image"):
            raise ImageError("not an image", code="unsupported_format")
        return replace(make_answer(), identity=identity)


Import = Callable[..., ModuleType]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[Import]:
    """Imports the handler anew, as a cold start does."""
    monkeypatch.setattr(answer, "Answerer", StubAnswerer)
    monkeypatch.setattr(model.Model, "open", classmethod(lambda cls, folder: object()))
    monkeypatch.setenv("RESNET_BENCH_MODEL", "nowhere")
    monkeypatch.delenv("RESNET_BENCH_DECODE", raising=False)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1024")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "resnet-bench")
    monkeypatch.setenv("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]0123456789abcdef0123456789abcdef")

    def load(**environment: str) -> ModuleType:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        sys.modules.pop("resnet_bench.handler", None)
        return importlib.import_module("resnet_bench.handler")

    yield load
    sys.modules.pop("resnet_bench.handler", None)


IMAGE = wire.encode_request(b"image").decode()


def classified(module: ModuleType) -> Answer:
    reply = module.handler(event(IMAGE), Context())
    assert reply["statusCode"] == 200
    return wire.decode_answer(reply["body"].encode())


def test_the_first_call_of_an_environment_is_its_cold_start(fresh: Import) -> None:
    module = fresh()
    first, second = classified(module).identity, classified(module).identity
    assert (first.cold_start, first.invocation_count) == (True, 1)
    assert (second.cold_start, second.invocation_count) == (False, 2)
    assert first.environment_id == second.environment_id == "0123456789abcdef0123456789abcdef"
    assert first.request_id == Context().aws_request_id
    assert classified(fresh()).identity.cold_start


def test_a_refused_first_call_uses_up_the_cold_start(fresh: Import) -> None:
    module = fresh()
    assert module.handler(event(None), Context())["statusCode"] == 400
    assert not classified(module).identity.cold_start


def test_without_a_log_stream_the_environment_still_has_an_id_of_its_own(fresh: Import) -> None:
    ids = {classified(fresh(AWS_LAMBDA_LOG_STREAM_NAME="")).identity.environment_id for _ in range(2)}
    assert len(ids) == 2
    assert all(len(each) == 32 for each in ids)


def test_the_trace_header_is_read_at_each_call(fresh: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    module = fresh()
    assert classified(module).identity.trace_id is None
    for number, sampled in ((1, True), (2, False)):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-a-{number};Parent=b;Sampled={int(sampled)};Lineage=c")
        identity = classified(module).identity
        assert (identity.trace_id, identity.sampled) == (f"1-a-{number}", sampled)


@pytest.mark.parametrize(
    ("memory", "threads", "expected"), [("1024", "auto", 1), ("3538", "auto", 2), ("1024", "2", 2)], ids=str
)
def test_threads_follow_the_cpu_share_unless_they_are_given(
    fresh: Import, memory: str, threads: str, expected: int
) -> None:
    module = fresh(AWS_LAMBDA_FUNCTION_MEMORY_SIZE=memory, RESNET_BENCH_THREADS=threads)
    assert module._answerer.made["threads"] == expected
    assert module._answerer.made["limit_bytes"] == int(memory) * 1024 * 1024


@pytest.mark.parametrize(("asked", "decode"), [(None, "exact"), ("exact", "exact"), ("fast", "fast"), ("", "exact")])
def test_decoding_is_exact_unless_fast_is_asked_for(fresh: Import, asked: str | None, decode: str) -> None:
    module = fresh() if asked is None else fresh(RESNET_BENCH_DECODE=asked)
    assert module._answerer.made["decode"] == decode


def test_a_decoding_that_there_is_not_is_no_silent_default(fresh: Import) -> None:
    with pytest.raises(msgspec.ValidationError, match="quick"):
        fresh(RESNET_BENCH_DECODE="quick")


def test_an_image_that_is_too_large_is_413(fresh: Import) -> None:
    reply = fresh().handler(event(b"huge", content_type="image/jpeg"), Context())
    assert reply["statusCode"] == 413


def test_metrics_are_printed_after_a_success_only(fresh: Import, capsys: pytest.CaptureFixture[str]) -> None:
    module = fresh()
    module.handler(event(None), Context())
    assert capsys.readouterr().out == ""
    classified(module)
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["_aws"]["CloudWatchMetrics"]


def test_no_event_whatever_raises_or_is_a_server_error(fresh: Import) -> None:
    module = fresh()

    @given(anything=JSON, body=JSON, headers=JSON, context=JSON, path=JSON, encoded=JSON, form=st.integers(0, 2))
    def check(*, anything: Any, body: Any, headers: Any, context: Any, path: Any, encoded: Any, form: int) -> None:
        posted = event(None) | {"body": body, "headers": headers, "isBase64Encoded": encoded}
        routed = {"rawPath": path, "requestContext": context, "headers": headers, "body": body}
        reply = module.handler([anything, posted, routed][form], Context())
        assert 400 <= reply["statusCode"] < 500
        assert reply["headers"]["access-control-allow-origin"] == "*"
        assert wire.decode_fault(reply["body"].encode()) is not None
        json.dumps(reply).encode()  # what the runtime client does with it

    check()
