"""What a sandboxed program gets of this process's environment variables."""

from __future__ import annotations

import os

# A function on Lambda sees nothing of its deployer's shell, and whatever it logs must not be able to hold the user's
# secrets. These few decide which code runs, and whether it can. The local side gets the same ones and no others: what
# slows a library (OMP_*, ONEDNN_*, MALLOC_*, LD_PRELOAD) must not work on one side alone.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SSL_CERT_FILE", "OPENBLAS_CORETYPE")


def inherited_variables() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ} | {"LANG": "en_US.UTF-8"}
