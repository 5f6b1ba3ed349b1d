"""One HTTP endpoint in the place of all of AWS: moto's server keeps what is deployed, the emulated Lambda runs it.

What moto has no working copy of (a function that really runs, its traces and logs) comes from the emulated Lambda; what
the emulated Lambda has no notion of (stacks, repositories, a function's configuration) from moto. A test of the command
line sets ``AWS_ENDPOINT_URL`` to ``AwsWorld.url`` and then deploys, calls, measures and destroys as on an account.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from resnet_bench.emulator.embedded import EmulatedLambda

KEY, SECRET, REGION = "AKIAIOSFODNN7EXAMPLE", "a-secret-that-must-not-be-printed", "eu-west-1"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
_CONFIGURATION = re.compile(r"/2015-03-31/functions/[^/]+/configuration")
# As the template makes it; in its place the answers name the gateway that listens here.
_API_URL = re.compile(rb"https://[^<\s\"]*execute-api[^<\s\"]*")
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server", "host"}


@dataclass
class AwsWorld:
    """Use it as a context manager. ``calls`` lists what was asked of AWS, as ``service METHOD path target``.

    ``trouble`` is called before each call is passed on, with its line of ``calls``; what it returns (status, headers,
    body) is the answer instead. What ``loses`` says of a line is lost on the way: the call, or only the answer to what
    AWS has then done.
    """

    moto_url: str
    emulated: EmulatedLambda
    calls: list[str] = field(default_factory=list)
    trouble: Any = None
    loses: Callable[[str], Literal["call", "answer"] | None] = lambda _line: None
    demand_signature: bool = True

    def __enter__(self) -> AwsWorld:
        self._servers = [_serve(self._aws), _serve(self._gateway)]
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_address[1]}"

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_address[1]}"

    def _aws(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        found = _SCOPE.search(request.headers.get("authorization", ""))
        service = found[1] if found else "unsigned"
        target = request.headers.get("x-amz-target", "")
        line = f"{service} {request.command} {urlsplit(request.path).path} {target or _action(body)}".strip()
        self.calls.append(line)
        if self.trouble is not None and (answer := self.trouble(line)) is not None:
            _answer(request, *answer)
            return
        lost = self.loses(line)
        if lost == "call":
            _reset(request)
            return
        runs_here = self.emulated is not None and (
            service == "xray" or target.endswith("FilterLogEvents") or request.path.endswith("/invocations")
        )
        status, headers, content = _forward(self.emulated.aws_url if runs_here else self.moto_url, request, body)
        if request.command == "PUT" and _CONFIGURATION.fullmatch(urlsplit(request.path).path):
            self.emulated.force_cold()  # as a changed configuration does
        if lost is not None:
            _reset(request)
            return
        if line.endswith("DescribeStacks"):
            content = _API_URL.sub(self.gateway_url.encode(), content)
        _answer(request, status, headers, content)

    def _gateway(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """An HTTP API with IAM authorisation in front of the emulated one."""
        if self.demand_signature and not signed_rightly(request.command, request.path, request.headers, body):
            _answer(request, 403, {"content-type": "application/json"}, b'{"message":"Forbidden"}')
            return
        _answer(request, *_forward(self.emulated.url, request, body))


def signed_rightly(method: str, path: str, headers: Mapping[str, str], body: bytes, secret: str = SECRET) -> bool:
    """Whether the request carries the signature that botocore computes for it (Signature Version 4)."""
    given = headers.get("authorization", "")
    scope = re.search(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+)", given)
    if scope is None:
        return False
    key, region, service, names = scope.groups()
    kept = {name: headers[name] for name in names.split(";") if name != "host"}
    request = AWSRequest(method=method, url=f"http://{headers['host']}{path}", data=body, headers=kept)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials(key, secret, headers.get("x-amz-security-token")), service, region)
    wanted = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return given.endswith(f"Signature={wanted}")


def _action(body: bytes) -> str:
    """The Query protocol names its action in the body."""
    found = re.match(rb"(?:.*&)?Action=(\w+)", body)
    return found[1].decode() if found else ""


def _serve(handle: Any) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            handle(self, self.rfile.read(int(self.headers.get("content-length") or 0)))

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _any  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


def _forward(base: str, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(base).netloc, timeout=60)
    try:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        connection.request(request.command, request.path, body, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in _HOP}
        return response.status, kept, response.read()
    finally:
        connection.close()


def _reset(request: BaseHTTPRequestHandler) -> None:
    """Let the connection's end be a reset."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    request.close_connection = True


def _answer(request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], content: bytes) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("content-length", str(len(content)))
    request.end_headers()
    if request.command != "HEAD":
        request.wfile.write(content)
