"""Export scores: per assignment and per question, as plain CSV or in the form that a platform imports.

csv     one line a student: total, points, penalty, whether a person still has to grade, each question
canvas  the gradebook import of Canvas: Student, ID, SIS User ID, SIS Login ID, Section, the assignment;
        with a "Points Possible" line. Canvas finds students by its own number (nbgrader's lms_user_id), else by
        SIS id or login; --ids says which of them nbgrader's ids are. With --by question, each question is a column
        instead of the assignment, so that no point counts twice
moodle  the CSV import of Moodle's grader report: Email address and ID number to map, one column of
        points for the assignment and one for each question, and feedback text
brightspace
        the import of Brightspace's grades: OrgDefinedId (with --ids username: Username), a column "... Points Grade"
        for each assignment, End-of-Line Indicator. Each question instead of the assignment with --by question

Every student of the gradebook and of the folder of submissions is in the file; without a result, the points are
empty, or 0 with --missing zero. A score that cannot be right (above what a question gives, below 0, extra credit
without --allow-extra-credit) is left empty, named, and the exit status is 1.

A spreadsheet takes a cell that begins with = + - or @ for a formula, so csv writes such a cell with ' in front. A
learning platform has to find its own ids again, so its format has ids and addresses as they are; --guard-ids
guards them, too (for Brightspace with the # that its own exports have).

With --into, the scores are filled into the platform's own table, so that ids and columns are its own: Canvas's
gradebook export (*Title (12345)*), Moodle's offline grading worksheet, or Brightspace's export of its grades (*Title
Points Grade*). Whom the table does not have is listed.

With --roster, whom the platform's own list does not have is listed and left out: one unknown student would make Moodle
refuse the whole file.

Examples
--------
  course export                                  all assignments, grading/grades-csv.csv
  course export 03 --format canvas --to week3.csv
  course export 03 --format canvas --by question --missing zero
  course export 03 --format canvas --into Grades-Export.csv --column "Week 3"
  course export 03 --format moodle --roster worksheet.csv
  course export 03 --format moodle --into worksheet.csv --to upload.csv
  course export 03 --format brightspace --into GradesExport.csv --column "Week 3"
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.scores import Score, read_scores, tell_groups, tell_refused
from course_lib.instructor.platforms.roster import read_roster
from course_lib.instructor.platforms.tables import FORMATS, IDS, LEVELS, MISSING, as_number, as_text, export, remark
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import few, say
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "assignments_of", "main"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course export``."""
    parser.add_argument("assignment", nargs="*", metavar="ASSIGNMENT", help="all that were graded by default")
    parser.add_argument("--format", choices=FORMATS, default="csv", help="default: csv")
    parser.add_argument("--by", choices=LEVELS, help="totals, or each question (default: by platform)")
    parser.add_argument(
        "--missing", choices=MISSING, default="empty", help="points of who handed in nothing (default: empty)"
    )
    parser.add_argument("--allow-extra-credit", action="store_true", help="count nbgrader's extra credit")
    parser.add_argument(
        "--ids",
        choices=[name for names in IDS.values() for name in names],
        help="what the gradebook's ids are there: sis, login or canvas for canvas, org or username for brightspace "
        "(default: the first)",
    )
    parser.add_argument("--guard-ids", action="store_true", help="for the platforms: no id may be a formula")
    parser.add_argument("--roster", type=Path, metavar="FILE", help="leave out whom this list of the platform lacks")
    parser.add_argument("--into", type=Path, metavar="FILE", help="fill in a table that the platform exported")
    parser.add_argument("--column", metavar="TITLE", help="with --into: the assignment's title there (not for moodle)")
    parser.add_argument("--to", type=Path, metavar="FILE", help="default: grading/grades-FORMAT.csv")


def assignments_of(root: Path, config: Any, wanted: list[str]) -> list[str]:
    """Return the full names of the assignments that are asked for, by default of all that were graded."""
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
    _check_options(args)
    root = course_root()
    config = load_config(root)
    names = assignments_of(root, config, args.assignment)
    scores = [
        score for name in names for score in read_scores(root, config, name, allow_extra_credit=args.allow_extra_credit)
    ]
    target = args.to or root / "grading" / f"grades-{args.format}.csv"
    if args.into:
        return _fill_in(root, args, names, scores, target)
    unlisted: list[str] = []
    if args.roster:
        roster = read_roster(args.roster)
        listed = [score for score in scores if roster.has(score.student, score.email, score.lms_user_id)]
        unlisted = sorted({score.student for score in scores} - {score.student for score in listed})
        scores = listed
    text = export(
        scores, args.format, args.by, missing=args.missing, guard_ids=args.guard_ids, ids=args.ids
    )  # fmt: skip
    encoding = "utf-8-sig" if args.format == "csv" else "utf-8"
    write_atomically(target, text.encode(encoding, errors="backslashreplace"))
    say(f"wrote {target}: {_told(scores)} of {', '.join(names)}")
    for line in _notes(scores, args):
        say(line)
    if unlisted:
        say(f"not in {args.roster}, and so not in the file: {', '.join(few(unlisted))}", sys.stderr)
    return max(tell_refused(scores), tell_groups(scores), 1 if unlisted else 0)


def _check_options(args: argparse.Namespace) -> None:
    """Refuse options that would be ignored."""
    if args.ids and args.ids not in IDS.get(args.format, ()):
        platform = next(kind for kind, names in IDS.items() if args.ids in names)
        raise CourseError(
            f"--ids is for --format canvas or brightspace, and {args.ids} is {platform}'s; given {args.format}"
        )
    if args.column and not args.into:
        raise CourseError("--column names a column of the table that --into gives")
    if not args.into:
        return
    if args.format == "csv":
        raise CourseError(
            "--into fills in a platform's table: add --format canvas, --format moodle or --format brightspace"
        )
    if args.column and args.format == "moodle":
        raise CourseError("--column is for canvas and brightspace; Moodle's worksheet is of one assignment")
    ignored = [
        name
        for name, given in (
            ("--by", args.by),
            ("--missing", args.missing != "empty"),
            ("--ids", args.ids),
            ("--guard-ids", args.guard_ids),
            ("--roster", args.roster),
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
    for line in _capped(scores, args.format):
        say(line)
    if found.unknown:
        say(f"not in the table, and so not in the file: {', '.join(found.unknown[:30])}", sys.stderr)
    return max(tell_refused(scores), tell_groups(scores), 1 if found.unknown else 0)


def _told(scores: list[Score]) -> str:
    """Count what is in the file."""
    waiting = sum(score.waiting for score in scores if score.counts)
    parts = [f"{sum(score.counts for score in scores)} results"]
    parts += [f"{waiting} still wait for a person's marks"] if waiting else []
    for why in ("nothing handed in", "not graded"):
        number = sum(score.absent == why for score in scores)
        parts += [f"{number} {why}"] if number else []
    return ", ".join(parts)


def _capped(scores: list[Score], platform: str) -> list[str]:
    """Say whose points Brightspace would cut without a word."""
    above = sorted({score.student for score in scores if score.counts and score.total > score.points})
    if platform != "brightspace" or not above:
        return []
    return [
        f"above the maximum: {', '.join(few(above, 10))}. Brightspace cuts such a grade down to the maximum, "
        "unless the grade item has Can Exceed"
    ]


def _notes(scores: list[Score], args: argparse.Namespace) -> list[str]:
    """Say what was chosen for whom: extra credit, points of those who handed in nothing, ids."""
    notes = [
        f"{score.student} ({score.assignment}): {as_number(score.extra)} points of extra credit are counted"
        for score in scores
        if score.counts and score.extra
    ]
    notes += _capped(scores, args.format)
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
