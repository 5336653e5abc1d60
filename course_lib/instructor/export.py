"""Export scores: per assignment and per question, as plain CSV or in the form that Canvas or Moodle imports.

csv     one line a student: total, points, penalty, whether a person still has to grade, each question
canvas  the gradebook import of Canvas: Student, ID, SIS User ID, SIS Login ID, Section, the assignment;
        with a "Points Possible" line. Canvas finds students by ID or SIS ID, so both are nbgrader's ids.
        With --by question, each question is a column instead of the assignment, so that no point counts twice
moodle  the CSV import of Moodle's grader report: Email address and ID number to map, one column of
        points for the assignment and one for each question, and feedback text

Examples
--------
  course export                                  all assignments, grading/grades-csv.csv
  course export 03 --format canvas --to week3.csv
  course export 03 --format canvas --by question
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from course_lib.cli import CourseError
from course_lib.instructor.build import course_root
from course_lib.instructor.grading.journal import write_whole
from course_lib.instructor.grading.scores import Score, read_scores
from course_lib.instructor.release import load_config

__all__ = ["FORMATS", "LEVELS", "add_arguments", "export", "main"]

FORMATS = ("csv", "canvas", "moodle")
LEVELS = ("assignment", "question")


def _number(value: float) -> str:
    return f"{round(value, 4):g}"


def _text(value: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _questions(scores: list[Score]) -> list[tuple[str, str, str, float]]:
    """Return (assignment, notebook, cell, points) of every question, in the order of the notebooks."""
    seen: dict[tuple[str, str, str], float] = {}
    for score in scores:
        for cell in score.cells:
            seen.setdefault((score.assignment, cell.notebook, cell.name), cell.points)
    return [(*key, points) for key, points in seen.items()]


def _csv(scores: list[Score], by: str) -> Iterable[list[str]]:
    questions = _questions(scores) if by == "question" else []
    labels = [f"{notebook}/{name} ({_number(points)})" for _, notebook, name, points in questions]
    yield [
        *("assignment", "student_id", "last_name", "first_name", "email", "timestamp", "late_seconds"),
        *("score", "late_penalty", "total", "max_score", "needs_manual_grade", *labels),
    ]
    for score in scores:
        own = {(score.assignment, cell.notebook, cell.name): cell.score for cell in score.cells}
        yield [
            score.assignment,
            _text(score.student),
            _text(score.last_name),
            _text(score.first_name),
            _text(score.email),
            score.handed_in,
            _number(score.late_seconds),
            _number(score.score),
            _number(score.penalty),
            _number(score.total),
            _number(score.points),
            "yes" if score.waiting else "no",
            *(_number(own[q[:3]]) if q[:3] in own else "" for q in questions),
        ]


def _full_name(score: Score) -> str:
    if score.last_name or score.first_name:
        return ", ".join(part for part in (score.last_name, score.first_name) if part)
    return score.student


def _by_student(scores: list[Score]) -> dict[str, dict[str, Score]]:
    table: dict[str, dict[str, Score]] = {}
    for score in scores:
        table.setdefault(score.student, {})[score.assignment] = score
    return table


def _canvas_columns(scores: list[Score], by: str) -> dict[str, tuple[float, dict[str, float]]]:
    """Return for each column the points possible and each student's points."""
    columns: dict[str, tuple[float, dict[str, float]]] = {}
    if by == "assignment":
        for name in dict.fromkeys(score.assignment for score in scores):
            own = [score for score in scores if score.assignment == name]
            columns[name] = (max(s.points for s in own), {s.student: s.total for s in own})
        return columns
    for assignment, notebook, name, points in _questions(scores):
        columns[f"{assignment}: {notebook}/{name}"] = (points, {})
    for score in scores:
        for cell in score.cells:
            columns[f"{score.assignment}: {cell.notebook}/{cell.name}"][1][score.student] = cell.score
        if score.penalty:  # what lateness costs belongs to no question
            column = columns.setdefault(f"{score.assignment}: late penalty", (0.0, {}))
            column[1][score.student] = score.total - score.score
    return columns


def _canvas(scores: list[Score], by: str) -> Iterable[list[str]]:
    columns = _canvas_columns(scores, by)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *columns]
    yield ["    Points Possible", "", "", "", "", *(_number(possible) for possible, _ in columns.values())]
    for student, own in _by_student(scores).items():
        score = next(iter(own.values()))
        cells = [_number(given[student]) if student in given else "" for _, given in columns.values()]
        yield [_text(_full_name(score)), score.lms_user_id, _text(student), _text(student), "", *cells]


def _moodle(scores: list[Score], by: str) -> Iterable[list[str]]:
    assignments = list(dict.fromkeys(score.assignment for score in scores))
    questions = _questions(scores) if by == "question" else []
    head = ["First name", "Last name", "ID number", "Email address"]
    for assignment in assignments:
        head += [f"Assignment: {assignment} (Real)", f"Assignment: {assignment} (Feedback)"]
    head += [f"{a}: {notebook}/{name} (Real)" for a, notebook, name, _ in questions]
    yield head
    for student, own in _by_student(scores).items():
        score = next(iter(own.values()))
        row = [_text(score.first_name), _text(score.last_name), _text(student), _text(score.email)]
        for assignment in assignments:
            given = own.get(assignment)
            row += [_number(given.total), _feedback(given)] if given else ["", ""]
        cells = {(a, c.notebook, c.name): c.score for a, s in own.items() for c in s.cells}
        row += [_number(cells[q[:3]]) if q[:3] in cells else "" for q in questions]
        yield row


def _feedback(score: Score) -> str:
    lines = [f"{cell.name}: {_number(cell.score)} of {_number(cell.points)}" for cell in score.cells]
    if score.penalty:
        lines.append(f"late penalty: -{_number(score.penalty)}")
    lines += [f"{cell.name}: {cell.comment}" for cell in score.cells if cell.comment]
    return "; ".join(" ".join(line.split()) for line in lines)


def export(scores: list[Score], kind: str, by: str | None = None) -> str:
    """Return scores as CSV text (RFC 4180: quoted where needed, lines end in CR LF).

    Parameters
    ----------
    scores : list of Score
    kind : {"csv", "canvas", "moodle"}
    by : {"assignment", "question"}, optional
        Totals only, or each question: beside the total, and for Canvas instead of it, since every column of
        its gradebook counts. By default the total only for Canvas, each question for the others.

    Examples
    --------
    >>> print(export([Score("03", "ada", points=10, score=8)], "canvas").splitlines()[2])
    ada,,ada,ada,,8
    """
    if kind not in FORMATS:
        raise ValueError(f"kind is one of {', '.join(FORMATS)}, not {kind!r}")
    by = by or ("assignment" if kind == "canvas" else "question")
    if by not in LEVELS:
        raise ValueError(f"by is one of {', '.join(LEVELS)}, not {by!r}")
    rows = {"csv": _csv, "canvas": _canvas, "moodle": _moodle}[kind](scores, by)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course export``."""
    parser.add_argument("assignment", nargs="*", metavar="ASSIGNMENT", help="all that were graded by default")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="default: csv")
    parser.add_argument("--by", choices=LEVELS, help="totals, or each question (default: assignment for canvas)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="default: grading/grades-FORMAT.csv")


def _assignments(root: Path, config: Any, wanted: list[str]) -> list[str]:
    from course_lib.instructor.grade import assignment_name
    from course_lib.instructor.grading.gradebook import has_gradebook, open_gradebook

    if wanted:
        return [assignment_name(root, name) for name in wanted]
    found: list[str] = []
    if has_gradebook(config):
        with open_gradebook(config) as gradebook:
            found = sorted(a.name for a in gradebook.assignments if a.submissions)
    if not found:
        raise CourseError("nobody has been graded yet; run `course grade ASSIGNMENT` first")
    return found


def main(args: argparse.Namespace) -> int:
    """Run ``course export``."""
    root = course_root()
    config = load_config(root)
    names = _assignments(root, config, args.assignment)
    scores = [score for name in names for score in read_scores(root, config, name)]
    target = args.to or root / "grading" / f"grades-{args.format}.csv"
    encoding = "utf-8-sig" if args.format == "csv" else "utf-8"
    write_whole(target, export(scores, args.format, args.by).encode(encoding))
    waiting = sum(score.waiting for score in scores)
    note = f"; {waiting} still wait for a person's marks" if waiting else ""
    print(f"wrote {target}: {len(scores)} results of {', '.join(names)}{note}")
    return 0
