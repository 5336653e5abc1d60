"""Show how far you are: points by lesson, and what is left, from the notebooks as you saved them.

Save your notebooks first. Nothing runs, and nothing leaves your machine.

Examples
--------
  course progress
  course progress --track keras
  course progress --json
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from course_lib.notebook.progress import as_text, lessons_folder, read_progress
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course progress``."""
    parser.add_argument("--track", choices=TRACKS, help="only this one; by default those that you have begun")
    parser.add_argument("--lessons", type=Path, metavar="FOLDER", help="default: lessons/ here or above")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def _folder(given: Path | None) -> Path:
    found = lessons_folder(Path.cwd()) if given is None else given
    if found is None or not any(found.glob("[0-9][0-9]_*/*.ipynb")):
        raise CourseError(
            f"no lessons in {given or Path.cwd()}; call this in the course's folder, or give --lessons FOLDER"
        )
    return found


def main(args: argparse.Namespace) -> int:
    """Run ``course progress``; 1 if a notebook could not be read."""
    found = read_progress(_folder(args.lessons), [args.track] if args.track else TRACKS)
    if args.json:
        print(json.dumps([asdict(one) | {"score": one.score, "points": one.points} for one in found], indent=2))
    else:
        print(as_text(found))
    return 1 if any(one.trouble for one in found) else 0
