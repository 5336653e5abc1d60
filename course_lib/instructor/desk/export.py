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

With --into, the scores are filled into the platform's own table, so that ids and columns are its own: Canvas's
gradebook export (*Title (12345)*), or Moodle's offline grading worksheet. Whom the table does not have is listed.

Examples
--------
  course export                                  all assignments, grading/grades-csv.csv
  course export 03 --format canvas --to week3.csv
  course export 03 --format canvas --by question --missing zero
  course export 03 --format canvas --into Grades-Export.csv --column "Week 3"
  course export 03 --format moodle --into worksheet.csv --to upload.csv
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.scores import Score, read_scores, tell_refused
from course_lib.instructor.platforms.tables import FORMATS, IDS, LEVELS, MISSING, as_number, as_text, export, remark
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import say
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]


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
    parser.add_argument("--into", type=Path, metavar="FILE", help="fill in Canvas's own export, or Moodle's worksheet")
    parser.add_argument("--column", metavar="TITLE", help="with --into, for canvas: the assignment's title there")
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
    _check_options(args)
    root = course_root()
    config = load_config(root)
    names = _assignments(root, config, args.assignment)
    scores = [
        score for name in names for score in read_scores(root, config, name, allow_extra_credit=args.allow_extra_credit)
    ]
    target = args.to or root / "grading" / f"grades-{args.format}.csv"
    if args.into:
        return _fill_in(root, args, names, scores, target)
    text = export(
        scores, args.format, args.by, missing=args.missing, guard_ids=args.guard_ids, ids=args.ids
    )  # fmt: skip
    encoding = "utf-8-sig" if args.format == "csv" else "utf-8"
    write_atomically(target, text.encode(encoding, errors="backslashreplace"))
    say(f"wrote {target}: {_told(scores)} of {', '.join(names)}")
    for line in _notes(scores, args):
        say(line)
    return tell_refused(scores)


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that would be ignored."""
    if args.column and not args.into:
        raise CourseError("--column names a column of the table that --into gives")
    if not args.into:
        return
    if args.format not in ("canvas", "moodle"):
        raise CourseError("--into fills in a table of Canvas or of Moodle: add --format canvas or --format moodle")
    if args.column and args.format != "canvas":
        raise CourseError("--column is for --format canvas; Moodle's worksheet is of one assignment")
    ignored = [
        name
        for name, given in (
            ("--by", args.by),
            ("--missing", args.missing != "empty"),
            ("--ids", args.ids != "sis"),
            ("--guard-ids", args.guard_ids),
        )
        if given
    ]
    if ignored:
        raise CourseError(f"{' and '.join(ignored)} means nothing with --into: the table's own rows and ids stay")


def _fill_in(root: Path, args: argparse.Namespace, names: list[str], scores: list[Score], target: Path) -> int:
    """Fill scores into a platform's own table."""
    from course_lib.instructor.platforms.fill import fill
    from course_lib.instructor.platforms.manifest import Manifest

    if len(names) != 1:
        raise CourseError(f"--into fills in one assignment, not {len(names)}; name one, such as `course export 03`")
    found = fill(args.into, scores, args.format, Manifest(root, names[0]), args.column, remark)
    write_atomically(target, found.text.encode(errors="backslashreplace"))
    say(f"wrote {target}: {len(found.students)} results of {names[0]} in the column {found.column!r}")
    if found.unknown:
        say(f"not in the table, and so not in the file: {', '.join(found.unknown[:30])}", sys.stderr)
    return max(tell_refused(scores), 1 if found.unknown else 0)


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
        f"{score.student} ({score.assignment}): {as_number(score.extra)} points of extra credit are counted"
        for score in scores
        if score.counts and score.extra
    ]
    if any(score.absent == "nothing handed in" for score in scores):
        told = "count 0 points" if args.missing == "zero" else "have empty points; `--missing zero` writes 0"
        notes.append(f"students who handed in nothing {told}")
    formulas = sorted({s.student for s in scores if as_text(s.student) != s.student})
    if formulas and args.format != "csv" and not args.guard_ids:
        notes.append(
            f"ids are written as they are, so that {args.format} finds them: a spreadsheet would take "
            f"{', '.join(formulas[:3])} for a formula (`--guard-ids` keeps it from that)"
        )
    return notes
