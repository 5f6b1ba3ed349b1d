"""Who is timed for what, with a false clock and an engine that does nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from resnet_bench.errors import ImageError
from resnet_bench.inference import labels
from resnet_bench.inference.classify import Classifier
from resnet_bench.inference.images import Decoded
from resnet_bench.results.records import ColdStages


@dataclass
class FalseClock:
    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def after(self, seconds: float) -> None:
        self.now_s += seconds


@dataclass
class NullEngine:
    during: Callable[[], None] = lambda: None
    name: str = "null"
    precision: str = "none"
    threads_count: int = 1
    weights_s: float | None = None
    versions: dict[str, str] = field(default_factory=dict)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        self.during()
        logits = np.zeros((1, 1000), np.float32)
        logits[0, 281] = 10
        return logits


def classifier(clock: FalseClock) -> Classifier:
    def decode(data: bytes) -> Decoded:
        clock.after(2)
        return Decoded(Image.new("RGB", (8, 4)), (8, 4), "PNG")

    def preprocess(decoded: Decoded) -> NDArray[np.float32]:
        clock.after(3)
        return np.zeros((1, 3, 224, 224), np.float32)

    engine = NullEngine(during=lambda: clock.after(5))
    cold = ColdStages(interpreter_s=0.1, imports_s=0.2, weights_s=None, engine_s=0.3)
    return Classifier(engine, decode, preprocess, labels.load(), cold, clock)


def test_each_stage_has_its_own_time_and_the_total_is_their_sum() -> None:
    stages = classifier(FalseClock()).classify(b"").stages
    assert (stages.decode_s, stages.preprocess_s, stages.inference_s, stages.postprocess_s) == (2, 3, 5, 0)
    assert stages.total_s == 10
    assert (stages.read_s, stages.json_parse_s, stages.base64_decode_s) == (None, None, None)


def test_the_callers_own_stages_are_handed_through_and_counted() -> None:
    clock = FalseClock()
    started_s = clock()
    clock.after(7)
    stages = classifier(clock).classify(b"", started_s=started_s, json_parse_s=4, base64_decode_s=2.5).stages
    assert (stages.json_parse_s, stages.base64_decode_s, stages.total_s) == (4, 2.5, 17)


def test_the_answer_has_sizes_and_as_many_predictions_as_asked() -> None:
    result = classifier(FalseClock()).classify(b"", top=3)
    assert (result.original_size, result.processed_size) == ((8, 4), (224, 224))
    assert len(result.predictions) == 3
    assert result.predictions[0].name == "tabby"


def test_the_first_inference_belongs_to_the_cold_start_and_stays() -> None:
    clock = FalseClock()
    subject = classifier(clock)
    assert subject.cold is not None
    assert subject.cold.first_inference_s is None
    subject.classify(b"")
    assert subject.cold.first_inference_s == 5
    subject.engine = NullEngine(during=lambda: clock.after(1))
    subject.classify(b"")
    assert subject.cold.first_inference_s == 5


def test_what_decoding_raises_reaches_the_caller() -> None:
    def refuse(data: bytes) -> Decoded:
        raise ImageError("no", code="corrupt_image")

    subject = classifier(FalseClock())
    subject.decode = refuse
    with pytest.raises(ImageError):
        subject.classify(b"")
    assert subject.cold is not None
    assert subject.cold.first_inference_s is None
