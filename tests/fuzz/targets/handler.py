"""The whole handler, with all but the network itself: it never raises, and never answers 5xx to input."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import msgspec
import numpy as np

from fuzz.mutators import pictures
from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from fuzz.targets.events import WORDS
from handlers import bomb, event
from image_modes import MAKERS
from resnet_bench import wire
from resnet_bench.inference import engines, model

_STATUSES = frozenset({200, 400, 404, 405, 413})
_ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    "AWS_LAMBDA_FUNCTION_NAME": "resnet-bench",
    "RESNET_BENCH_ENGINE": "onnx",
    "RESNET_BENCH_THREADS": "1",
}


class NoEngine:
    """As likely anything as anything else."""

    name, precision, threads_count, weights_s, versions = "onnx", "float32", 1, None, {"none": "1"}

    def run(self, batch: np.ndarray) -> np.ndarray:
        assert batch.shape == (1, 3, 224, 224)
        return np.zeros((1, 1000), np.float32)


class Context:
    aws_request_id = "8c2f9a3e-0000-4000-8000-000000000000"


def imported(decode: str) -> ModuleType:
    """The handler as a cold start would import it; others that have it already keep theirs."""
    manifest = model.Manifest(
        version=model.VERSION,
        weights="random",
        weights_sha256="a" * 64,
        trained=False,
        resize=256,
        artifacts={},
        checks={},
    )
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        model.write_manifest(Path(folder), manifest)
        variables = {**_ENVIRONMENT, "RESNET_BENCH_MODEL": folder, "RESNET_BENCH_DECODE": decode}
        stack.enter_context(mock.patch.dict(os.environ, variables))
        stack.enter_context(mock.patch.object(engines, "load", return_value=NoEngine()))
        stack.enter_context(mock.patch.dict(sys.modules))
        sys.modules.pop("resnet_bench.handler", None)
        return importlib.import_module("resnet_bench.handler")


_MODULES = [imported("exact"), imported("fast")]


def target(data: bytes) -> None:
    try:
        asked = json.loads(data)  # as the runtime client does
    except (ValueError, RecursionError):
        asked = data.decode("latin-1")
    forms = (asked, event(data, content_type="image/png"), event(wire.encode_request(data).decode()))
    for module in _MODULES:
        for form in forms:
            check(module, form)


def check(module: ModuleType, asked: Any) -> None:
    with mock.patch.dict(os.environ, AWS_LAMBDA_FUNCTION_NAME="f"), contextlib.redirect_stdout(io.StringIO()) as log:
        reply = module.handler(asked, Context())
    assert reply["statusCode"] in _STATUSES
    assert json.loads(json.dumps(reply).encode()) == reply
    body = reply["body"].encode()
    if reply["statusCode"] == 200:
        assert len(wire.decode_answer(body).predictions) == 5
        assert json.loads(log.getvalue())["_aws"]
    else:
        fault = wire.decode_fault(body)
        assert fault is not None
        assert fault.message


def seeds() -> Iterator[bytes]:
    for name in ("png-P", "png-I;16", "jpeg-RGB", "jpeg-CMYK"):
        picture = MAKERS[name](16, 11)
        yield picture
        yield msgspec.json.encode(event(picture, content_type="image/png"))
        yield msgspec.json.encode(event(wire.encode_request(picture).decode()))
    yield msgspec.json.encode(event(bomb(), content_type="image/png"))
    yield bomb()


_change_event = document_mutator(*WORDS, "isBase64Encoded", "requestContext", "http", "method")


def mutate(data: bytes, random: Any, blindly: Any) -> bytes:
    return (_change_event if data.startswith(b"{") else pictures.mutate)(data, random, blindly)


TARGET = Target(target, seeds, mutate, longest=20_000, cpu_s=3.0)
