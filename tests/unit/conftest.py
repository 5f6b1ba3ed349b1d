"""No test may fail because the machine is busy: hypothesis' own time limit for an example is off."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("busy-machine", deadline=None)
settings.load_profile("busy-machine")
