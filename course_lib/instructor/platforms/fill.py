"""Filling scores into a table that a platform exported: its ids and columns are right by construction.

Canvas   an export of its gradebook. The column is the assignment's own, ``Title (12345)``; only that column and those
         by which Canvas finds students are kept, so that an import changes nothing else.
Moodle   an assignment's offline grading worksheet: ``Grade`` and ``Feedback comments`` are filled in, all else stays.
Brightspace
         an export of its grades. The column is the grade item's own, ``Title Points Grade <Numeric MaxPoints:10>``; it
         goes back under the heading that D2L documents for an import, ``Title Points Grade``, with the columns by which
         Brightspace finds students and its *End-of-Line Indicator*. Its ids begin with ``#``, and stay so.

A row without a result stays as it is, and a student whom the table does not have is listed: one unknown student would
make Moodle refuse the whole file.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.instructor.grading.csv_tables import read_table
from course_lib.instructor.grading.scores import Score
from course_lib.instructor.platforms.manifest import Manifest
from course_lib.trouble import CourseError

__all__ = ["Filled", "fill"]

_CANVAS_IDS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Root Account", "Integration ID", "Section")
_BRIGHTSPACE_IDS = ("OrgDefinedId", "OrgDefinedID", "Username")
_END_OF_LINE = "End-of-Line Indicator"
_CANVAS_TITLE = re.compile(r"(?P<title>.*) \([0-9]+\)", re.DOTALL)
_BRIGHTSPACE_TITLE = re.compile(r"(?P<title>.+) Points Grade(?P<facts> *<[^<>]*>)?", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class _Plan:
    """Where scores go in a table.

    Parameters
    ----------
    columns : dict of str
        Those that are written, with their headings there.
    target : str
        The column of the points.
    ids : callable
        What a row knows its student by.
    most : callable
        What a row says the greatest grade is; empty where it does not.
    """

    columns: dict[str, str]
    target: str
    ids: Callable[[Mapping[str, str]], list[str]]
    most: Callable[[Mapping[str, str]], str] = lambda row: ""


@dataclass
class Filled:
    """A table with scores in it.

    Parameters
    ----------
    text : str
        The whole table, in the separators of the original.
    column : str
        Where the scores stand.
    students : list of str
        Whose scores are in it.
    unknown : list of str
        Those with a result whom the table does not have.
    """

    text: str = ""
    column: str = ""
    students: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def _column(columns: list[str], form: re.Pattern[str], wanted: str | None, assignment: str, path: Path) -> str:
    """Return the column of an assignment: the one named, or the only one that its title fits."""
    titled = {name: found["title"] for name in columns if (found := form.fullmatch(name.strip()))}
    names = ", ".join(titled.values()) or "(none)"
    if wanted:
        fits = [name for name, title in titled.items() if wanted in (name, name.strip(), title)]
    else:
        plain = re.sub(r"^\d+_", "", assignment).replace("_", " ").casefold()
        forms = {assignment.casefold(), plain, assignment.replace("_", " ").casefold()}
        fits = [name for name, title in titled.items() if title.strip().casefold() in forms]
    if len(fits) != 1:
        what = repr(wanted) if wanted else assignment
        raise CourseError(
            f"{path} has {len(fits) or 'no'} column{'s' * (len(fits) > 1)} for {what}; its assignments are: {names}. "
            "Name one, such as --column 'Title'"
        )
    return fits[0]


def _by_id(scores: list[Score]) -> dict[str, Score]:
    """Return scores by all that a platform may know a student by; what two students share finds nobody."""
    found: dict[str, Score | None] = {}
    for score in scores:
        for known in {score.student, score.lms_user_id, score.email.casefold()} - {""}:
            found[known] = score if found.get(known, score) is score else None
    return {known: score for known, score in found.items() if score is not None}


def _canvas_ids(row: Mapping[str, str]) -> list[str]:
    return [row.get(name, "").strip() for name in ("SIS User ID", "SIS Login ID", "ID")]


def _moodle_ids(row: Mapping[str, str]) -> list[str]:
    email = row.get("Email address", "").strip().casefold()
    return [row.get("ID number", "").strip(), row.get("Username", "").strip(), email, row.get("Identifier", "").strip()]


def _brightspace_ids(row: Mapping[str, str]) -> list[str]:
    ids = [row.get(name, "").strip().removeprefix("#") for name in _BRIGHTSPACE_IDS]
    return [*ids, row.get("Email", "").strip().casefold()]


def _participants(manifest: Manifest) -> dict[str, str]:
    """Return whose is which of Moodle's participants, as they were collected."""
    return {one.key: student for student, one in manifest.students.items() if one.platform == "moodle"}


def _canvas(columns: list[str], wanted: str | None, assignment: str, path: Path) -> _Plan:
    if "SIS Login ID" not in columns and "ID" not in columns:
        raise CourseError(f"{path} is no export of Canvas' gradebook: it has no column ID")
    target = _column(columns, _CANVAS_TITLE, wanted, assignment, path)
    return _Plan({name: name for name in columns if name in (*_CANVAS_IDS, target)}, target, _canvas_ids)


def _moodle(columns: list[str], wanted: str | None, assignment: str, path: Path) -> _Plan:
    if "Identifier" not in columns or "Grade" not in columns:
        raise CourseError(f"{path} is no grading worksheet of Moodle: it has no columns Identifier and Grade")
    return _Plan({name: name for name in columns}, "Grade", _moodle_ids, lambda row: row.get("Maximum grade", ""))


def _brightspace(columns: list[str], wanted: str | None, assignment: str, path: Path) -> _Plan:
    ids = {name: name for name in columns if name in _BRIGHTSPACE_IDS}
    if not ids:
        raise CourseError(f"{path} is no export of Brightspace's grades: it has no column OrgDefinedId or Username")
    target = _column(columns, _BRIGHTSPACE_TITLE, wanted, assignment, path)
    found = _BRIGHTSPACE_TITLE.fullmatch(target.strip())
    title, facts = (found["title"], found["facts"] or "") if found else (target, "")
    most = re.search(r"MaxPoints:\s*([0-9.,]+)", facts)
    heading = {target: f"{title} Points Grade", _END_OF_LINE: _END_OF_LINE}
    return _Plan(ids | heading, target, _brightspace_ids, lambda row: most[1] if most else "")


_PLANS = {"canvas": _canvas, "moodle": _moodle, "brightspace": _brightspace}


def fill(
    path: Path,
    scores: list[Score],
    platform: str,
    manifest: Manifest,
    column: str | None = None,
    remark: Callable[[Score], str] = lambda score: "",
) -> Filled:
    """Return a platform's table with scores in it.

    Parameters
    ----------
    path : Path
        As Canvas, Moodle or Brightspace exported it.
    scores : list of Score
        Of one assignment.
    platform : {"canvas", "moodle", "brightspace"}
    manifest : Manifest
        What was collected for the assignment: in it, participants of a blind Moodle assignment have a student.
    column : str, optional
        For Canvas and Brightspace: the assignment's title there.
    remark : callable, optional
        For Moodle: the feedback comment for a score.

    Raises
    ------
    CourseError
        If it is another table, or its greatest grade is not the assignment's.
    """
    columns, rows, separator = read_table(path, "the table")
    counting = [score for score in scores if score.counts]
    by_id = _by_id(counting)
    plan = _PLANS[platform](columns, column, scores[0].assignment if scores else "", path)
    found = Filled(column=plan.columns[plan.target])
    participants = _participants(manifest)
    students = {score.student: score for score in counting}
    for row in rows:
        row[_END_OF_LINE] = "#"  # only written where the table has that column
        number = re.search(r"[0-9]+$", row.get("Identifier", ""))
        own = students.get(participants.get(number[0], "")) if number and platform == "moodle" else None
        score = own or next((by_id[known] for known in plan.ids(row) if known in by_id), None)
        if score is None:
            continue
        _check_points(plan.most(row), score, path)
        row[plan.target] = f"{round(score.total, 4):g}"
        if platform == "moodle" and "Feedback comments" in columns and remark(score):
            row["Feedback comments"] = remark(score)
        found.students.append(score.student)
    found.unknown = sorted(set(students) - set(found.students))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(plan.columns), delimiter=separator, lineterminator="\r\n", extrasaction="ignore")
    writer.writerow(plan.columns)
    writer.writerows(rows)
    found.text = text.getvalue()
    return found


def _check_points(said: str, score: Score, path: Path) -> None:
    """Refuse a table of an assignment with another greatest grade: 8 of 10 would become 8 of 100."""
    most = said.strip().replace(",", ".")
    try:
        wrong = bool(most) and abs(float(most) - score.points) > 1e-6
    except ValueError:
        wrong = False  # a scale, or a site's own words
    if wrong:
        raise CourseError(
            f"{path}: the maximum grade there is {most}, and {score.assignment} gives {score.points:g} points; "
            "set it in the assignment's settings there, download the table again, and run this once more"
        )
