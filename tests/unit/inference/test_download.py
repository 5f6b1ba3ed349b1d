"""Downloads against real sockets: served, cut off, wrong, refused, and silent."""

from __future__ import annotations

import hashlib
import http.server
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from resnet_bench.errors import WeightsError
from resnet_bench.inference.download import Unreachable, fetch
from resnet_bench.progress import SILENT

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/cut" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@contextmanager
def silent_host() -> Iterator[str]:
    """Takes the connection (the kernel does) and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


class Recorder:
    def __init__(self) -> None:
        self.fractions: list[float | None] = []

    def step(self, text: str, fraction: float | None = None) -> None:
        assert "downloading" in text
        self.fractions.append(fraction)


def attempt(url: str, target: Path, *, prefix: str = SHA256[:8], within_s: float = 20.0) -> None:
    fetch(url, target, sha256_prefix=prefix, answer_within_s=within_s, progress=SILENT)


def test_a_download_arrives_with_progress(server: str, tmp_path: Path) -> None:
    progress = Recorder()
    target = tmp_path / "w.pth"
    fetch(f"{server}/w.pth", target, sha256_prefix=SHA256[:8], answer_within_s=20, progress=progress)
    assert target.read_bytes() == CONTENT
    known = [each for each in progress.fractions if each is not None]
    assert known == sorted(known)
    assert (known[0], known[-1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("path", "prefix", "complaint"),
    [
        ("/w.pth", "00000000", "is not the expected file"),
        ("/cut", SHA256[:8], "broke off"),
        ("/missing", SHA256[:8], "Not Found"),
    ],
)
def test_a_bad_download_is_refused_and_leaves_nothing(
    path: str, prefix: str, complaint: str, server: str, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=complaint):
        attempt(server + path, tmp_path / "w.pth", prefix=prefix)
    assert list(tmp_path.iterdir()) == []


def test_a_refused_connection_is_unreachable(tmp_path: Path) -> None:
    with silent_host() as url:
        pass
    with pytest.raises(Unreachable, match="refused"):
        attempt(url, tmp_path / "w.pth")


def test_a_silent_host_is_given_up_on_time(tmp_path: Path) -> None:
    with silent_host() as url:
        begun = time.monotonic()
        with pytest.raises(Unreachable, match=r"no answer within 0\.3 s"):
            attempt(url, tmp_path / "w.pth", within_s=0.3)
        assert time.monotonic() - begun < 15  # urllib's own time-out is 20 s


def test_a_resolver_that_hangs_is_given_up_on_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()

    def hang(*arguments: object, **options: object) -> None:
        released.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "too late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="no answer within"):
        attempt("http://weights.invalid/w.pth", tmp_path / "w.pth", within_s=0.3)
    assert time.monotonic() - begun < 30
    released.set()
