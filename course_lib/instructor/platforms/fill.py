"""Filling scores into a table that a platform exported: its ids and columns are right by construction.

Canvas   an export of its gradebook. The column is the assignment's own, ``Title (12345)``; only that column and those
         by which Canvas finds students are kept, so that an import changes nothing else.
Moodle   an assignment's offline grading worksheet: ``Grade`` and ``Feedback comments`` are filled in, all else stays.

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

from course_lib.instructor.grading.scores import Score
from course_lib.instructor.grading.timestamps import as_text
from course_lib.instructor.platforms.manifest import Manifest
from course_lib.trouble import CourseError

__all__ = ["Filled", "fill"]

_CANVAS_IDS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Root Account", "Integration ID", "Section")
_MOST_BYTES = 50 << 20


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


def _read(path: Path) -> tuple[list[str], list[dict[str, str]], str]:
    """Return a table's columns, rows and separator."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(f"the table {path} cannot be read: {error.strerror}") from None
    if len(raw) > _MOST_BYTES:
        raise CourseError(f"the table {path} has more than {_MOST_BYTES >> 20} MB; is it the right file?")
    text = as_text(raw)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="", strict=True)
        rows = [{k: v for k, v in row.items() if isinstance(k, str)} for row in reader]
    except csv.Error as error:
        raise CourseError(f"the table {path} is no CSV file: {error}") from None
    return list(reader.fieldnames or ()), rows, separator


def _column(columns: list[str], wanted: str | None, assignment: str, path: Path) -> str:
    """Return Canvas' column of an assignment: the one named, or the only one that its title fits."""
    titled = {name: re.sub(r" \([0-9]+\)$", "", name) for name in columns if re.search(r" \([0-9]+\)$", name)}
    names = ", ".join(titled.values()) or "(none)"
    if wanted:
        fits = [name for name, title in titled.items() if wanted in (name, title)]
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


def _participants(manifest: Manifest) -> dict[str, str]:
    """Return whose is which of Moodle's participants, as they were collected."""
    return {one.key: student for student, one in manifest.students.items() if one.platform == "moodle"}


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
        As Canvas or Moodle exported it.
    scores : list of Score
        Of one assignment.
    platform : {"canvas", "moodle"}
    manifest : Manifest
        What was collected for the assignment: in it, participants of a blind Moodle assignment have a student.
    column : str, optional
        For Canvas: the assignment's title there.
    remark : callable, optional
        For Moodle: the feedback comment for a score.

    Raises
    ------
    CourseError
        If it is another table, or its greatest grade is not the assignment's.
    """
    columns, rows, separator = _read(path)
    counting = [score for score in scores if score.counts]
    by_id = _by_id(counting)
    if platform == "canvas":
        if "SIS Login ID" not in columns and "ID" not in columns:
            raise CourseError(f"{path} is no export of Canvas' gradebook: it has no column ID")
        target = _column(columns, column, counting[0].assignment if counting else "", path)
        columns = [name for name in columns if name in (*_CANVAS_IDS, target)]
        ids = _canvas_ids
    else:
        if "Identifier" not in columns or "Grade" not in columns:
            raise CourseError(f"{path} is no grading worksheet of Moodle: it has no columns Identifier and Grade")
        target, ids = "Grade", _moodle_ids
    found = Filled(column=target)
    participants = _participants(manifest)
    students = {score.student: score for score in counting}
    for row in rows:
        number = re.search(r"[0-9]+$", row.get("Identifier", ""))
        own = students.get(participants.get(number[0], "")) if number and platform == "moodle" else None
        score = own or next((by_id[known] for known in ids(row) if known in by_id), None)
        if score is None:
            continue
        _check_points(row, score, path)
        row[target] = f"{round(score.total, 4):g}"
        if platform == "moodle" and "Feedback comments" in columns and remark(score):
            row["Feedback comments"] = remark(score)
        found.students.append(score.student)
    found.unknown = sorted(set(students) - set(found.students))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=separator, lineterminator="\r\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    found.text = text.getvalue()
    return found


def _check_points(row: Mapping[str, str], score: Score, path: Path) -> None:
    """Refuse a worksheet of an assignment with another greatest grade: 8 of 10 would become 8 of 100."""
    most = row.get("Maximum grade", "").strip().replace(",", ".")
    try:
        wrong = bool(most) and abs(float(most) - score.points) > 1e-6
    except ValueError:
        wrong = False  # a scale, or a site's own words
    if wrong:
        raise CourseError(
            f"{path}: the maximum grade there is {most}, and {score.assignment} gives {score.points:g} points; "
            "set it in the assignment's settings, download the worksheet again, and run this once more"
        )
