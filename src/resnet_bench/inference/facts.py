"""What runs here: enough to tell whether two answers may be compared."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

from resnet_bench.processor import cpu_model
from resnet_bench.results.records import Decode, RuntimeFacts

if TYPE_CHECKING:
    from resnet_bench.inference.classify import Classifier
    from resnet_bench.inference.model import Model


def facts(classifier: Classifier, model: Model, decode: Decode = "exact") -> RuntimeFacts:
    """The same for every call of a process, so ask once."""
    import numpy as np
    import PIL

    engine = classifier.engine
    return RuntimeFacts(
        engine=engine.name,
        precision=engine.precision,
        threads_count=engine.threads_count,
        vcpus_count=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        versions={**engine.versions, "numpy": np.__version__, "pillow": PIL.__version__},
        cpu_model=cpu_model(),
        weights=model.manifest.weights,
        weights_sha256=model.manifest.weights_sha256,
        trained=model.manifest.trained,
        decode=decode,
        agreements=model.agreements(engine.name, decode),
    )
