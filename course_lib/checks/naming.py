"""Which misconception is named: one that nothing seen speaks against, or none at all.

A number can equal a fault's number by chance. So a misconception speaks only where it explains a failed case, no
visible case denies it, and more than a value that many a fault gives speaks for it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis, Stand

__all__ = ["Seen", "name_faults"]


@dataclass(frozen=True)
class Seen:
    """One case of an exercise after it ran: what was seen, and what is wrong with it, if anything."""

    exercise: Exercise
    case: Case
    evidence: Evidence | None
    problem: str | None
    asked: bool = True  # no misconception is asked where far too much was noted

    @property
    def _diagnoses(self) -> tuple[Diagnosis, ...]:
        return (*self.case.diagnoses, *self.exercise.diagnoses)

    @cached_property
    def stands(self) -> list[tuple[Diagnosis, Stand]]:
        """How each misconception stands to the failed case; of one that passed that is asked only where it matters."""
        if self.evidence is None or not self.problem or not self.asked:
            return []
        return [(diagnosis, diagnosis.stand(self.evidence)) for diagnosis in self._diagnoses]

    @property
    def fitting(self) -> list[Diagnosis]:
        """The misconceptions that fit, in the order in which they are listed: the most specific one first."""
        return [diagnosis for diagnosis, stand in self.stands if stand in ("shown", "weak")]

    def stand(self, diagnosis: Diagnosis) -> Stand:
        """Return how one misconception stands to the case."""
        if self.problem:
            return next((stand for one, stand in self.stands if one is diagnosis), "silent")
        if self.evidence is None or not any(one is diagnosis for one in self._diagnoses):
            return "silent"
        return diagnosis.stand(self.evidence, passed=True)


def name_faults(cases: Sequence[Seen]) -> list[Diagnosis | None]:
    """Return the misconception to name for each case, ``None`` where nothing certain can be said.

    Of several that may be named in a case that one speaks which explains the most failed visible cases (those with a
    difficulty of their own are not counted), and of those that explain equally many the more specific one, which is
    listed first; but where two misconceptions give the same value in all that was seen, neither. Several with one key
    are variants of one misconception: each must hold by itself, and what they explain is added up.
    """
    visible = [seen for seen in cases if not seen.case.hidden]
    fitting = {id(diagnosis): diagnosis for seen in cases for diagnosis in seen.fitting}
    sure = {number for number, diagnosis in fitting.items() if _sure(diagnosis, cases, visible)}
    names = [[diagnosis for diagnosis in seen.fitting if id(diagnosis) in sure] for seen in cases]
    explains = Counter(
        key
        for seen, fits in zip(cases, names, strict=True)
        if not seen.case.hidden and seen.case.denies
        for key in {d.key for d in fits}
    )
    return [_speaker(fits, explains) for fits in names]


def _speaker(fits: Sequence[Diagnosis], explains: Counter[str]) -> Diagnosis | None:
    """Return which of the fitting misconceptions speaks; none where two that explain as much give the same value."""
    best = max(fits, key=lambda d: explains[d.key], default=None)
    if best is None or not best.by_value:
        return best
    equal = {d.key for d in fits if d.by_value and explains[d.key] == explains[best.key]}
    return best if len(equal) == 1 else None


def _sure(diagnosis: Diagnosis, cases: Sequence[Seen], visible: Sequence[Seen]) -> bool:
    """Whether no visible case denies a misconception, and more than one value that many faults give shows it."""
    # A case that denies nothing mutes the comparison of values, and not what a diagnosis itself says against it.
    denying = (seen for seen in visible if seen.stand(diagnosis) == "denied")
    if any(seen.case.denies or diagnosis.denied is not None for seen in denying):
        return False
    stands = [(seen, seen.stand(diagnosis)) for seen in (visible if any(seen.problem for seen in visible) else cases)]
    weak = {json.dumps(seen.evidence.given) for seen, stand in stands if stand == "weak" and seen.evidence is not None}
    return len(weak) > 1 or any(stand == "shown" for _, stand in stands)
