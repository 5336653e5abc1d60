"""Pack what a learner gets into a zip: lessons, course_lib without the instructor's half, setup files.

Nothing of a solution is in it. The zip is the same, byte for byte, each time it is made from the same
files.

For example:
  course bundle                     dist/loss-curves-course-VERSION.zip
  course bundle --to week3.zip --lesson 03
  course bundle --track keras       that track's notebooks alone; `make lab` then installs Keras alone
"""

from __future__ import annotations

import argparse
import json
import os
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from course_lib import __version__
from course_lib.atomic import atomic_file
from course_lib.instructor.text.course_map import CURVES, WAY_BETWEEN
from course_lib.instructor.text.render import course_root, lesson_texts, render
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "bundle", "learner_files", "main", "pack"]

TOP_FILES = (
    "README.md",
    "CITATION.cff",
    "LICENSE",
    "Makefile",
    "docs/glossary.md",
    "docs/published-claims.md",
    "docs/images/lesson03.png",  # the picture in the README
    "environment.yml",
    "pyproject.toml",
    "requirements.lock",
    "scripts/environment-keras.yml",
    "scripts/environment-pytorch.yml",
    "scripts/install.py",  # called by `make lab`
)
#: Parts of course_lib that a learner never gets.
WITHHELD = ("instructor", "bench")
LEFT_OUT = {"__pycache__", ".ipynb_checkpoints", "node_modules"}
#: A fixed time stamp, so that the same files give the same zip; zip cannot tell times before 1980.
TIMESTAMP = (1980, 1, 1, 0, 0, 0)


#: Says in the zip of one track which it is; `make lab` and scripts/install.py read it.
TRACK_FILE = Path(".track")


def learner_files(root: Path, lessons: list[str], tracks: Sequence[str] = TRACKS) -> Iterator[Path]:
    """List what a learner gets, relative to `root`, in order.

    Parameters
    ----------
    root : Path
        The course's folder.
    lessons : list of str
        Such as ``["00_start_here", "03_tracking_loops"]``.
    tracks : sequence of {"pytorch", "keras"}, optional
        Whose notebooks; by default both.
    """
    for name in TOP_FILES:
        if not (root / name).is_file():
            raise CourseError(f"{name} is missing in {root}; a learner needs it to set up the course")
        yield Path(name)
    if (root / CURVES).is_file():
        yield CURVES
    for lesson in lessons:
        for track in tracks:
            yield Path("lessons", lesson, f"{track}.ipynb")
    package = root / "course_lib"
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        if path.is_file() and parts[0] not in WITHHELD and not LEFT_OUT.intersection(parts) and path.suffix != ".pyc":
            yield path.relative_to(root)


_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


def _kept_links(text: str, folder: Path, packed: list[Path]) -> str:
    """Return a Markdown text in which a link that leads to no packed file is left as its words."""

    def link(match: re.Match[str]) -> str:
        words, target = match.groups()
        return match[0] if _leads(folder, target, packed) else words

    return _LINK.sub(link, text)


def _leads(folder: Path, target: str, packed: list[Path]) -> bool:
    if "://" in target or target.startswith(("#", "mailto:")):
        return True
    place = Path(os.path.normpath(folder / target.partition("#")[0]))
    return any(file.is_relative_to(place) for file in packed)


def _kept_way(line: str, folder: Path, packed: list[Path]) -> str:
    """Return the line that leads through the course without the lessons that are not in the zip."""
    parts = line.split(WAY_BETWEEN)
    return WAY_BETWEEN.join(
        part for part in parts if all(_leads(folder, target, packed) for _, target in _LINK.findall(part))
    )


def _notebook(content: bytes, path: Path, packed: list[Path]) -> bytes:
    """Return a notebook whose links lead somewhere; as it is where all do."""
    notebook = json.loads(content)
    changed = False
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            continue
        text = "".join(cell["source"])
        is_way = WAY_BETWEEN in text and "\n" not in text.strip()
        kept = (_kept_way if is_way else _kept_links)(text, path.parent, packed)
        if kept != text:
            cell["source"], changed = kept.splitlines(keepends=True), True
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode() if changed else content


def _content(root: Path, path: Path, packed: list[Path]) -> bytes:
    """Return what goes into the zip: the file, but links in README and notebooks only where they lead somewhere."""
    content = (root / path).read_bytes()
    if path.suffix == ".ipynb":
        return _notebook(content, path, packed)
    return _kept_links(content.decode(), Path(), packed).encode() if path.name == "README.md" else content


def bundle(root: Path, target: Path, lessons: list[str] | None = None, tracks: Sequence[str] = TRACKS) -> list[Path]:
    """Write the learner's zip.

    Parameters
    ----------
    root : Path
        The course's folder.
    target : Path
        The zip to write.
    lessons : list of str, optional
        All by default.
    tracks : sequence of {"pytorch", "keras"}, optional
        Whose notebooks; by default both.

    Returns
    -------
    list of Path
        What is in it.

    Raises
    ------
    CourseError
        If a built notebook differs from its text, or `target` is a folder.
    """
    if target.is_dir():
        raise CourseError(f"{target} is a folder; give the zip a name, as in {target / 'course.zip'}")
    texts = lesson_texts(root, lessons)
    stale = [p for p, b in render(root, texts).items() if not (root / p).is_file() or (root / p).read_bytes() != b]
    if stale:
        raise CourseError(f"{stale[0]} differs from its text; run `course build` first")
    return pack(root, target, [text.stem for text in texts], tracks)


def pack(root: Path, target: Path, lessons: list[str], tracks: Sequence[str] = TRACKS) -> list[Path]:
    """Write the learner's zip of lessons whose notebooks are known to be built from their texts.

    Parameters
    ----------
    root : Path
        The course's folder.
    target : Path
        The zip to write.
    lessons : list of str
        Such as ``["00_start_here", "03_tracking_loops"]``.
    tracks : sequence of {"pytorch", "keras"}, optional
        Whose notebooks; by default both.

    Returns
    -------
    list of Path
        What is in it.
    """
    files = list(learner_files(root, lessons, tracks))
    with atomic_file(target) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            _add(archive, path, _content(root, path, files))
        if len(tracks) == 1:
            _add(archive, TRACK_FILE, f"{tracks[0]}\n".encode())
            files.append(TRACK_FILE)
    return files


def _add(archive: zipfile.ZipFile, path: Path, content: bytes) -> None:
    entry = zipfile.ZipInfo(Path("loss-curves-course", path).as_posix(), TIMESTAMP)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, zipfile.ZIP_DEFLATED)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course bundle``."""
    parser.add_argument("--to", metavar="FILE", type=Path, help="the zip to write")
    parser.add_argument("--lesson", action="append", metavar="LESSON", help="only this one; may be given again")
    parser.add_argument("--track", choices=TRACKS, help="only this track's notebooks (default: both)")


def main(args: argparse.Namespace) -> int:
    """Run ``course bundle``."""
    root = course_root()
    name = "-".join(["loss-curves-course", *([args.track] if args.track else []), __version__])
    target = args.to or root / "dist" / f"{name}.zip"
    files = bundle(root, target, args.lesson, (args.track,) if args.track else TRACKS)
    print(f"wrote {target}: {len(files)} files, {target.stat().st_size / 1000:.0f} kB")
    return 0
