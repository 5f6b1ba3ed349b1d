"""Equal parts of samples are one object, and a sample stays what it was."""

from __future__ import annotations

import msgspec

from factories import make_answer, make_failed, make_sample
from resnet_bench.results.records import Sample
from resnet_bench.results.sharing import Sharing


def read_anew(sample: Sample) -> Sample:
    return msgspec.json.decode(msgspec.json.encode(sample), type=Sample)


def test_samples_share_what_is_equal_in_their_answers():
    sharing = Sharing()
    first, second = (sharing.shared(read_anew(make_sample(total_s=total_s))) for total_s in (0.04, 0.05))
    for part in ("runtime", "predictions", "original_size", "processed_size"):
        assert getattr(first.outcome, part) is getattr(second.outcome, part)
    assert first.outcome.identity.environment_id is second.outcome.identity.environment_id


def test_a_shared_sample_equals_what_it_was_made_of():
    sharing = Sharing()
    samples = [make_sample(), make_sample("remote", engine="onnx"), make_failed(), make_sample(phase="cold")]
    assert [sharing.shared(read_anew(sample)) for sample in samples * 2] == samples * 2


def test_what_differs_is_not_shared():
    sharing = Sharing()
    usual, other = make_answer(), make_answer(predictions=make_answer().predictions[::-1])
    first, second = (sharing.shared(make_sample(outcome=outcome)) for outcome in (usual, other))
    assert first.outcome.predictions == second.outcome.predictions[::-1]
