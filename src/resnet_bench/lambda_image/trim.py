"""Takes out of an image's packages what no function imports. Runs inside the build, on the base's Python alone.

Not in shell: AWS's bases for Python 3.12 and later come without ``find``
(https://github.com/aws/aws-lambda-base-images/issues/196, September 2024).
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

# Tests are never imported, headers, stubs and static libraries are for compilers, bin/ for people at a prompt.
_FOLDERS = ("tests", "include")
_SUFFIXES = (".pyi", ".a")
# ONNX Runtime's tools for conversion and quantisation, which run where a model is made.
_PARTS = (
    "bin",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
)


def trim(packages: Path) -> None:
    """``packages`` is what ``pip install --target`` has filled."""
    folders = [packages / part for part in _PARTS]
    folders += [path for name in _FOLDERS for path in packages.rglob(name) if path.is_dir()]
    for folder in folders:
        # Some are not there, or went with the one they were in.
        shutil.rmtree(folder, ignore_errors=True)
    for suffix in _SUFFIXES:
        for file in packages.rglob(f"*{suffix}"):
            file.unlink()


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
