"""The classifier that the handler and the local worker share: loading it, timed, and asking it.

Imports nothing heavy before ``load_classifier`` is called.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import partial

import msgspec

from resnet_bench.inference import engines, labels
from resnet_bench.inference.facts import runtime_facts
from resnet_bench.inference.model import Model
from resnet_bench.inference.pipeline import Clock, Pipeline
from resnet_bench.results.records import Answer, ColdStages, Identity, MemoryUse, RuntimeFacts
from resnet_bench.sandbox import memory


@dataclass
class Classifier:
    """A loaded pipeline and what is known about its process. Not for two threads at once.

    ``cold`` is the process's start-up; ``first_inference_s`` is missing from it until the first ``answer``, which
    carries it. ``baseline_rss_bytes`` was resident before the engine was imported.
    """

    pipeline: Pipeline
    runtime: RuntimeFacts
    cold: ColdStages
    baseline_rss_bytes: int
    _answered: bool = field(default=False, init=False)

    def answer(
        self,
        data: bytes,
        identity: Identity,
        *,
        top: int = 5,
        started_s: float | None = None,
        read_s: float | None = None,
        json_parse_s: float | None = None,
        base64_decode_s: float | None = None,
        memory_limit_bytes: int | None = None,
    ) -> Answer:
        """Classify, and say everything about it. The parameters are those of ``Pipeline.classify``.

        Memory is read after the last stage, outside ``total_s``.

        Raises:
            ImageError: the bytes are not an image that can be classified.
            EngineError: the network's answer is not finite.
        """
        result = self.pipeline.classify(
            data,
            top=top,
            started_s=started_s,
            read_s=read_s,
            json_parse_s=json_parse_s,
            base64_decode_s=base64_decode_s,
        )
        first, self._answered = not self._answered, True
        if first:
            self.cold = msgspec.structs.replace(self.cold, first_inference_s=result.stages.inference_s)
        return Answer(
            predictions=result.predictions,
            original_size=result.original_size,
            processed_size=result.processed_size,
            stages=result.stages,
            memory=self._memory(memory_limit_bytes),
            runtime=self.runtime,
            identity=identity,
            cold=self.cold if first else None,
        )

    def _memory(self, limit_bytes: int | None) -> MemoryUse:
        peak = memory.peak_rss_bytes()
        return MemoryUse(
            rss_bytes=memory.rss_bytes(),
            peak_rss_bytes=peak,
            baseline_rss_bytes=self.baseline_rss_bytes,
            limit_bytes=limit_bytes,
            utilisation=peak / limit_bytes if limit_bytes else None,
        )


def load_classifier(
    engine_name: str,
    model: Model,
    threads: int,
    *,
    interpreter_s: float | None = None,
    baseline_rss_bytes: int | None = None,
    clock: Clock = time.perf_counter,
) -> Classifier:
    """Load everything that a classification needs, timed as the parts of a cold start.

    ``interpreter_s`` is ``coldstart.process_age_s()`` and ``baseline_rss_bytes`` the resident memory, both taken by
    the caller before its first heavy import (default for the latter: now). ``clock`` is monotonic, in seconds.

    Raises:
        UsageError: no engine has that name.
        EngineError: its library is not installed, or its artefact is missing or broken.
    """
    baseline = memory.rss_bytes() if baseline_rss_bytes is None else baseline_rss_bytes
    begun_s = clock()
    engines.registered(engine_name).import_libraries()
    from resnet_bench.inference import images

    imported_s = clock()
    engine = engines.load(engine_name, model, threads)
    names = labels.load()
    loaded_s = clock()
    cold = ColdStages(
        interpreter_s=interpreter_s,
        imports_s=imported_s - begun_s,
        weights_s=engine.weights_s,
        engine_s=loaded_s - imported_s - (engine.weights_s or 0.0),
    )
    preprocess = partial(images.preprocess, resize=model.manifest.resize)
    pipeline = Pipeline(engine, images.decode, preprocess, names, clock)
    return Classifier(pipeline, runtime_facts(engine, model), cold, baseline)
