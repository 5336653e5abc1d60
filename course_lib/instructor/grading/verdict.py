"""From what a run saw to scores: judged where no learner's code ever ran, in a process with limits of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import nbformat

from course_lib.checks.result import CheckResult
from course_lib.instructor.grading.execute import Seen
from course_lib.instructor.grading.reference import Reference
from course_lib.instructor.grading.results import Outcome, QuestionScore

__all__ = ["Judge", "finish"]

#: Takes evidence, lesson, track, exercise, why there is no evidence, and the student.
Judge = Callable[[list[dict[str, Any]], str, str, str, str, str], CheckResult]


def finish(outcome: Outcome, reference: Reference, judge: Judge) -> Outcome:
    """Judge what the checks saw, and write scores, verdicts and flags into the outcome.

    Parameters
    ----------
    outcome : Outcome
        After its notebook has run.
    reference : Reference
    judge : callable
        Takes what one check saw, such as `course_lib.instructor.grading.judging.JudgeProcess.judge`.

    Returns
    -------
    Outcome
        The same.
    """
    if outcome.status != "graded":
        return outcome
    begun = time.perf_counter()
    notebook = nbformat.from_dict(json.loads(outcome.notebook_json))
    outcome.questions = _questions(notebook, reference, outcome, judge)
    outcome.flags = list(dict.fromkeys([*outcome.flags, *_flags(outcome.questions)]))
    outcome.hints = [*outcome.hints, *_learnt_by_heart(outcome.questions)]
    outcome.notebook_json = nbformat.writes(_checked(notebook, outcome), version=4)
    outcome.checks = {}
    outcome.seconds["judge"] = time.perf_counter() - begun
    outcome.seconds["total"] = outcome.seconds.get("total", 0.0) + outcome.seconds["judge"]
    return outcome


def _grade_id(cell: Any) -> str:
    return str((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))


def _questions(notebook: Any, reference: Reference, outcome: Outcome, judge: Judge) -> list[QuestionScore]:
    found = {_grade_id(cell): cell for cell in notebook.cells}
    questions = []
    for cell in reference.graded:
        if cell.role == "manual":
            questions.append(QuestionScore(cell.grade_id, cell.points, None))
        elif not cell.exercise:
            questions.append(QuestionScore(cell.grade_id, cell.points, _own_score(found[cell.grade_id], cell.points)))
        else:
            seen = Seen(**outcome.checks.get(cell.grade_id, {"failure": "Not run."}))
            about = reference.lesson, reference.track, cell.exercise
            result = judge(seen.evidence, *about, seen.failure, outcome.student)
            _show(found[cell.grade_id], result)
            score = max(0.0, min(float(result.score), cell.points))
            data = result.to_json()
            data.pop("evidence", None)
            questions.append(QuestionScore(cell.grade_id, cell.points, score, data))
    return questions


def _own_score(cell: Any, points: float) -> float:
    """Score a check with its author's own lines as nbgrader does, except that one that never ran gets nothing."""
    from nbgrader.utils import determine_grade

    if cell.get("execution_count") is None:
        return 0.0
    try:
        score, _ = determine_grade(cell)
    except (ValueError, KeyError):
        return 0.0
    return max(0.0, min(float(score or 0.0), points))


def _show(cell: Any, result: Any) -> None:
    """Write the verdict into the check's cell, as the check itself would have shown it."""
    from course_lib.checks.display import as_html, as_text

    data = result.to_json()
    data.pop("evidence", None)
    from course_lib.checks.result import MIME

    shown = {"text/plain": as_text(result), "text/html": as_html(result), MIME: data}
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=shown),
        nbformat.v4.new_output("execute_result", data={"text/plain": repr(float(result.score))}, execution_count=1),
    ]
    cell.execution_count = 1


def _flags(questions: list[QuestionScore]) -> list[str]:
    return [f"{q.grade_id}: {flag}" for q in questions if q.result for flag in q.result.get("flags", [])]


def _learnt_by_heart(questions: list[QuestionScore]) -> list[str]:
    """Name the questions that are right on all that a learner can read, and wrong on all else."""
    found = []
    for question in questions:
        cases = (question.result or {}).get("cases", [])
        visible = [case["passed"] for case in cases if not case["hidden"]]
        hidden = [case["passed"] for case in cases if case["hidden"]]
        if visible and hidden and all(visible) and not any(hidden):
            found.append(f"{question.grade_id}: right in every visible case and in no hidden one")
    return found


def _checked(notebook: Any, outcome: Outcome) -> Any:
    """Make sure that what is stored is a valid notebook, whatever a kernel sent."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        try:
            nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
        except Exception:
            cell.outputs = []
            outcome.flags.append("a cell's output was no valid output; left out")
    return notebook
