"""Show how far you are: points by lesson, and what is left, from the notebooks as you saved them.

Save your notebooks first. Nothing runs, and nothing leaves your machine.

Examples
--------
  course progress
  course progress --track keras
  course progress --json
  course progress --certificate mine.html --name "Ada Lovelace"
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

from course_lib.atomic import write_atomically
from course_lib.notebook.certificate import MARK, certificate
from course_lib.notebook.progress import Progress, as_text, lessons_folder, read_progress
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course progress``."""
    parser.add_argument("--track", choices=TRACKS, help="only this one; by default those that you have begun")
    parser.add_argument("--lessons", type=Path, metavar="FOLDER", help="default: lessons/ here or above")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE.html",
        help="also write a page to print, with the mistakes you overcame",
    )
    parser.add_argument("--name", default="", help="whose certificate it is; without it, the page has no name")


def _folder(given: Path | None) -> Path:
    found = lessons_folder(Path.cwd()) if given is None else given
    if found is None or not any(found.glob("[0-9][0-9]_*/*.ipynb")):
        raise CourseError(
            f"no lessons in {given or Path.cwd()}; call this in the course's folder, or give --lessons FOLDER"
        )
    return found


def _write_certificate(path: Path, found: list[Progress], name: str) -> None:
    if path.is_dir() or not path.suffix.lower().startswith(".htm"):
        raise CourseError(f"--certificate takes the name of an HTML file, such as mine.html, not {path}")
    if path.exists() and not path.read_bytes().startswith(MARK.encode()):
        raise CourseError(f"{path} is there and is no certificate; give another name, and it stays as it is")
    try:
        page = certificate(found, name.strip(), date.today())
    except ValueError as error:
        raise CourseError(str(error)) from None
    write_atomically(path, page.encode())


def main(args: argparse.Namespace) -> int:
    """Run ``course progress``; 1 if a notebook could not be read."""
    if args.name and args.certificate is None:
        raise CourseError("--name goes with --certificate FILE.html")
    found = read_progress(_folder(args.lessons), [args.track] if args.track else TRACKS)
    if args.certificate is not None:
        _write_certificate(args.certificate, found, args.name)
        print(f"certificate: {args.certificate}; open it in a browser to print it", file=sys.stderr)
    if args.json:
        print(json.dumps([asdict(one) | {"score": one.score, "points": one.points} for one in found], indent=2))
    else:
        print(as_text(found))
    return 1 if any(one.trouble for one in found) else 0
