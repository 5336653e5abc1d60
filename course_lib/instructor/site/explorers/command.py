"""Record every state of lessons' explorers, so that notebooks and pages draw them without a kernel.

What is recorded lies in the lesson's room and is committed. Only what is missing, or was recorded from other sources
or data than those of now, is recorded, which takes up to a few minutes; each explorer is kept as soon as it is done.

For example:
  course explorers                 all lessons
  course explorers 03              one lesson
  course explorers --check         write nothing; exit status 1 if a recording is not of its explorer
"""

from __future__ import annotations

import argparse
import importlib.util

from course_lib.instructor.site.explorers.recorder import names, record
from course_lib.instructor.site.explorers.rooms import outdated, recording_file, sources, write_recording
from course_lib.instructor.text.render import course_root
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course explorers``."""
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 03 or 03_tracking_loops; all by default")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 and name what is not as it is")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes that record; by default 2")


def main(args: argparse.Namespace) -> int:
    """Run ``course explorers``."""
    if args.check and args.jobs is not None:
        raise CourseError("--jobs is for recording, and --check records nothing; leave one of them out")
    if args.jobs is not None and args.jobs < 1:
        raise CourseError(f"--jobs {args.jobs}: so many processes record nothing; expected 1 or more")
    root = course_root()
    wanted = [name for lesson in args.lessons for name in names(lesson)] if args.lessons else names()
    now = sources()
    missing = outdated(wanted, now)
    if args.check:
        for name in missing:
            print(f"{recording_file(name).relative_to(root)}: was not recorded from the explorer that is there")
        if missing:
            print("run `course explorers`, and commit what it writes")
            return 1
        print(f"{len(wanted)} recordings are of the explorers that are there")
        return 0
    if "modes-keras" in missing and importlib.util.find_spec("keras") is None:
        raise CourseError("the explorer of lesson 05 has a Keras half, and keras is not installed")
    for recording in record(missing, jobs=args.jobs or 2):
        print(f"wrote {write_recording(recording, now).relative_to(root)}")
    print(f"{len(wanted)} explorers: {len(missing)} recorded")
    return 0
