"""Export scores: per assignment and per question, as plain CSV or in the form that Canvas or Moodle imports.

csv     one line a student: total, points, penalty, whether a person still has to grade, each question
canvas  the gradebook import of Canvas: Student, ID, SIS User ID, SIS Login ID, Section, the assignment;
        with a "Points Possible" line. Canvas finds students by ID or SIS ID, so both are nbgrader's ids.
        With --by question, each question is a column instead of the assignment, so that no point counts twice
moodle  the CSV import of Moodle's grader report: Email address and ID number to map, one column of
        points for the assignment and one for each question, and feedback text

Every student of the gradebook and of the folder of submissions is in the file; without a result, the points are
empty, or 0 with --missing zero. A score that cannot be right (above what a question gives, below 0, extra credit
without --allow-extra-credit) is left empty, named, and the exit status is 1.

A spreadsheet takes a cell that begins with = + - or @ for a formula, so csv writes such a cell with ' in front. A
learning platform has to find its own ids again, so canvas and moodle write ids and addresses as they are;
--guard-ids guards them, too.

Examples
--------
  course export                                  all assignments, grading/grades-csv.csv
  course export 03 --format canvas --to week3.csv
  course export 03 --format canvas --by question --missing zero
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.scores import Score, read_scores, tell_refused
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import printable, say
from course_lib.trouble import CourseError

__all__ = ["FORMATS", "IDS", "LEVELS", "MISSING", "add_arguments", "export", "main"]

FORMATS = ("csv", "canvas", "moodle")
LEVELS = ("assignment", "question")
MISSING = ("empty", "zero")
IDS = ("sis", "canvas")


def _number(value: float) -> str:
    return f"{round(value, 4):g}"


def _text(value: str) -> str:
    """Keep a spreadsheet from taking a name for a formula."""
    shown = "".join(character if character.isprintable() else " " for character in value)
    return f"'{shown}" if shown.lstrip()[:1] in ("=", "+", "-", "@") or (value[:1] in "\t\r\n" and value) else shown


@dataclass(frozen=True)
class Choices:
    """How scores are written where there is a choice.

    Parameters
    ----------
    by : {"assignment", "question"}
    missing : {"empty", "zero"}
        What stands for a student who handed in nothing.
    guard_ids : bool
        Whether ids for a learning platform are kept from being formulas, too.
    ids : {"sis", "canvas"}
        Which of Canvas' columns the gradebook's ids belong to.
    """

    by: str
    missing: str = "empty"
    guard_ids: bool = False
    ids: str = "sis"

    def points(self, score: Score | None, value: float | None) -> str:
        """Return points, or what stands for them where there are none."""
        if score is None or score.faults or score.absent == "not graded":
            return ""
        if score.absent:
            return "0" if self.missing == "zero" else ""
        return "" if value is None else _number(value)

    def id(self, value: str) -> str:
        """Return an id or an address as a learning platform finds it."""
        return _text(value) if self.guard_ids else value


def _questions(scores: list[Score]) -> list[tuple[str, str, str, float]]:
    """Return (assignment, notebook, cell, points) of every question, in the order of the notebooks."""
    seen: dict[tuple[str, str, str], float] = {}
    for score in scores:
        for cell in score.cells:
            seen.setdefault((score.assignment, cell.notebook, cell.name), cell.points)
    return [(*key, points) for key, points in seen.items()]


def _given(score: Score | None) -> dict[tuple[str, str, str], float]:
    return {(score.assignment, cell.notebook, cell.name): cell.score for cell in score.cells} if score else {}


def _csv(scores: list[Score], choices: Choices) -> Iterable[list[str]]:
    questions = _questions(scores) if choices.by == "question" else []
    labels = [f"{notebook}/{name} ({_number(points)})" for _, notebook, name, points in questions]
    yield [
        *("assignment", "student_id", "last_name", "first_name", "email", "timestamp", "late_seconds"),
        *("score", "late_penalty", "total", "max_score", "needs_manual_grade", "status", *labels),
    ]
    for score in scores:
        own = _given(score)
        yield [
            score.assignment,
            *map(_text, (score.student, score.last_name, score.first_name, score.email)),
            score.handed_in,
            "" if score.absent else _number(score.late_seconds),
            choices.points(score, score.score),
            choices.points(score, score.penalty),
            choices.points(score, score.total),
            _number(score.points),
            "yes" if score.waiting else "no",
            score.status,
            *(choices.points(score, own.get(q[:3])) if q[0] == score.assignment else "" for q in questions),
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


def _canvas_columns(scores: list[Score], choices: Choices) -> dict[str, tuple[float, dict[str, str]]]:
    """Return for each column the points possible and each student's points."""
    columns: dict[str, tuple[float, dict[str, str]]] = {}
    if choices.by == "assignment":
        for name in dict.fromkeys(score.assignment for score in scores):
            own = [score for score in scores if score.assignment == name]
            columns[name] = (max(s.points for s in own), {s.student: choices.points(s, s.total) for s in own})
        return columns
    for key in _questions(scores):
        assignment, notebook, name, points = key
        own = [score for score in scores if score.assignment == assignment]
        given = {s.student: choices.points(s, _given(s).get(key[:3])) for s in own}
        columns[f"{assignment}: {notebook}/{name}"] = (points, given)
    for score in scores:
        if score.counts and score.penalty:  # what lateness costs belongs to no question
            column = columns.setdefault(f"{score.assignment}: late penalty", (0.0, {}))
            column[1][score.student] = _number(score.total - score.score)
    return columns


def _canvas(scores: list[Score], choices: Choices) -> Iterable[list[str]]:
    columns = _canvas_columns(scores, choices)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *columns]
    yield ["    Points Possible", "", "", "", "", *(_number(possible) for possible, _ in columns.values())]
    for student, own in _by_student(scores).items():
        score = next(iter(own.values()))
        known = choices.id(student)
        ids = [known, "", ""] if choices.ids == "canvas" else [choices.id(score.lms_user_id), known, known]
        yield [_text(_full_name(score)), *ids, "", *(given.get(student, "") for _, given in columns.values())]


def _moodle(scores: list[Score], choices: Choices) -> Iterable[list[str]]:
    assignments = list(dict.fromkeys(score.assignment for score in scores))
    questions = _questions(scores) if choices.by == "question" else []
    head = ["First name", "Last name", "ID number", "Email address"]
    for assignment in assignments:
        head += [f"Assignment: {assignment} (Real)", f"Assignment: {assignment} (Feedback)"]
    head += [f"{a}: {notebook}/{name} (Real)" for a, notebook, name, _ in questions]
    yield head
    for student, own in _by_student(scores).items():
        score = next(iter(own.values()))
        row = [_text(score.first_name), _text(score.last_name), choices.id(student), choices.id(score.email)]
        for assignment in assignments:
            given = own.get(assignment)
            row += [choices.points(given, given.total if given else None), _feedback(given) if given else ""]
        row += [choices.points(own.get(q[0]), _given(own.get(q[0])).get(q[:3])) for q in questions]
        yield row


def _feedback(score: Score) -> str:
    if not score.counts:
        return ""
    lines = [f"{cell.name}: {_number(cell.score)} of {_number(cell.points)}" for cell in score.cells]
    if score.penalty:
        lines.append(f"late penalty: -{_number(score.penalty)}")
    lines += [f"{cell.name}: {cell.comment}" for cell in score.cells if cell.comment]
    return "; ".join(printable(line) for line in lines)


def export(
    scores: list[Score],
    kind: str,
    by: str | None = None,
    *,
    missing: str = "empty",
    guard_ids: bool = False,
    ids: str = "sis",
) -> str:
    """Return scores as CSV text (RFC 4180: quoted where needed, lines end in CR LF).

    Parameters
    ----------
    scores : list of Score
    kind : {"csv", "canvas", "moodle"}
    by : {"assignment", "question"}, optional
        Totals only, or each question: beside the total, and for Canvas instead of it, since every column of
        its gradebook counts. By default the total only for Canvas, each question for the others.
    missing : {"empty", "zero"}, optional
        What stands for a student who handed in nothing. One who handed in and was not graded has no points.
    guard_ids : bool, optional
        For Canvas and Moodle: write ids so that a spreadsheet takes none for a formula; the platform then does not
        find those that begin with ``= + - @``.
    ids : {"sis", "canvas"}, optional
        For Canvas: whether the gradebook's ids are SIS ids, or Canvas' own, as ``zip_collect`` finds them.

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
    for name, value, known in (("missing", missing, MISSING), ("ids", ids, IDS)):
        if value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    choices = Choices(by, missing, guard_ids, ids)
    rows = {"csv": _csv, "canvas": _canvas, "moodle": _moodle}[kind](scores, choices)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course export``."""
    parser.add_argument("assignment", nargs="*", metavar="ASSIGNMENT", help="all that were graded by default")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="default: csv")
    parser.add_argument("--by", choices=LEVELS, help="totals, or each question (default: assignment for canvas)")
    parser.add_argument(
        "--missing", choices=MISSING, default="empty", help="points of who handed in nothing (default: empty)"
    )
    parser.add_argument("--allow-extra-credit", action="store_true", help="count nbgrader's extra credit")
    parser.add_argument(
        "--ids", choices=IDS, default="sis", help="for canvas: what the gradebook's ids are there (default: sis)"
    )
    parser.add_argument("--guard-ids", action="store_true", help="for canvas and moodle: no id may be a formula")
    parser.add_argument("--to", type=Path, metavar="FILE", help="default: grading/grades-FORMAT.csv")


def _assignments(root: Path, config: Any, wanted: list[str]) -> list[str]:
    from course_lib.instructor.desk.grade import assignment_name
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
    if args.ids != "sis" and args.format != "canvas":
        raise CourseError(f"--ids is for --format canvas, not for {args.format}")
    root = course_root()
    config = load_config(root)
    names = _assignments(root, config, args.assignment)
    scores = [
        score for name in names for score in read_scores(root, config, name, allow_extra_credit=args.allow_extra_credit)
    ]
    target = args.to or root / "grading" / f"grades-{args.format}.csv"
    text = export(
        scores, args.format, args.by, missing=args.missing, guard_ids=args.guard_ids, ids=args.ids
    )  # fmt: skip
    encoding = "utf-8-sig" if args.format == "csv" else "utf-8"
    write_atomically(target, text.encode(encoding, errors="backslashreplace"))
    say(f"wrote {target}: {_told(scores)} of {', '.join(names)}")
    for line in _notes(scores, args):
        say(line)
    return tell_refused(scores)


def _told(scores: list[Score]) -> str:
    """Count what is in the file."""
    waiting = sum(score.waiting for score in scores if score.counts)
    parts = [f"{sum(score.counts for score in scores)} results"]
    parts += [f"{waiting} still wait for a person's marks"] if waiting else []
    for why in ("nothing handed in", "not graded"):
        number = sum(score.absent == why for score in scores)
        parts += [f"{number} {why}"] if number else []
    return ", ".join(parts)


def _notes(scores: list[Score], args: argparse.Namespace) -> list[str]:
    """Say what was chosen for whom: extra credit, points of those who handed in nothing, ids."""
    notes = [
        f"{score.student} ({score.assignment}): {_number(score.extra)} points of extra credit are counted"
        for score in scores
        if score.counts and score.extra
    ]
    if any(score.absent == "nothing handed in" for score in scores):
        told = "count 0 points" if args.missing == "zero" else "have empty points; `--missing zero` writes 0"
        notes.append(f"students who handed in nothing {told}")
    formulas = sorted({s.student for s in scores if _text(s.student) != s.student})
    if formulas and args.format != "csv" and not args.guard_ids:
        notes.append(
            f"ids are written as they are, so that {args.format} finds them: a spreadsheet would take "
            f"{', '.join(formulas[:3])} for a formula (`--guard-ids` keeps it from that)"
        )
    return notes
