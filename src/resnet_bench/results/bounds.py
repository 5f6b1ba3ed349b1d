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
# By one clock, whose readers refuse what ends before it begins.
Lasting: TypeAlias = Annotated[float, Meta(ge=0, le=1e10)]
# Of a whole call: no clock here tells less than a nanosecond, and ratios are made of these.
Elapsed: TypeAlias = Annotated[float, Meta(ge=1e-9, le=1e10)]
# A terabyte a thousand times.
Bytes: TypeAlias = Annotated[int, Meta(ge=0, le=2**50)]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
AtLeastOne: TypeAlias = Annotated[int, Meta(ge=1, le=10**12)]
# Of something: a share, a ratio, a probability, a load.
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1e6)]
Status: TypeAlias = Annotated[int, Meta(ge=0, le=999)]
# ISO 8601 with its zone, as this program writes it: a day that there is, since clocks are counted from 1970 on.
_LEAP_YEAR = r"(?:19(?:7[26]|8[048]|9[26])|20(?:[02468][048]|[13579][26]))"
_DAY = (
    r"(?:(?:19[789]|20[0-9])[0-9]-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP_YEAR}-02-29)"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
Moment: TypeAlias = Annotated[str, Meta(pattern=rf"^{_DAY}T{_TIME}$(?!\n)")]
