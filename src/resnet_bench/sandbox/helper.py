"""How this package's own small processes (launcher, janitor, throttler) are started.

They are modules with a ``main()`` that use the standard library alone, run by an interpreter that skips
``site`` and the environment (``-I -S``): ready in about 15 ms, whatever the user's set-up does at start-up.
"""

from __future__ import annotations

import sys
from pathlib import Path

# Appended, not inserted: on an installed copy this is site-packages, which must not shadow the standard library.
_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])


def helper_command(module: str) -> tuple[str, ...]:
    """The command that runs ``main()`` of ``resnet_bench.sandbox.<module>``; ``sys.argv[1:]`` is what follows it."""
    code = f"import sys; sys.path.append({_PACKAGE_PARENT!r}); from resnet_bench.sandbox.{module} import main; main()"
    return (sys.executable, "-I", "-S", "-c", code)
