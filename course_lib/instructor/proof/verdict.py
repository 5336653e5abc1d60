"""What a check said about an answer of the bank, whether that is as it should be, and the figures of an exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from course_lib.instructor.proof.bank import Entry
from course_lib.lessons import load

__all__ = ["Row", "Verdict", "passes", "total", "verdict_on"]

MUTANTS_WANTED = 0.98


@dataclass(frozen=True)
class Verdict:
    """What the check said about one answer of the bank under each seed.

    ``kept`` says that it was found earlier, by the same check on the same answer. ``why`` says why a misconception was
    not named.
    """

    entry: Entry
    scores: list[float]
    diagnoses: list[str | None]
    statuses: list[str]
    messages: list[str]
    rejudged: float | None
    seconds: float
    note: str = ""
    kept: bool = False
    why: str = ""

    @property
    def full(self) -> list[bool]:
        """Whether it got all points, by seed."""
        points = load(self.entry.lesson, self.entry.track)[self.entry.exercise].points
        return [score >= points for score in self.scores]

    @property
    def flipped(self) -> bool:
        """Whether the verdict hangs on the seed."""
        return len(set(self.full)) > 1 or (self.entry.kind == "misconception" and len(set(self.diagnoses)) > 1)

    @property
    def miss(self) -> str:
        """What is wrong with the check's verdict, or an empty string."""
        kind = self.entry.kind
        if self.note and not (kind == "mutant" and self.note == "timed out"):
            return self.note
        if kind == "accepted":
            if not all(self.full):
                return f"is right, and got {min(self.scores):g} points: {self.messages[0]}"
            if self.rejudged is not None and self.rejudged < self.scores[0]:
                return f"is right, and its stored evidence gives {self.rejudged:g} points when judged again"
        if kind == "misconception":
            if any(self.full):
                return "is wrong, and got all points"
            if set(self.diagnoses) != {self.entry.diagnosis}:
                seen = ", ".join(sorted({str(d) for d in self.diagnoses}))
                why = f" ({self.why})" if self.why else ""
                return f"should be named {self.entry.diagnosis}, is named {seen}{why}: {self.messages[0]}"
        if kind == "stub" and (any(self.scores) or set(self.statuses) != {"not_done"}):
            return f"is the untouched stub, and got {max(self.scores):g} points with status {self.statuses[0]}"
        if kind == "mutant" and self.entry.equivalent is None and any(self.full):
            return "survived"
        if kind == "mutant" and self.entry.equivalent is not None and not all(self.full):
            return "is listed as equivalent, and loses points"
        return "flipped" if self.flipped else ""


def verdict_on(entry: Entry, found: dict[str, Any], seeds: int, *, kept: bool = False) -> Verdict:
    """Return the verdict from what was found, which may be no more than a note of why there is none."""
    return Verdict(
        entry,
        found.get("scores", [0.0] * seeds),
        found.get("diagnoses", [None] * seeds),
        found.get("statuses", ["crashed"] * seeds),
        found.get("messages", [""] * seeds),
        found.get("rejudged"),
        found.get("seconds", 0.0),
        found.get("note", ""),
        kept,
        found.get("why", ""),
    )


@dataclass
class Row:
    """The figures of one exercise in one track."""

    lesson: str
    track: str
    exercise: str
    accepted: list[int] = field(default_factory=lambda: [0, 0])
    caught: list[int] = field(default_factory=lambda: [0, 0])
    named: list[int] = field(default_factory=lambda: [0, 0])
    stubs: list[int] = field(default_factory=lambda: [0, 0])
    killed: list[int] = field(default_factory=lambda: [0, 0])
    equivalent: int = 0
    flips: int = 0
    kept: int = 0
    seconds: float = 0.0

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        kind, full = verdict.entry.kind, verdict.full
        self.seconds += verdict.seconds
        self.flips += verdict.flipped
        self.kept += verdict.kept
        if kind == "accepted":
            _count(self.accepted, not verdict.miss)
        elif kind == "misconception":
            _count(self.caught, bool(full) and not any(full))
            _count(self.named, set(verdict.diagnoses) == {verdict.entry.diagnosis})
        elif kind == "stub":
            _count(self.stubs, not verdict.miss)
        elif verdict.entry.equivalent is not None:
            self.equivalent += 1
        else:
            _count(self.killed, verdict.miss != "survived")


def _count(pair: list[int], good: bool) -> None:
    pair[0] += good
    pair[1] += 1


def total(rows: Sequence[Row]) -> dict[str, Any]:
    """Return the sums of the exercises' figures."""
    found: dict[str, Any] = {}
    for name in ("accepted", "caught", "named", "stubs", "killed"):
        found[name] = [sum(getattr(row, name)[i] for row in rows) for i in (0, 1)]
    return found | {name: sum(getattr(row, name) for row in rows) for name in ("equivalent", "flips", "kept")}


def passes(total: dict[str, Any], verdicts: Sequence[Verdict]) -> bool:
    """Tell whether the bank is proven: no miss, but for a few mutants that survive."""
    killed, mutants = total["killed"]
    others = [v for v in verdicts if v.miss and v.miss != "survived"]
    return not others and (mutants == 0 or killed / mutants >= MUTANTS_WANTED)
