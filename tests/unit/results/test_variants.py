"""A run taken apart by the conditions under which its samples were made."""

from __future__ import annotations

from msgspec.structs import replace

from factories import MIB, make_run
from resnet_bench.benchmark.checks import check
from resnet_bench.benchmark.series import series
from resnet_bench.results.run import Run
from resnet_bench.results.variants import plain, variant, variants


def with_variants(*names: str) -> Run:
    """Every sample of a run once under each of these names; ``""`` is a plain one."""
    run = make_run()
    return replace(run, samples=tuple(replace(one, variant=name) for one in run.samples for name in names))


def test_statistics_and_checks_see_plain_samples_only() -> None:
    run, mixed = make_run(), with_variants("", "512 MB", "2048 MB")
    assert plain(mixed) == run
    assert series(mixed, engine="onnx", side="remote") == series(run, engine="onnx", side="remote")
    assert check(mixed) == check(run)


def test_a_variant_alone_reads_like_a_run_of_its_own() -> None:
    mixed = with_variants("512 MB", "2048 MB")
    assert variants(mixed) == ("512 MB", "2048 MB")
    assert plain(mixed).samples == ()
    assert variant(mixed, "512 MB").samples == make_run().samples


def test_another_memory_size_changes_the_cpu_share_in_proportion() -> None:
    run = with_variants("512 MB")
    small = variant(run, "512 MB", memory_bytes=512 * MIB)
    assert run.deployment is not None
    assert small.deployment is not None
    assert small.deployment.memory_bytes == 512 * MIB
    assert small.deployment.cpu_share == (run.deployment.cpu_share or 0) / 2


def test_a_run_without_variants_is_its_own_plain_run() -> None:
    run = make_run()
    assert variants(run) == ()
    assert plain(run) is run
