"""Records without account data: what they quote of AWS and of addresses is stripped, all else stays as it is."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from resnet_bench.aws.privacy.account_data import URL, strip_text
from resnet_bench.results.records import Answer, Attempt, ClientTimes, Failed, ReportLine, Skipped, TraceTimes
from resnet_bench.results.run import Caveat

T = TypeVar("T", bound=Struct)

# Most of a sample, and no field at any depth that holds words of others: not gone through.
TEXTLESS: frozenset[type] = frozenset({Answer, ClientTimes, TraceTimes, ReportLine})

# The fields that hold words of others. Ids, by which a call is found again, stand in fields of their own.
FREE_TEXT: dict[type, tuple[str, ...]] = {
    Attempt: ("message",),
    Caveat: ("message", "next_step"),
    Failed: ("message",),
    Skipped: ("reason",),
}


def strip_record(record: T, hosts: tuple[str, ...] = ()) -> T:
    """``record`` with its messages and reasons stripped, at any depth; itself, if there is nothing to strip.

    ``hosts`` are names that tell whose account it is and look like any other: a domain of one's own.

    Takes some microseconds for a sample: for outside of what is timed.
    """
    changes: dict[str, Any] = {}
    texts = FREE_TEXT.get(type(record), ())
    for name in record.__struct_fields__:
        value = getattr(record, name)
        stripped = _without(hosts, strip_text(value)) if name in texts else _strip_value(value, hosts)
        if stripped is not value and stripped != value:
            changes[name] = stripped
    return replace(record, **changes) if changes else record


def _strip_value(value: Any, hosts: tuple[str, ...]) -> Any:
    if isinstance(value, Struct):
        return value if type(value) in TEXTLESS else strip_record(value, hosts)
    if isinstance(value, tuple):
        return tuple(_strip_value(item, hosts) for item in value)
    return value


def _without(hosts: tuple[str, ...], text: str) -> str:
    for host in hosts:
        text = text.replace(host, URL)
    return text
