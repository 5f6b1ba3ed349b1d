"""What runs here: enough to tell whether two answers may be compared."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from resnet_bench.results.records import RuntimeFacts

if TYPE_CHECKING:
    from resnet_bench.inference.classify import Classifier
    from resnet_bench.inference.model import Model


def facts(classifier: Classifier, model: Model) -> RuntimeFacts:
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
    )


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The kernel's name of the CPU; arm64 kernels give none, so there it is the architecture."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
