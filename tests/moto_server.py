"""moto's server in AWS's place, in a thread: real HTTP, real botocore, an account that is empty at will."""

from __future__ import annotations

import importlib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from aws_xray_sdk.core import xray_recorder
from moto.server import ThreadedMotoServer

# moto imports a service when it is first asked for, which can outlast a client's time-out on a busy machine.
SERVICES = ("moto_api._internal", "awslambda", "cloudformation", "cloudwatch", "ecr", "iam", "logs", "sts", "xray")


@contextmanager
def moto_server() -> Iterator[str]:
    """Its URL, for as long as the body runs."""
    for service in SERVICES:
        importlib.import_module(f"moto.{service}.responses")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        # The X-Ray SDK, which moto imports, leaves its socket open until the interpreter complains.
        xray_recorder.emitter._socket.close()


def reset(url: str) -> None:
    """Forget everything that was made there."""
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST")).close()
