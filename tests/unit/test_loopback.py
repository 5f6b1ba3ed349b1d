"""Which addresses are this machine's own."""

from __future__ import annotations

import pytest

from resnet_bench.loopback import is_loopback, is_loopback_url


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://127.8.0.1", "http://localhost:80/x", "http://[::1]:9"])
def test_urls_of_this_machine(url: str) -> None:
    assert is_loopback_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://xray.eu-west-1.amazonaws.com",
        "http://10.0.0.1",
        "http://localhost.evil.example",
        "127.0.0.1",
        "",
        "http://[x",
    ],
)
def test_urls_elsewhere(url: str) -> None:
    assert not is_loopback_url(url)


@pytest.mark.parametrize(("host", "own"), [("::1", True), ("127.0.0.1", True), ("0.0.0.0", False), ("host", False)])
def test_hosts(host: str, own: bool) -> None:
    assert is_loopback(host) is own
