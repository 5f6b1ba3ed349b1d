"""What is reached, by sockets of this machine: a server that speaks TLS, one that does not, a proxy, and nobody."""

from __future__ import annotations

import importlib.util
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from examined import only
from resnet_bench.diagnosis import reachable
from resnet_bench.diagnosis.reachable import Place, examine_reachable, reached
from resnet_bench.inference.published import HOST

PLACES = (
    Place("reachable-weights", "weights", "weights.invalid", "untrained ones", needed=True, todo="--weights PATH"),
    Place("reachable-sts", "AWS", "sts.invalid", "--stack cannot work", ("calls to AWS",)),
)


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_what_answers_is_told_with_its_time() -> None:
    found = list(examine_reachable(PLACES, lambda _host, _port: 0.012, environ={}))
    assert [one.verdict for one in found] == ["ok", "ok", "ok"]
    assert only(found, code="reachable-sts").told == "TLS in 12.0 ms"


def test_what_is_needed_and_not_reached_is_a_doubt_and_the_rest_is_not_measured() -> None:
    found = list(examine_reachable(PLACES, lambda _host, _port: "no way there", environ={}))
    weights, sts = (only(found, code=place.code) for place in PLACES)
    assert (weights.verdict, weights.told, weights.todo) == ("doubt", "not reached: no way there", "--weights PATH")
    assert (sts.verdict, sts.todo, sts.topics) == ("not measured", "", ("calls to AWS",))


def test_a_host_that_never_answers_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reachable, "WITHIN_S", 0.05)
    silent = socket.socketpair()
    try:
        found = list(examine_reachable(PLACES, lambda _host, _port: silent[0].recv(1) and 1.0, environ={}))
    finally:
        silent[1].close()
        silent[0].close()
    assert {only(found, code=place.code).told for place in PLACES} == {"not reached: no answer within 0.05 s"}


def test_a_port_without_tls_and_one_without_anybody_are_not_reached(listening: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        free = closed.getsockname()[1]
    assert isinstance(reached("127.0.0.1", listening), float)
    assert reached("127.0.0.1", free) == "Connection refused"
    assert isinstance(reachable.connected("127.0.0.1", free), str)


def test_a_proxy_is_tried_in_their_place_and_its_password_is_told_to_nobody(listening: int) -> None:
    address = f"http://ann:secret@127.0.0.1:{listening}"
    environ = {"https_proxy": address, "NO_PROXY": "localhost"}
    found = list(examine_reachable(PLACES, lambda _host, _port: "not tried", environ=environ))
    assert only(found, code="reachable-proxy").told == "HTTPS_PROXY 127.0.0.1, NO_PROXY localhost"
    assert only(found, code="reachable-weights").told.startswith("its proxy answers in ")
    assert "secret" not in str(found)


@pytest.mark.parametrize("proxy", ["http://[", "://", ""])
def test_an_unreadable_proxy_breaks_nothing(proxy: str) -> None:
    found = list(examine_reachable(PLACES, lambda _host, _port: 0.1, environ={"HTTPS_PROXY": proxy}))
    assert only(found, code="reachable-sts").verdict == "ok"


def test_the_weights_host_is_where_torchvision_says() -> None:
    # Importing it would take seconds.
    package = importlib.util.find_spec("torchvision")
    assert package is not None
    assert package.origin is not None
    source = (Path(package.origin).parent / "models" / "resnet.py").read_text()
    assert {*re.findall(r'url="https://([^/"]+)/models/resnet50', source)} == {HOST}
