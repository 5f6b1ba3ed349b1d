"""AWS's price list, product by product: prices that can be reckoned with, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite

from fuzz.mutators.documents import document_mutator
from fuzz.target import Target
from price_lists import offered, product
from resnet_bench.aws.products import kind_of, one_price

_ANY = re.compile(r".*", re.DOTALL)


def target(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    price = one_price([text], _ANY)
    if price is not None:
        assert 0 < price <= Decimal(10) ** 9
    kind = kind_of(text)
    if kind is not None:
        vcpus, memory_gb, architecture = kind
        assert 0 < vcpus < 100_000
        assert isfinite(memory_gb)
        assert 0 < memory_gb < 10**6
        assert architecture


def seeds() -> Iterator[bytes]:
    yield product("EU-Lambda-GB-Second", ("0", "0.0000166667"), ("100", "0.00001")).encode()
    yield offered("c7i.large").encode()
    yield offered("t4g.small", vcpu="2", memory="2 GiB", physicalProcessor="AWS Graviton2 Processor").encode()


WORDS = ("USD", "0", "NaN", "sNaN", "Infinity", "1e999999", "1e-999999", "-1", "8 GiB", "1 TiB", "9" * 400 + " GiB")
TARGET = Target(target, seeds, document_mutator(*WORDS, "9" * 5000, "vcpu", "memory"), longest=12_000)
