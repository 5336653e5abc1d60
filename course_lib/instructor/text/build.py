"""Build the notebooks of all lessons from their texts.

solutions/NN_topic.md  ->  solutions/NN_topic/{pytorch,keras}.ipynb  ->  lessons/NN_topic/...

The first step splits a text into its two tracks and expands the short metadata of graded cells; the
second is nbgrader's own generate_assignment. Nothing built is edited by hand: two builds give the
same bytes, and --check names what differs from its source.

Examples
--------
  course build                      all lessons
  course build 03_tracking_loops    one lesson
  course build --check              exit status 1 if a committed notebook differs from its text
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

from course_lib.atomic import write_atomically
from course_lib.instructor.text.claims import claims_file, with_claims
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.render import course_root, lesson_texts, render
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "main", "render_indexes"]


def render_indexes(texts: list[Path]) -> dict[Path, bytes]:
    """Build the glossary, the index of misconceptions and the page of claims in memory, from all lessons."""
    from course_lib.instructor.text.index import glossary, misconceptions, published

    lessons = [read_lesson(text) for text in texts]
    try:
        pages = {
            "glossary.md": glossary(lessons),
            "misconceptions.md": misconceptions(lessons),
            "published-claims.md": published(lessons),
        }
    except ValueError as error:
        raise CourseError(str(error)) from None
    return {Path("docs", name): page.encode() for name, page in pages.items()}


def _orphans(root: Path, texts: list[Path], built: Collection[Path]) -> list[Path]:
    """Find built folders whose text is gone, and explanations that no text has."""
    names = {text.stem for text in texts}
    folders = [p for top in ("solutions", "lessons") for p in sorted((root / top).glob("[0-9][0-9]_*"))]
    kept = [p.relative_to(root) for p in sorted(root.glob("course_lib/lessons/*/reveals.json"))]
    return [p.relative_to(root) for p in folders if p.is_dir() and p.name not in names] + [
        path for path in kept if path not in built
    ]


def _find_forgotten_outputs(root: Path, texts: list[Path]) -> None:
    """Stop if a cell claims an output and none is kept for it, where claims are kept at all.

    Raises
    ------
    CourseError
        With the lesson, the track, the cell, and the command that mends it.
    """
    if claims_file(root, "any").parents[1].is_dir():
        for text in texts:
            lesson = read_lesson(text)
            for track in TRACKS:
                with_claims(root, lesson, track)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course build``."""
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 03 or 03_tracking_loops; all by default")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 and name what differs")


def main(args: argparse.Namespace) -> int:
    """Run ``course build``."""
    root = course_root()
    texts = lesson_texts(root, args.lessons)
    if not texts:
        raise CourseError(f"no lesson texts (NN_topic.md) in {root / 'solutions'}")
    built = render(root, texts)
    _find_forgotten_outputs(root, texts)
    if not args.lessons:
        built |= render_indexes(texts)
    differing = [p for p, content in built.items() if not (root / p).is_file() or (root / p).read_bytes() != content]
    orphans = [] if args.lessons else _orphans(root, texts, built)
    if args.check:
        for path in differing:
            print(f"{path}: {'differs from' if (root / path).is_file() else 'is missing; build it from'} its text")
        for path in orphans:
            print(f"{path}: has no lesson text")
        if differing or orphans:
            print("run `course build`, look at the change, and commit it")
            return 1
        print(f"{len(built)} files of {len(texts)} lessons match their texts")
        return 0
    for path in differing:
        write_atomically(root / path, built[path])
        print(f"wrote {path}")
    for path in orphans:
        print(f"{path}: has no lesson text; remove it by hand if it is not needed")
    print(f"{len(texts)} lessons, {len(built)} files: {len(differing)} changed")
    if args.lessons and differing:
        print("the start page's map and the indexes in docs/ hang on all lessons; `course build` renews them, too")
    return 0
