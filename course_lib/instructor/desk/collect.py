"""Put a platform's download of submissions where `course grade` looks for them.

The zip files of Canvas, Moodle and Brightspace and plain folders (one a student) are told apart by their names. Each
student's notebooks go to grading/submitted/STUDENT/ASSIGNMENT/, with timestamp.txt where the time is known; what was
collected is kept in grading/collected/, so that `course feedback --zip` can name its pages as the platform wants them.

Who is who comes from --roster (nbgrader's students.csv, an export of Canvas's or Brightspace's grades, or Moodle's
grading worksheet), else from the gradebook. Whom neither knows is listed and not collected, unless --keep-unknown.
Where there is no list at all, the platform's own ids are taken.

Run it again with a newer download: what is unchanged stays, what is newer replaces what was collected before (which
is kept in grading/collected/), and a folder that came in another way is left alone unless --replace.

Examples
--------
  course collect submissions.zip
  course collect submissions.zip --roster grades-export.csv --dry-run
  course collect downloads/ --assignment 03 --platform folders
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from tqdm import tqdm

from course_lib.instructor.grading.gradebook import has_gradebook, open_gradebook
from course_lib.instructor.platforms.archive import members
from course_lib.instructor.platforms.download import Download, identify, sort, times, zone_called
from course_lib.instructor.platforms.manifest import Manifest, folder_of_collected
from course_lib.instructor.platforms.names import PLATFORMS
from course_lib.instructor.platforms.placing import Places, place
from course_lib.instructor.platforms.roster import Roster, read_roster, roster_of_gradebook
from course_lib.instructor.text.release import load_config
from course_lib.instructor.text.render import course_root
from course_lib.printable import few, printable, say
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]

_LESSON = re.compile(rb'"loss_curves"\s{0,9}:\s{0,9}\{[^{}]{0,400}?"lesson"\s{0,9}:\s{0,9}"([\w-]{1,80})"')


def _lesson(found: Download, root: Path, wanted: str | None) -> str:
    """Return the assignment: what was asked for, or what most notebooks say they are."""
    from course_lib.instructor.desk.grade import assignment_name

    if wanted:
        return assignment_name(root, wanted)
    told: Counter[str] = Counter()
    for one in found.submissions.values():
        told.update({m[1].decode() for _, member in one.named if (m := _LESSON.search(member.content))})
    if not told:
        raise CourseError("no notebook in it says of which lesson it is; name it, such as `--assignment 03`")
    (first, most), *others = told.most_common(2)
    if others and others[0][1] == most:
        raise CourseError(f"it holds as many notebooks of {first} as of {others[0][0]}; name one with --assignment")
    return assignment_name(root, first)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course collect``."""
    parser.add_argument("download", type=Path, metavar="FILE.zip", help="the platform's zip file, or a folder")
    parser.add_argument("--assignment", metavar="NAME", help="such as 03; by default what the notebooks say they are")
    parser.add_argument("--roster", type=Path, metavar="FILE.csv", help="who is who; see above")
    parser.add_argument("--platform", choices=PLATFORMS, help="by default told by the names")
    parser.add_argument("--keep-unknown", action="store_true", help="collect unknown students under the platform's ids")
    parser.add_argument("--replace", action="store_true", help="also replace what is newer or came in another way")
    parser.add_argument("--timezone", metavar="ZONE", help="of the archive's clock; default: the course's own")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done; write nothing")


def _roster(root: Path, config: Any, path: Path | None) -> Roster:
    if path is not None:
        return read_roster(path)
    if not has_gradebook(config):
        return Roster()
    with open_gradebook(config) as gradebook:
        return roster_of_gradebook(gradebook.students)


def main(args: argparse.Namespace) -> int:
    """Run ``course collect``."""
    root = course_root()
    config = load_config(root)
    read = tqdm(members(args.download), desc="reading", unit=" files", disable=None, leave=False)
    found = sort(list(read), args.platform)
    if not found.submissions:
        told = f"; {few(found.left_out, 3)[0]}" if found.left_out else ""
        raise CourseError(f"{args.download} holds no notebook that a student handed in{told}")
    assignment = _lesson(found, root, args.assignment)
    roster = _roster(root, config, args.roster)
    ids, problems = identify(found, roster, args.roster is not None, args.keep_unknown)
    exchange = getattr(config, "Exchange", None)
    configured = exchange.timezone if exchange is not None and isinstance(exchange.get("timezone"), str) else "UTC"
    came = times(found, roster, ids, zone_called(args.timezone or configured))
    submitted = root / config.CourseDirectory.submitted_directory
    places = Places(root, submitted, assignment, Manifest(root, assignment), args.dry_run, args.replace)
    try:
        for key, student in tqdm(ids.items(), desc="writing", unit=" students", disable=None, leave=False):
            place(places, found.platform, student, found.submissions[key], came[key])
    finally:  # also when interrupted: what was written is known the next time
        if not args.dry_run and places.manifest.students:
            places.manifest.save()
    _tell(places, found, problems, came)
    return 1 if problems or places.done.get("kept") else 0


def _tell(places: Places, found: Download, problems: list[str], times: dict[str, str]) -> None:
    done = places.done
    counts = [f"{len(done.get(what, []))} {what}" for what in ("new", "replaced", "unchanged") if done.get(what)]
    verb = "would collect" if places.dry_run else "collected"
    say(f"{places.assignment}, from {found.platform}: {verb} {', '.join(counts) or 'nothing'}")
    if done.get("replaced") and not places.dry_run:
        say(f"  what was replaced is in {folder_of_collected(places.root).relative_to(places.root) / 'replaced'}")
    late = done.get("late", [])
    if late:
        say(f"  marked late by Canvas: {', '.join(few(sorted(late), 20))}")
    unknown = sum(not when for when in times.values())
    if unknown:
        say(
            f"  without a time: {unknown} (the archive holds the time of the download, or none); lateness is not judged"
        )
    for title, lines, stream in (
        ("left as they are (`--replace` replaces them)", done.get("kept", []), sys.stderr),
        ("left out of the archive", found.left_out, sys.stdout),
        ("not collected (give a --roster that has them, or --keep-unknown)", problems, sys.stderr),
    ):
        if lines:
            say(f"{title}:", stream)
            for line in few(lines, 50):
                say(f"  {printable(line, 300)}", stream)
    if not places.dry_run and (done.get("new") or done.get("replaced")):
        say(f"next: course grade {places.assignment[:2]}")
