"""Findings of one examination: what they are about is said once."""

from __future__ import annotations

from dataclasses import dataclass

from resnet_bench.results.diagnosis import Finding, Measured, Subject, Topic, Verdict


@dataclass(frozen=True)
class About:
    """Makes findings on ``subject``, which bear on ``topics`` where one has no others of its own."""

    subject: Subject
    topics: tuple[Topic, ...] = ()

    def __call__(
        self,
        code: str,
        what: str,
        verdict: Verdict,
        told: str,
        *measured: Measured,
        follows: str = "",
        todo: str = "",
        topics: tuple[Topic, ...] | None = None,
    ) -> Finding:
        return Finding(
            code=code,
            subject=self.subject,
            what=what,
            verdict=verdict,
            told=told,
            measured=measured,
            follows=follows,
            todo=todo,
            topics=self.topics if topics is None else topics,
        )
