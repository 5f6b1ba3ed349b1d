"""Requests that two readers could take for two different ones (request smuggling): one reading, or a 400."""

from __future__ import annotations

from collections.abc import Iterator

import h11
import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from raw_http import Request, Witness, head, listening, told
from resnet_bench.http_server import HttpServer

CHUNKED = b"transfer-encoding: chunked"
END = b"0\r\n\r\n"
GET = b"GET / HTTP/1.1"
LAST = head(b"connection: close", line=b"GET /last HTTP/1.1")

AMBIGUOUS = {
    "length and chunks": head(b"content-length: 5", CHUNKED) + END,
    "chunks and length": head(CHUNKED, b"content-length: 5") + END,
    "two lengths": head(b"content-length: 3", b"content-length: 4") + b"abcd",
    "the same length twice": head(b"content-length: 3", b"content-length: 3") + b"abc",
    "a list of lengths": head(b"content-length: 3, 3") + b"abc",
    "a negative length": head(b"content-length: -3") + b"abc",
    "a length with a sign": head(b"content-length: +3") + b"abc",
    "a length with an underscore": head(b"content-length: 3_0") + b"abc",
    "a length in hexadecimal": head(b"content-length: 0x3") + b"abc",
    "an empty length": head(b"content-length: ") + b"abc",
    "a length beyond 64 bits": head(b"content-length: 18446744073709551619") + b"abc",
    "no coding": head(b"transfer-encoding: identity") + b"abc",
    "an unknown coding": head(b"transfer-encoding: xchunked") + END,
    "a coding that nobody decodes": head(b"transfer-encoding: gzip, chunked") + END,
    "chunked, and then not": head(b"transfer-encoding: chunked, identity") + END,
    "chunked twice": head(b"transfer-encoding: chunked, chunked") + END,
    "two codings": head(b"transfer-encoding: identity", CHUNKED) + END,
    "a coding with a control character": head(b"transfer-encoding: \x0bchunked") + END,
    "a quoted coding": head(b'transfer-encoding: "chunked"') + END,
    "an empty coding": head(b"transfer-encoding: ", b"content-length: 3") + b"abc",
    "chunks in HTTP/1.0": head(CHUNKED, line=b"POST / HTTP/1.0") + END,
    "a space before the colon": head(b"content-length : 3") + b"abc",
    "a space before the other colon": head(b"transfer-encoding : chunked") + END,
    "a folded field": head(b"x: a\r\n b", line=GET),
    "a folded length": head(b"content-length:\r\n 3") + b"abc",
    "a folded coding": head(b"transfer-encoding:\r\n chunked") + END,
    "a space before the first field": b"GET / HTTP/1.1\r\n x: a\r\nhost: 127.0.0.1\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nhost: 127.0.0.1\n\n",
    "a bare line feed": head(b"x: a\ny: b", line=GET),
    "a bare carriage return": head(b"x: a\ry: b", line=GET),
    "a NUL": head(b"x: a\0b", line=GET),
    "no name": head(b": a", line=GET),
    "no colon": head(b"xyz", line=GET),
    "a name outside ASCII": head(b"x\xe4: a", line=GET),
    "a chunk's size with a space": head(CHUNKED) + b"3 \r\nabc\r\n" + END,
    "a chunk's size with a sign": head(CHUNKED) + b"-3\r\nabc\r\n" + END,
    "a chunk's size with 0x": head(CHUNKED) + b"0x3\r\nabc\r\n" + END,
    "a chunk's size beyond 64 bits": head(CHUNKED) + b"10000000000000003\r\nabc\r\n" + END,
    "a chunk that is longer": head(CHUNKED) + b"3\r\nabcd\r\n" + END,
    "a chunk's extension with a line feed": head(CHUNKED) + b"3;a\nabc\r\n" + END,
    "chunks with line feeds": head(CHUNKED) + b"3\nabc\n0\n\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": head(b"host: 127.0.0.1", line=GET),
    "an address that is not Host": head(line=b"GET http://other.example/x HTTP/1.1"),
    "an address with a user": head(line=b"GET http://user@127.0.0.1/x HTTP/1.1"),
    "an address of another scheme": head(line=b"GET https://127.0.0.1/x HTTP/1.1"),
    "a fragment": head(line=b"GET /a#b HTTP/1.1"),
    "no path": head(line=b"GET ?a HTTP/1.1"),
    "a space in the path": head(line=b"GET /a b HTTP/1.1"),
    "a tab in the path": head(line=b"GET /a\tb HTTP/1.1"),
    "a NUL in the path": head(line=b"GET /a\0b HTTP/1.1"),
    "a path outside ASCII": head(line=b"GET /\xc3\xa4 HTTP/1.1"),
    "a tunnel": head(line=b"CONNECT 127.0.0.1:1 HTTP/1.1"),
    "an echo": head(line=b"TRACE / HTTP/1.1"),
    "a method in lower case": head(line=b"get / HTTP/1.1"),
    "another protocol": head(line=b"DESCRIBE / RTSP/1.0"),
    "HTTP/2's preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/2.0": head(line=b"GET / HTTP/2.0"),
    "HTTP/1.2": head(line=b"GET / HTTP/1.2"),
    "HTTP/0.9": b"GET /\r\n\r\n",
    "two content types": head(b"content-type: image/png", b"content-type: text/html", b"content-length: 3") + b"abc",
    "two origins": head(b"origin: http://127.0.0.1", b"origin: https://other.example"),
    "more fields than anybody needs": head(*[b"a: b"] * 257, line=GET),
}


@pytest.fixture(scope="module")
def witness() -> Witness:
    return Witness()


@pytest.fixture(scope="module")
def server(witness: Witness) -> Iterator[HttpServer]:
    with listening(witness) as made:
        yield made


@pytest.fixture(autouse=True)
def forgotten(witness: Witness) -> None:
    witness.seen.clear()


@pytest.mark.parametrize("kind", AMBIGUOUS)
def test_what_could_be_read_in_two_ways_reaches_no_application(server: HttpServer, witness: Witness, kind: str) -> None:
    said = told(server, AMBIGUOUS[kind])
    assert said.startswith(b"HTTP/1.1 400 ")
    assert said.count(b"content-length:") == 1, "one answer, and the connection ends"
    assert witness.seen == []


def test_an_address_that_is_host_is_one_more_way_of_saying_it(server: HttpServer, witness: Witness) -> None:
    assert told(server, head(line=b"GET http://127.0.0.1/x HTTP/1.1") + LAST).startswith(b"HTTP/1.1 200 ")
    assert witness.seen[0].target == b"/x"


def test_what_follows_the_body_is_no_field_of_the_request(server: HttpServer, witness: Witness) -> None:
    told(server, head(CHUNKED) + b"3\r\nabc\r\n0\r\nauthorization: Bearer x\r\nhost: other.example\r\n\r\n" + LAST)
    fields = ((b"host", b"127.0.0.1"), (b"transfer-encoding", b"chunked"))
    assert witness.seen[0] == Request("POST", b"/", fields, b"abc")


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0, HTTP/1.1"])
@pytest.mark.parametrize("body", [(b"content-length: 3", b"abc"), (CHUNKED, b"3\r\nabc\r\n0\r\n\r\n")])
def test_who_would_rather_speak_another_protocol_is_answered_in_this_one(
    server: HttpServer, witness: Witness, protocol: bytes, body: tuple[bytes, bytes]
) -> None:
    """Java's HTTP client asks for HTTP/2 with every first request, a body behind it."""
    raw = head(b"connection: Upgrade, HTTP2-Settings", b"upgrade: " + protocol, b"http2-settings: x", body[0]) + body[1]
    said = told(server, raw + LAST)
    assert said.count(b"HTTP/1.1 200 ") == 2
    assert [(each.target, each.body) for each in witness.seen] == [(b"/", b"abc"), (b"/last", b"")]


def test_what_is_no_request_is_not_answered_in_the_place_of_one_that_is(server: HttpServer) -> None:
    said = told(server, head(line=GET) + b"\0no request\r\n\r\n")
    assert not said.startswith(b"HTTP/1.1 400"), "the first request was a good one"


def test_requests_ahead_are_answered_in_order_and_not_without_end(server: HttpServer, witness: Witness) -> None:
    ahead = [head(line=b"GET /%d HTTP/1.1" % number) for number in range(10)]
    assert told(server, b"".join([*ahead, LAST])).count(b"HTTP/1.1 200 ") == 11
    assert [each.target for each in witness.seen] == [*(b"/%d" % number for number in range(10)), b"/last"]
    witness.seen.clear()
    told(server, b"".join(ahead) * 500)
    assert len(witness.seen) < 100


def by_another_reader(raw: bytes) -> list[Request] | None:
    """As h11 reads it, which is strict too; ``None`` if it finds no request, or not only whole ones."""
    reader = h11.Connection(h11.SERVER)
    reader.receive_data(raw)
    reader.receive_data(b"")
    found: list[Request] = []
    said: object = None
    try:
        while not isinstance(said, h11.ConnectionClosed):
            said = reader.next_event()
            if isinstance(said, h11.Request):
                asked, body = said, b""
            elif isinstance(said, h11.Data):
                body += bytes(said.data)
            elif isinstance(said, h11.EndOfMessage):
                found.append(Request(asked.method.decode(), asked.target, tuple(asked.headers), body))
                reader.send(h11.Response(status_code=200, headers=[("content-length", "0")]))
                reader.send(h11.EndOfMessage())
                if reader.our_state is h11.MUST_CLOSE:
                    return found
                reader.start_next_cycle()
            elif said in (h11.NEED_DATA, h11.PAUSED):
                return None
    except h11.ProtocolError:
        return None
    return found


PIECES = st.sampled_from(
    [
        b"content-length: 3",
        b"content-length: 0",
        b"Content-Length:3",
        b"content-length: 3,3",
        b"transfer-encoding: chunked",
        b"Transfer-Encoding:chunked",
        b"transfer-encoding: identity",
        b"x: y",
        b"x:",
        b"connection: close",
        b"connection: keep-alive",
        b"expect: 100-continue",
        b"host: 127.0.0.1",
    ]
)
BODIES = st.sampled_from(
    [b"", b"abc", b"3\r\nabc\r\n0\r\n\r\n", b"3;x=y\r\nabc\r\n0\r\nz: 1\r\n\r\n", b"0\r\n\r\n", b"\r\n"]
)
LINES = st.sampled_from(
    [b"POST / HTTP/1.1", b"GET /a?b HTTP/1.1", b"POST / HTTP/1.0", b"GET http://127.0.0.1/ HTTP/1.1"]
)
SPOILT = st.one_of(st.none(), st.tuples(st.integers(0, 400), st.sampled_from([b"\r", b"\n", b" ", b"\0", b":", b"\t"])))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(LINES, st.lists(PIECES, max_size=4), BODIES), min_size=1, max_size=3), spoilt=SPOILT)
def test_two_readers_find_the_same_requests_in_the_same_bytes(
    server: HttpServer,
    witness: Witness,
    asked: list[tuple[bytes, list[bytes], bytes]],
    spoilt: tuple[int, bytes] | None,
) -> None:
    raw = b"".join(head(*fields, line=line) + body for line, fields, body in asked)
    if spoilt is not None:
        place = spoilt[0] % len(raw)
        raw = raw[:place] + spoilt[1] + raw[place:]
    raw += LAST
    theirs = by_another_reader(raw)
    assume(theirs is not None)
    witness.seen.clear()
    told(server, raw)
    found = [Request(each.method, _path(each.target), each.fields, each.body) for each in witness.seen]
    wanted = [Request(each.method, _path(each.target), each.fields, each.body) for each in theirs or ()]
    assert found == wanted[: len(found)], "some may have been refused, and all behind them"
    event("read alike" if found == wanted else "refused by this one")


def _path(target: bytes) -> bytes:
    return target.removeprefix(b"http://127.0.0.1")
