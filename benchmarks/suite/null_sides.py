"""Two sides that classify nothing: answers as large and as varied as real ones, read from JSON anew for each call."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from resnet_bench.inference import labels
from resnet_bench.results.records import (
    Answer,
    ClientTimes,
    Identity,
    MemoryUse,
    Prediction,
    ReportLine,
    RuntimeFacts,
    Sample,
    Side,
    Skipped,
    StageTimes,
)
from resnet_bench.runners.base import Measurement, Photo
from resnet_bench.units import MIB

ENGINE = "onnx"
_USUAL_S: dict[Side, float] = {"local": 0.04, "remote": 0.2}
_NO_CLIENT = Skipped("a local call has no client")
_decoder = msgspec.json.Decoder(Answer)


@dataclass
class NullSide:
    """``on_call`` is told of each call before it is answered."""

    side: Side
    on_call: Callable[[], None]
    engine: str = ENGINE
    _fresh: bool = True
    _random: random.Random = field(default_factory=lambda: random.Random(1))

    def classify(self, photo: Photo) -> Measurement:  # noqa: ARG002 - a runner's signature
        self.on_call()
        total_s = _USUAL_S[self.side] * self._random.lognormvariate(0, 0.1)
        line = msgspec.json.encode(self._answer(total_s))
        client = _client(total_s) if self.side == "remote" else _NO_CLIENT
        return Measurement(_decoder.decode(line), client, cgroup_peak_bytes=450 * MIB)

    def _answer(self, total_s: float) -> Answer:
        cold, self._fresh = self._fresh, False
        remote = self.side == "remote"
        named = labels.load()[:5]
        share_s = total_s * self._random.uniform(0.19, 0.2)
        return Answer(
            predictions=tuple(
                Prediction(place, each.wordnet_id, each.name, 0.5**place / 3) for place, each in enumerate(named)
            ),
            original_size=(451, 300),
            processed_size=(224, 224),
            stages=StageTimes(
                json_parse_s=0.01 * total_s if remote else None,
                base64_decode_s=0.02 * total_s if remote else None,
                read_s=None if remote else 0.03 * total_s,
                decode_s=share_s,
                preprocess_s=share_s / 2,
                inference_s=3 * share_s,
                postprocess_s=share_s / 50,
                total_s=total_s,
                cpu_wait_s=share_s / 1000,
            ),
            memory=MemoryUse(
                rss_bytes=self._random.randrange(300, 310) * MIB,
                peak_rss_bytes=310 * MIB,
                baseline_rss_bytes=12 * MIB,
                limit_bytes=1024 * MIB if remote else None,
                utilisation=310 / 1024 if remote else None,
            ),
            runtime=_FACTS,
            identity=Identity(
                environment_id=f"{self.side:0>32}",
                invocation_count=1 if cold else 2,
                cold_start=cold,
                request_id=f"{self._random.getrandbits(128):032x}" if remote else None,
                trace_id=f"1-{self._random.getrandbits(128):032x}" if remote else None,
                sampled=False if remote else None,
            ),
        )

    def force_cold(self) -> None:
        self._fresh = True

    def complete(self, samples: list[Sample]) -> list[Sample]:
        """The REPORT line of each, as a deployed side brings it."""
        if self.side == "local":
            return samples
        return [msgspec.structs.replace(sample, report=_report(sample)) for sample in samples]

    def close(self) -> None:
        pass


_FACTS = RuntimeFacts(
    engine=ENGINE,
    precision="float32",
    threads_count=1,
    vcpus_count=2,
    python="3.11.7",
    versions={"onnxruntime": "1.32.0", "numpy": "2.4.6", "pillow": "13.0.0"},
    cpu_model="Intel(R) Core(TM) i7-13700K",
    weights="random",
    weights_sha256="a" * 64,
    trained=False,
)


def _client(total_s: float) -> ClientTimes:
    return ClientTimes(
        prepare_s=0.0007 * total_s,
        connect_s=None,
        tls_s=None,
        send_s=0.002 * total_s,
        wait_s=1.01 * total_s,
        receive_s=0.001 * total_s,
        total_s=1.02 * total_s,
        sent_bytes=120_000,
        received_bytes=2_100,
        http_status=200,
    )


def _report(sample: Sample) -> ReportLine:
    assert isinstance(sample.outcome, Answer)
    duration_s = sample.outcome.stages.total_s * 1.01
    return ReportLine(
        request_id=f"{sample.outcome.identity.request_id}",
        duration_s=duration_s,
        billed_s=duration_s,
        memory_size_bytes=1024 * MIB,
        max_memory_used_bytes=310 * MIB,
        init_s=0.4 if sample.phase == "cold" else None,
    )
