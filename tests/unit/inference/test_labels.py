from __future__ import annotations

import re

from torchvision.models import ResNet50_Weights

from resnet_bench.inference import labels


def test_the_names_are_torchvisions_in_its_order() -> None:
    for weights in ResNet50_Weights:
        assert [label.name for label in labels.load()] == weights.meta["categories"]


def test_the_wordnet_ids_are_1000_different_nouns_in_imagenets_order() -> None:
    ids = [label.wordnet_id for label in labels.load()]
    assert len(set(ids)) == 1000
    assert all(re.fullmatch(r"n\d{8}", each) for each in ids)
    assert ids == sorted(ids)  # ImageNet numbers its classes by id


def test_some_well_known_classes() -> None:
    known = {0: ("n01440764", "tench"), 281: ("n02123045", "tabby"), 999: ("n15075141", "toilet tissue")}
    assert {index: labels.load()[index] for index in known} == known


def test_homonyms_keep_different_names() -> None:
    assert labels.load()[134].name == "crane bird"
    assert labels.load()[517].name == "crane"
