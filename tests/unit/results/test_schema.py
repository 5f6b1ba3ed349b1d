import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from factories import make_failed, make_run, make_sample, make_samples
from resnet_bench.results.records import Skipped
from resnet_bench.results.schema import schema, text

ROOT = Path(__file__).parents[3]
VALIDATOR = jsonschema.Draft202012Validator(schema())


def as_document(run):
    return json.loads(msgspec.json.encode(run))


def test_the_committed_schema_is_up_to_date():
    committed = (ROOT / "docs" / "result.schema.json").read_text(encoding="utf-8")
    assert committed == text(), "run: python -m resnet_bench.results.schema docs/result.schema.json"


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize(
    "samples",
    [
        (),
        make_samples(runs=2),
        (make_failed(),),
        (make_sample("remote", trace=Skipped("sampled out"), report=Skipped("late", pending=True)),),
    ],
)
def test_real_documents_validate(samples):
    VALIDATOR.validate(as_document(make_run(samples=samples)))


def test_golden_files_validate():
    VALIDATOR.validate(json.loads((ROOT / "tests" / "golden" / "result-v1.json").read_bytes()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("version",), 2),
        (("samples", 0, "side"), "elsewhere"),
        (("samples", 0, "outcome", "kind"), "guess"),
        (("samples", 0, "outcome", "stages", "decode_s"), "8 ms"),
        (("environment", "cpus_count"), None),
    ],
)
def test_wrong_documents_do_not_validate(path, value):
    document = as_document(make_run(samples=make_samples(runs=1)))
    *parents, last = path
    place = document
    for key in parents:
        place = place[key]
    place[last] = value
    assert not VALIDATOR.is_valid(document)


def test_every_record_is_described():
    for name, definition in schema()["$defs"].items():
        assert len(definition["description"]) > 20, name
