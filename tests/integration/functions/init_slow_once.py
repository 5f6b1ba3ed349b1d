"""Never ready at the first attempt, and at once at the second: the environment's folder remembers."""

import os
import time
from pathlib import Path

_mark = Path(os.environ["TMPDIR"], "tried")
if not _mark.exists():
    _mark.touch()
    time.sleep(600)
_begun_s = time.monotonic()
while time.monotonic() - _begun_s < 0.3:
    pass


def handler(event, context):
    return {"init_s": time.monotonic() - _begun_s}
