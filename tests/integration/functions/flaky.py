"""The real handler, which at every tenth call does what ``FLAKY`` says instead."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

from resnet_bench.handler import handler as whole

_calls = itertools.count(1)


def _fail() -> None:
    raise RuntimeError("the tenth call")


_WAYS = {"fail": _fail, "die": lambda: os._exit(9), "hang": lambda: time.sleep(600)}


def handler(event: dict[str, Any], context: Any) -> Any:
    if next(_calls) % 10 == 0:
        _WAYS[os.environ["FLAKY"]]()
    return whole(event, context)
