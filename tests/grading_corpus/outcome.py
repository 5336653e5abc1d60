"""What came of a submission, held against what was expected of it."""

from __future__ import annotations

from pathlib import Path

from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.run_report import RunReport
from course_lib.instructor.text.release import load_config
from grading_corpus.accidents import Expected
from grading_corpus.course import LESSON

LIMITS = Limits(cell_seconds=6, memory_mb=2048, notebook_seconds=90)


def auto_scores(course: Path) -> dict[str, float]:
    with open_gradebook(load_config(course)) as gradebook:
        submissions = gradebook.assignment_submissions(LESSON)
        return {s.student.id: sum(g.auto_score or 0.0 for n in s.notebooks for g in n.grades) for s in submissions}


def lines_of(report: RunReport, kind: str, student: str) -> str:
    entries = [e for e in getattr(report, kind) if e["student"] == student]
    return "; ".join(e["why"] if isinstance(e["why"], str) else "; ".join(e["why"]) for e in entries)


def holds(course: Path, report: RunReport, student: str, expected: Expected) -> None:
    scores = auto_scores(course)
    everything = {kind: lines_of(report, kind, student) for kind in ("repaired", "flagged", "failed", "hints")}
    assert scores.get(student) == expected.score, everything
    for kind, told in everything.items():
        word = getattr(expected, kind)
        assert word in told, (kind, told)
        assert bool(word) == bool(told) or kind in ("flagged", "hints"), (kind, told)
