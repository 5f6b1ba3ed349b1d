"""The engine seam: what runs the network, and nothing else.

An engine maps one preprocessed image to logits. Whatever differs between engines (graph formats,
thread pools, mapped weights) stays behind this interface; callers never learn which one they have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from resnet_bench.inference.engines import Registered
    from resnet_bench.inference.model import Model


class Engine(Protocol):
    """A loaded network, ready to run.

    ``name`` is its variant's; ``precision`` is what it computes in: ``float32``, ``int8`` or ``bfloat16``;
    ``weights_s`` is the time spent reading weights while loading, ``None`` if the engine cannot tell it
    from the rest; ``versions`` names the libraries that do the work.
    """

    name: str
    precision: str
    threads_count: int
    weights_s: float | None
    versions: dict[str, str]

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Logits, float32 of shape (1, 1000), for a float32 NCHW batch of shape (1, 3, 224, 224)."""
        ...


class EngineFactory(Protocol):
    """One engine's module, as the registry sees it. All imports of heavy libraries happen in ``load``."""

    def load(self, variant: Registered, model: Model, threads: int) -> Engine:
        """Load what ``model`` keeps for this variant.

        Raises:
            EngineError: the engine's library is not installed, or its file is missing or broken.
        """
        ...
