"""64 clients at once for some seconds: each gets its own answer or a deliberate refusal, and nothing is left.

``benchmarks/soak.py`` goes on for minutes, and judges what is held meanwhile.
"""

from __future__ import annotations

import pytest

from soak import SUBJECTS, soak
from soaking.crowd import REFUSALS

CLIENTS = 64
SECONDS = 4.0
# Whom the servers owe an answer in so short a time; the others may all have come too soon.
SERVED = {"echo": "echo", "emulator": "raw image", "page": "waits"}


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("subject", SUBJECTS)
def test_everybody_gets_their_own_answer_or_is_told_to_come_later(subject: str) -> None:
    ledger, seen, left = soak(subject, CLIENTS, SECONDS)
    assert not ledger.wrong
    assert not left
    assert seen, "nobody looked"
    outcomes = ledger.outcomes()
    assert outcomes[SERVED[subject], "200"] > 0, outcomes
    assert sum(count for (_, outcome), count in outcomes.items() if outcome in REFUSALS) > 0, outcomes
