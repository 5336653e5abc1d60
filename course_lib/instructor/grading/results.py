"""What grading one notebook gives: plain data that travels between processes and is kept as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

__all__ = ["Job", "Outcome", "QuestionScore"]

Status = Literal["graded", "failed"]


@dataclass(frozen=True)
class Job:
    """One notebook to grade, complete: a worker needs no shared folder.

    Parameters
    ----------
    raw : bytes
        The file as handed in.
    files : dict of bytes
        What was handed in beside it, by relative path.
    reference : Reference
    packages : dict of str
        By exercise, the packed cases that the sandbox runs.
    checks : str
        The fingerprint of the checks that it is judged by; a worker with others refuses.
    """

    student: str
    notebook: str
    raw: bytes
    reference: Any
    limits: Any
    sandbox: str
    threads: int
    root: str
    digest: str
    files: dict[str, bytes] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    run_all: bool = False
    checks: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The student and the notebook."""
        return self.student, self.notebook


@dataclass
class QuestionScore:
    """One graded cell.

    Parameters
    ----------
    score : float or None
        None for one that a person grades.
    result : dict or None
        The check's result as JSON data, without evidence.
    """

    grade_id: str
    points: float
    score: float | None
    result: dict[str, Any] | None = None


@dataclass
class Outcome:
    """What came of one notebook.

    Parameters
    ----------
    notebook_json : str
        The executed notebook.
    checks : dict
        Until it is judged: what each check saw.
    blank : bool
        Whether nothing in it is answered.
    seconds : dict
        Where the time went, and when it was done.
    """

    student: str
    notebook: str
    digest: str
    status: Status
    questions: list[QuestionScore] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    reason: str = ""
    notebook_json: str = ""
    checks: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    restarts: int = 0
    blank: bool = False

    @property
    def score(self) -> float:
        """The sum of what was graded automatically."""
        return sum(q.score or 0.0 for q in self.questions)

    def to_json(self) -> dict[str, Any]:
        """Return everything but the notebook as JSON data."""
        data = asdict(self)
        del data["notebook_json"], data["checks"]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outcome:
        """Read what `to_json` wrote."""
        known = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        return cls(**known | {"questions": [QuestionScore(**q) for q in data.get("questions", [])]})
