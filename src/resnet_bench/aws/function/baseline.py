"""What a function was like before a run changed it, kept in the function's own environment while it is changed.

The run that changed it may be killed before it can put things back; what it found must outlive it, and no place is
surer to be seen by the next run than the function itself.
"""

from __future__ import annotations

import msgspec

from resnet_bench.unreadable import UNREADABLE

# Changed to get fresh environments; its value means nothing.
NONCE = "RESNET_BENCH_NONCE"
# There as long as the function is not as it was found.
MARK = "RESNET_BENCH_RESTORE"


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """``found_mb`` is the memory to go back to, from any of ``set_mb``, which are this program's doing.

    A memory that is none of these was set by somebody else meanwhile, and stays. ``nonce`` is the value that the
    variable had, which is as good as always ``None``: it was not there.
    """

    found_mb: int
    set_mb: tuple[int, ...] = ()
    nonce: str | None = None

    def marked(self, variables: dict[str, str]) -> dict[str, str]:
        """``variables`` with what has to be put back."""
        return {**variables, MARK: msgspec.json.encode(self).decode()}

    def restored(self, variables: dict[str, str]) -> dict[str, str]:
        """``variables`` as they would be without this program."""
        others = {name: value for name, value in variables.items() if name not in {NONCE, MARK}}
        return others if self.nonce is None else {**others, NONCE: self.nonce}

    def restored_mb(self, memory_mb: int) -> int:
        return self.found_mb if memory_mb in self.set_mb else memory_mb


def left_behind(variables: dict[str, str]) -> Baseline | None:
    """What an earlier run has left to be put back; ``None`` if nothing, or if what it left cannot be read."""
    try:
        return msgspec.json.decode(variables[MARK], type=Baseline)
    except (KeyError, *UNREADABLE):
        return None
