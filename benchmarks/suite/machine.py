"""The machine that the goals were measured on: what else than the program decides a figure."""

from __future__ import annotations

from resnet_bench.processor import cpu_flags
from resnet_bench.results.environment import here
from resnet_bench.sandbox.limits import choose
from suite.record import Machine

# Vector units and the instructions for 8- and 16-bit numbers: x86's names, then ARM's.
_TELLING = (
    *("avx2", "fma", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_int8", "amx_bf16"),
    *("asimd", "asimddp", "i8mm", "bf16", "sve"),
)


def this_machine() -> Machine:
    flags = cpu_flags()
    return Machine(
        environment=here(),
        cpu_flags=tuple(flag for flag in _TELLING if flag in flags),
        limiter=choose()[0].enforcement.description,
    )
