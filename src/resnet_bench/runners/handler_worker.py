"""A handler in a process of this machine, called by name as AWS calls any, without the work of a runtime client.

What the runtime client does (fetch the event over HTTP, parse it, encode what the handler returns, send it off) is left
out of the handler's time here, so that the difference to an invocation by the real one is what that costs. One JSON
document per line, both ways:

    stdin   an event
    stdout  {"took_s": seconds by this process's clock, "returned": what the handler returned}
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace

# Of a CPU quota, what reading and parsing have used is there again after a period (20 ms): the handler begins with all
# of it, as the local worker does. Otherwise it would be charged for some milliseconds of waiting that are not its own.
_REFILL_S = 0.05


def main() -> None:
    """``sys.argv[1]`` is ``module.function``; runs until standard input ends."""
    # Handlers print, and Lambda takes it for their log: it must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    module, _, function = sys.argv[1].rpartition(".")
    handler = getattr(importlib.import_module(module), function)
    context = SimpleNamespace(aws_request_id=None)
    for line in sys.stdin.buffer:
        event = json.loads(line)
        time.sleep(_REFILL_S)
        started_s = time.perf_counter()
        returned = handler(event, context)
        took_s = time.perf_counter() - started_s
        # A part of the handler's log that is still in a buffer would be written within the next call.
        sys.stdout.flush()
        answers.write(json.dumps({"took_s": took_s, "returned": returned}).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
