"""The Lambda handler: event -> wire -> classify -> wire. The same file runs on real Lambda and under the emulator.

Engine and weights are loaded here, at import, because that work belongs to the cold start and to nothing else. The
answer is computed first and the metrics are one log line afterwards (CloudWatch EMF), so that nothing in the timed
path waits for a network. Bad input is answered with 4xx and never raises.

Environment: ``RESNET_BENCH_MODEL`` (a prepared model folder), ``RESNET_BENCH_ENGINE`` (``onnx``, ``onnx-int8``,
``torch``, ...), ``RESNET_BENCH_THREADS`` (a number, or ``auto``: what the CPU share pays for), ``RESNET_BENCH_DECODE``
(``exact`` or ``fast``).
"""

from __future__ import annotations

from resnet_bench.inference.coldstart import mark

_start = mark()  # before anything heavy is imported

from resnet_bench.sandbox.memory import rss_bytes  # noqa: E402

_baseline_bytes = rss_bytes()

import os  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import msgspec  # noqa: E402

from resnet_bench import wire  # noqa: E402
from resnet_bench.emf import metrics_line  # noqa: E402
from resnet_bench.errors import ImageError  # noqa: E402
from resnet_bench.http_event import HttpAnswer, NotServed, ReceivedImage, read_image, refusal  # noqa: E402
from resnet_bench.inference.answer import Answerer  # noqa: E402
from resnet_bench.inference.model import Model  # noqa: E402
from resnet_bench.inference.threads import auto_threads  # noqa: E402
from resnet_bench.results.records import Answer, Decode, Identity  # noqa: E402
from resnet_bench.sandbox.allowance import Allowance  # noqa: E402
from resnet_bench.trace_header import parse_header  # noqa: E402

_HEADERS = {"content-type": "application/json", "access-control-allow-origin": "*"}
_allowance = Allowance(int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]))
_threads = os.environ.get("RESNET_BENCH_THREADS", "auto")
_answerer = Answerer(
    os.environ.get("RESNET_BENCH_ENGINE", "onnx"),
    Model.open(Path(os.environ["RESNET_BENCH_MODEL"])),
    auto_threads(_allowance.cpu.share) if _threads == "auto" else int(_threads),
    start=_start,
    baseline_rss_bytes=_baseline_bytes,
    limit_bytes=_allowance.memory_bytes,
    decode=msgspec.convert(os.environ.get("RESNET_BENCH_DECODE") or "exact", Decode),
)
# Lambda names an environment's log stream after it: .../[$LATEST]<32 hex digits>.
_environment_id = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "").rpartition("]")[2] or os.urandom(16).hex()
_invocation_count = 0


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """An HTTP API event (payload 2.0) in, an HTTP answer out."""
    global _invocation_count  # noqa: PLW0603 - what tells a cold start from a warm one
    _invocation_count += 1
    started_s = time.perf_counter()
    try:
        image = read_image(event)
        answer = _answer(image, context, started_s)
    except (NotServed, ImageError) as error:
        return _reply(refusal(error))
    reply = _reply(HttpAnswer(200, wire.encode_answer(answer)))
    print(metrics_line(answer))  # noqa: T201 - standard output is Lambda's log, and EMF's way to CloudWatch
    return reply


def _answer(image: ReceivedImage, context: Any, started_s: float) -> Answer:
    trace = parse_header(os.environ.get("_X_AMZN_TRACE_ID", ""))
    identity = Identity(
        environment_id=_environment_id,
        invocation_count=_invocation_count,
        cold_start=_invocation_count == 1,
        request_id=context.aws_request_id,
        trace_id=trace.trace_id,
        sampled=trace.sampled,
    )
    return _answerer.answer(
        image.data,
        identity,
        started_s=started_s,
        json_parse_s=image.json_parse_s,
        base64_decode_s=image.base64_decode_s,
    )


def _reply(answer: HttpAnswer) -> dict[str, Any]:
    return {
        "statusCode": answer.status_code,
        "headers": _HEADERS | answer.headers,
        "body": answer.body,
        "isBase64Encoded": False,
    }
