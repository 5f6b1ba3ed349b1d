"""What no clock and no kernel can have said is refused where it is read."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_bench.results.bounds import Bytes, Elapsed, Moment, Status

_moments = msgspec.json.Decoder(Moment)


_FIRST, _LAST = datetime(1970, 1, 1), datetime(2099, 12, 31)  # noqa: DTZ001 - hypothesis puts the zone to them


@given(st.datetimes(_FIRST, _LAST, timezones=st.just(UTC)))
def test_every_moment_that_is_written_is_read(moment: datetime) -> None:
    for timespec in ("seconds", "milliseconds", "microseconds"):
        text = moment.isoformat(timespec=timespec)
        assert _moments.decode(msgspec.json.encode(text)) == text


@given(st.from_regex(r"\A(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z\Z"))
def test_every_moment_that_is_read_is_one(text: str) -> None:
    try:
        _moments.decode(msgspec.json.encode(text))
    except msgspec.ValidationError:
        return
    datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize(
    "text", ["", "2026-02-29T00:00:00Z", "2026-11-22T08:00:00", "2026-11-22T08:00:00Z\n", "0001-01-01"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        _moments.decode(msgspec.json.encode(text))


@pytest.mark.parametrize(
    ("kind", "value"), [(Elapsed, 0.0), (Elapsed, 1e308), (Bytes, -1), (Bytes, 2**63), (Status, 1000)]
)
def test_what_cannot_have_been_measured_is_refused(kind: type, value: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(value, kind)
