"""What a measured figure can be at all, checked wherever records are read.

Beyond these are damage and malice, not measurements: with them arithmetic overflows, and tables and plots have no place
for them. All are far from anything that was ever measured, so that what a run has written is always read again.
Lambda imports this module.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta

# Three hundred years; a difference of clocks may be negative.
Seconds: TypeAlias = Annotated[float, Meta(ge=-1e10, le=1e10)]
# A terabyte a thousand times.
Bytes: TypeAlias = Annotated[int, Meta(ge=0, le=2**50)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
# Of something: a share, a ratio, a probability, a load.
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1e6)]
Status: TypeAlias = Annotated[int, Meta(ge=0, le=999)]
