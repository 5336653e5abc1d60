"""Scores as tables: plain CSV, and what the gradebooks of Canvas, Moodle and Brightspace import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from course_lib.instructor.grading.scores import Score
from course_lib.printable import printable
from course_lib.trouble import CourseError

__all__ = ["FORMATS", "IDS", "LEVELS", "MISSING", "as_number", "as_text", "export", "remark"]

FORMATS = ("csv", "canvas", "moodle", "brightspace")
LEVELS = ("assignment", "question")
MISSING = ("empty", "zero")
#: Which of a platform's ids the gradebook's may be, the default first.
IDS = {"canvas": ("sis", "login", "canvas"), "brightspace": ("org", "username")}


def as_number(value: float) -> str:
    """Return points without needless zeros."""
    return f"{round(value, 4):g}"


def as_text(value: str) -> str:
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
    ids : {"sis", "login", "canvas", "org", "username"}
        Which of the platform's columns the gradebook's ids belong to.
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
        return "" if value is None else as_number(value)

    def id(self, value: str) -> str:
        """Return an id or an address as a learning platform finds it."""
        return as_text(value) if self.guard_ids else value


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
    labels = [f"{notebook}/{name} ({as_number(points)})" for _, notebook, name, points in questions]
    yield [
        *("assignment", "student_id", "last_name", "first_name", "email", "timestamp", "late_seconds"),
        *("score", "late_penalty", "total", "max_score", "needs_manual_grade", "status", "group", *labels),
    ]
    for score in scores:
        own = _given(score)
        yield [
            score.assignment,
            *map(as_text, (score.student, score.last_name, score.first_name, score.email)),
            score.handed_in,
            "" if score.absent else as_number(score.late_seconds),
            choices.points(score, score.score),
            choices.points(score, score.penalty),
            choices.points(score, score.total),
            as_number(score.points),
            "yes" if score.waiting else "no",
            score.status,
            as_text(score.group),
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
            column[1][score.student] = as_number(score.total - score.score)
    return columns


def _canvas(scores: list[Score], choices: Choices) -> Iterable[list[str]]:
    columns = _canvas_columns(scores, choices)
    yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *columns]
    yield ["    Points Possible", "", "", "", "", *(as_number(possible) for possible, _ in columns.values())]
    for student, own in _by_student(scores).items():
        score = next(iter(own.values()))
        known = choices.id(student)
        # Canvas looks for its own number, the SIS id and the login one after the other: an id in the wrong one of these
        # columns could be somebody else's.
        number = choices.id(score.lms_user_id)
        ids = {"canvas": [known, "", ""], "login": [number, "", known]}.get(choices.ids, [number, known, ""])
        yield [as_text(_full_name(score)), *ids, "", *(given.get(student, "") for _, given in columns.values())]


def _brightspace(scores: list[Score], choices: Choices) -> Iterable[list[str]]:
    columns = _canvas_columns(scores, choices)
    below = next((name for name, (_, given) in columns.items() if any(v.startswith("-") for v in given.values())), "")
    if below:
        raise CourseError(
            f"the column {below!r} would hold grades below 0, and D2L does not say what Brightspace makes of them; "
            "leave out --by question, so that totals are exported"
        )
    key = "Username" if choices.ids == "username" else "OrgDefinedId"
    # A grade item's name may not hold every character: the one here that may be refused goes.
    yield [key, *(f"{name.replace('/', ' ')} Points Grade" for name in columns), "End-of-Line Indicator"]
    for student in _by_student(scores):
        known = f"#{student}" if choices.guard_ids else student
        yield [known, *(given.get(student, "") for _, given in columns.values()), "#"]


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
        row = [as_text(score.first_name), as_text(score.last_name), choices.id(student), choices.id(score.email)]
        for assignment in assignments:
            given = own.get(assignment)
            row += [choices.points(given, given.total if given else None), remark(given) if given else ""]
        row += [choices.points(own.get(q[0]), _given(own.get(q[0])).get(q[:3])) for q in questions]
        yield row


def remark(score: Score) -> str:
    """Return one line on each question: points, penalty, comments."""
    if not score.counts:
        return ""
    lines = [f"{cell.name}: {as_number(cell.score)} of {as_number(cell.points)}" for cell in score.cells]
    if score.penalty:
        lines.append(f"late penalty: -{as_number(score.penalty)}")
    lines += [f"{cell.name}: {cell.comment}" for cell in score.cells if cell.comment]
    return "; ".join(printable(line) for line in lines)


def export(
    scores: list[Score],
    kind: str,
    by: str | None = None,
    *,
    missing: str = "empty",
    guard_ids: bool = False,
    ids: str | None = None,
) -> str:
    """Return scores as CSV text (RFC 4180: quoted where needed, lines end in CR LF).

    Parameters
    ----------
    scores : list of Score
    kind : {"csv", "canvas", "moodle", "brightspace"}
    by : {"assignment", "question"}, optional
        Totals only, or each question: beside the total, and for Canvas and Brightspace instead of it, since every
        column of their gradebooks counts. By default the total only for these two, each question for the others.
    missing : {"empty", "zero"}, optional
        What stands for a student who handed in nothing. One who handed in and was not graded has no points.
    guard_ids : bool, optional
        Write ids so that a spreadsheet takes none for a formula. Canvas and Moodle then do not find those that begin
        with ``= + - @``; for Brightspace, each id gets the ``#`` in front that its own export has.
    ids : {"sis", "login", "canvas", "org", "username"}, optional
        For Canvas: whether the gradebook's ids are SIS ids, logins, or Canvas' own, as ``zip_collect`` finds them. For
        Brightspace: whether they are its *Org Defined IDs* or its user names. The first of each by default.

    Examples
    --------
    >>> print(export([Score("03", "ada", points=10, score=8)], "canvas").splitlines()[2])
    ada,,ada,,,8
    """
    if kind not in FORMATS:
        raise ValueError(f"kind is one of {', '.join(FORMATS)}, not {kind!r}")
    by = by or ("assignment" if kind in IDS else "question")
    if by not in LEVELS:
        raise ValueError(f"by is one of {', '.join(LEVELS)}, not {by!r}")
    for name, value, known in (("missing", missing, MISSING), ("ids", ids, IDS.get(kind, ()))):
        if value is not None and value not in known:
            raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
    choices = Choices(by, missing, guard_ids, ids or "sis")
    rows = {"csv": _csv, "canvas": _canvas, "moodle": _moodle, "brightspace": _brightspace}[kind](scores, choices)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
