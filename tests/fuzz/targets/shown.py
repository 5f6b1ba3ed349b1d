"""What loads can be told: on the terminal, as JSON, HTML, Markdown and CSV, priced, and compared."""

from __future__ import annotations

from fuzz.mutators.documents import document_mutator
from fuzz.runs import WORDS
from fuzz.target import Target
from fuzz.targets.results import loaded, seeds
from fuzz.told import tell


def target(data: bytes) -> None:
    run = loaded(data)
    if run is not None:
        tell(run)


TARGET = Target(target, seeds, document_mutator(*WORDS), longest=80_000, cpu_s=10.0)
