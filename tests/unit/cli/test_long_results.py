"""A result of many samples says that its tables take a moment; others just show them."""

from __future__ import annotations

import pytest

from factories import make_run
from resnet_bench.cli import output
from resnet_bench.cli.options import OutputOptions

RUN = make_run(runs=6)


def told(monkeypatch, capsys, *, many: int, quiet: bool = False) -> str:
    monkeypatch.setattr(output, "_MANY", many)
    output.show_run(RUN, OutputOptions(json=False, save=None, no_save=True, csv=None, quiet=quiet, verbose=False))
    return capsys.readouterr().err


def test_a_result_of_many_samples_says_what_takes_a_moment(monkeypatch, capsys):
    count = len(RUN.samples)
    assert told(monkeypatch, capsys, many=count) == f"making the tables of {count} samples\n"


@pytest.mark.parametrize(("more", "quiet"), [(1, False), (0, True)])
def test_a_short_or_quiet_one_says_nothing(monkeypatch, capsys, more, quiet):
    assert told(monkeypatch, capsys, many=len(RUN.samples) + more, quiet=quiet) == ""
