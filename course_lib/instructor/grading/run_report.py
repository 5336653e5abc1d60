"""What a run of grading did: a line for each student that needs one."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.per_student import one_student
from course_lib.instructor.grading.results import Outcome
from course_lib.instructor.grading.submissions import Submission
from course_lib.printable import few

__all__ = ["RunReport"]


@dataclass
class RunReport:
    """What a run did, a line for each student that needs one."""

    assignment: str
    graded: list[dict[str, Any]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    repaired: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    hints: list[dict[str, Any]] = field(default_factory=list)
    stale: int = 0
    dry_run: bool = False
    seconds: float = 0.0

    def note(self, outcome: Outcome) -> None:
        """Take up what came of one notebook."""
        who = {"student": outcome.student, "notebook": outcome.notebook}
        if outcome.status == "failed":
            self.failed.append({**who, "why": outcome.reason})
            return
        seconds = round(outcome.seconds.get("total", 0.0), 2)
        self.graded.append({**who, "score": outcome.score, "seconds": seconds, "blank": outcome.blank})
        for kind, lines in (("repaired", outcome.repairs), ("flagged", outcome.flags), ("hints", outcome.hints)):
            if lines:
                getattr(self, kind).append({**who, "why": few(lines)})

    def note_folder(self, submission: Submission) -> None:
        """Take up what a student's folder itself needed: repairs, flags, failures."""
        who = {"student": submission.student, "notebook": ""}
        if submission.repairs:
            self.repaired.append({**who, "why": submission.repairs})
        if submission.flags:
            self.flagged.append({**who, "why": submission.flags})
        self.failed += [{**who, "why": reason} for reason in submission.failures]

    def guard(
        self, student: str, notebook: str, doing: str, undo: Callable[[], object] | None = None
    ) -> AbstractContextManager[None]:
        """Guard one step for one student: what goes wrong is a line among the failed."""

        def note(why: str) -> None:
            self.failed.append({"student": student, "notebook": notebook, "why": why})

        return one_student(note, doing, undo)

    def to_json(self) -> dict[str, Any]:
        """Return the report as JSON data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def file(self, root: Path) -> None:
        """Keep the report among the course's runs."""
        name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ.json")
        path = root / "grading" / "runs" / self.assignment / name
        write_atomically(path, json.dumps(self.to_json(), indent=1).encode())
