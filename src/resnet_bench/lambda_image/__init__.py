"""The container image that Lambda runs: what goes into it, building it and pushing it (``Dockerfile.lambda``)."""

from __future__ import annotations

from typing import Literal

Architecture = Literal["x86_64", "arm64"]
ARCHITECTURES: tuple[Architecture, ...] = ("x86_64", "arm64")
