"""Grade an assignment: safe, in parallel, and nothing lost.

Each submission is compared with the release and mended where that can be done; each notebook then runs
in a sandbox of its own, and its checks are judged outside of it. Results go into nbgrader's gradebook.
Run again, it grades only what is new; killed at any moment, it goes on where it was.

Examples
--------
  course grade 03_tracking_loops
  course grade 03 --student ada --student grace
  course grade 03 --track pytorch --workers 8
  course grade 03 --dry-run
  course grade 03 --cell-seconds 300 --memory-mb 8192      for a machine that is slow, or a lesson that needs it
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from course_lib.instructor.grading.limits import add_limit_options, limits_of
from course_lib.instructor.grading.sandbox import MODES
from course_lib.instructor.places import RELEASE
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root, lesson_texts
from course_lib.printable import printable, say
from course_lib.tracks import TRACKS

__all__ = ["add_arguments", "assignment_name", "lines", "main", "print_report"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course grade``."""
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="such as 03 or 03_tracking_loops")
    parser.add_argument("--student", action="append", metavar="ID", help="only this one; may be given again")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="notebooks at a time; default: one a core")
    parser.add_argument("--track", choices=TRACKS, help="only this track's notebook")
    parser.add_argument("--sandbox", choices=MODES, default="bubblewrap", help="`none` gives no protection at all")
    parser.add_argument("--regrade", action="store_true", help="grade again what has not changed, too")
    parser.add_argument("--dask", metavar="ADDRESS", help="grade on a Dask cluster, such as tcp://host:8786")
    add_limit_options(parser)
    parser.add_argument("--run-all", action="store_true", help="also run demonstrations that no graded cell needs")
    parser.add_argument("--dry-run", action="store_true", help="compare with the release only; run and write nothing")
    parser.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else")


def assignment_name(root: Path, name: str) -> str:
    """Return a lesson's full name; another assignment's name stays as it is."""
    from course_lib.trouble import CourseError

    try:
        return lesson_texts(root, [name])[0].stem
    except CourseError:
        if (root / "solutions" / name).is_dir() or (root / RELEASE / name).is_dir():
            return name
        raise


def lines(title: str, entries: list[dict[str, Any]]) -> list[str]:
    """Return a heading and a line for each student that needs one, as any terminal can show them."""
    if not entries:
        return []
    found = [f"{title}:"]
    for entry in entries:
        why = entry["why"] if isinstance(entry["why"], str) else "; ".join(entry["why"])
        where = f" ({entry['notebook']})" if entry["notebook"] else ""
        found.append("  " + printable(f"{entry['student']}{where}: {why}"))
    return found


def print_report(report: Any) -> None:
    """Print what a run did: counts first, then a line for each student that needs one."""
    told = lines("repaired", report.repaired)
    told += lines("for a person to look at", report.flagged)
    told += lines("hints in the code (no points were taken off)", report.hints)
    told += lines("not graded", report.failed)
    for line in told:
        say(line)
    notebooks = "1 notebook" if len(report.graded) == 1 else f"{len(report.graded)} notebooks"
    blank = sum(entry["blank"] for entry in report.graded)
    counts = [f"{notebooks} {'to grade' if report.dry_run else 'graded'}"]
    counts[0] += f" ({blank} with nothing answered)" if blank else ""
    if report.unchanged:
        counts.append(f"{len(report.unchanged)} unchanged")
    counts.append(f"{len(report.repaired)} repaired, {len(report.flagged)} flagged, {len(report.failed)} not graded")
    if report.dry_run:
        counts.append("nothing was run or written")
    print(f"{report.assignment}: {', '.join(counts)}, {report.seconds:.0f} s")
    if report.stale:
        print(
            f"{report.stale} results were made with other checks than today's; see `course regrade {report.assignment}`"
        )


def main(args: argparse.Namespace) -> int:
    """Run ``course grade``."""
    from course_lib.instructor.grading.gradebook import not_released
    from course_lib.instructor.grading.session import Options, grade_assignment

    root = course_root()
    if args.dry_run and not (root / "grading").is_dir():  # which nbgrader's configuration would make
        raise not_released(assignment_name(root, args.assignment))
    config = load_config(root)
    options = Options(
        assignment=assignment_name(root, args.assignment),
        students=tuple(args.student or ()),
        workers=args.workers if args.workers > 0 else os.cpu_count() or 1,
        track=args.track,
        sandbox=args.sandbox,
        regrade=args.regrade,
        dask=args.dask,
        dry_run=args.dry_run,
        run_all=args.run_all,
        limits=limits_of(config, args),
    )
    if args.sandbox == "none" and not args.dry_run:
        print("UNSAFE: without a sandbox, submissions can read and change everything that you can.", file=sys.stderr)
    quiet = args.json or not sys.stderr.isatty()

    def tell(outcome: Any) -> None:
        if not quiet:
            say(f"  {outcome.student} {outcome.notebook}: {outcome.status}", file=sys.stderr)

    report = grade_assignment(root, config, options, tell)
    if args.json:
        print(json.dumps(report.to_json(), indent=2))
    else:
        print_report(report)
    return 0
