"""What a check found: one line for each case, a score, and all of it as JSON data."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["MIME", "SCHEMA", "CaseResult", "CheckResult", "Status"]

#: The type under which a result lies in a notebook's output, for grading and for feedback pages.
MIME = "application/vnd.loss-curves.check+json"
SCHEMA = 1

Status = Literal["done", "not_done", "interrupted", "tampered"]


@dataclass(frozen=True)
class CaseResult:
    """The verdict on one case. The message of a hidden case is its hint.

    So many characters of the message as ``named`` says name the mistake, or say that it is the same again; what
    follows is of this case. ``known`` says that it is a known mistake, told by a visible case, in an answer that is a
    function or a class: such a mistake costs half of the exercise's points, however many other cases are right.
    """

    name: str
    passed: bool
    message: str
    points: float
    of: float
    hidden: bool = False
    diagnosis: str | None = None
    named: int = 0
    known: bool = False

    @property
    def verdict(self) -> str:
        """The verdict as a word."""
        return "right" if self.passed else "not yet"

    @property
    def mark(self) -> str:
        """The verdict as a mark that does not need color."""
        return "✓" if self.passed else "✗"


@dataclass(frozen=True)
class CheckResult:
    """The verdict on an exercise.

    Parameters
    ----------
    score : float
        Between 0 and ``points``.
    status : {"done", "not_done", "interrupted", "tampered"}
        "done" says the cases ran, whatever they found.
    flags : tuple of str
        Signs that the notebook was tampered with, for a person to look at.
    evidence : list of dict
        For a graded run: what was seen in each case, so that another process can judge it again.
    """

    lesson: str
    track: str
    exercise: str
    points: float
    score: float
    status: Status
    message: str
    cases: tuple[CaseResult, ...] = ()
    seed: int = 0
    graded: bool = False
    flags: tuple[str, ...] = ()
    evidence: list[dict[str, Any]] = field(default_factory=list)

    @property
    def diagnosis(self) -> str | None:
        """The misconception that the first failing case with a known one shows."""
        return next((c.diagnosis for c in self.cases if not c.passed and c.diagnosis), None)

    @property
    def passed(self) -> bool:
        """Whether all points were got."""
        return self.score >= self.points

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON data: what a notebook's output stores.

        A hidden case has its name, verdict, points and hint; neither inputs nor expected values. The
        "evidence" of a graded run is for the grader alone and must not be shown to a learner.
        """
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "lesson": self.lesson,
            "track": self.track,
            "exercise": self.exercise,
            "points": float(self.points),
            "score": float(self.score),
            "status": self.status,
            "message": self.message,
            "diagnosis": self.diagnosis,
            "seed": self.seed,
            "graded": self.graded,
            "flags": list(self.flags),
            "cases": [asdict(case) | {"verdict": case.verdict} for case in self.cases],
        }
        if self.graded:
            data["evidence"] = self.evidence
        return data
