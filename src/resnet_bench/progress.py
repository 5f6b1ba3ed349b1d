"""How library code tells what it is doing, without printing: the caller decides whether and how to show it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the steps of long work."""

    def step(self, text: str, fraction: float | None = None) -> None:
        """``text`` says what is being done; ``fraction`` (0 to 1) how far it is, ``None`` if that is unknown."""
        ...


class _Silent:
    def step(self, text: str, fraction: float | None = None) -> None:
        pass


SILENT: Progress = _Silent()
