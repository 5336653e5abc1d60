"""What was handed in: which file is whose notebook, without following links out of a student's folder."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.reference import Reference

__all__ = ["Submission", "find_submissions"]

#: What may lie beside the notebooks, together.
MOST_BESIDE = 50 << 20
MOST_FILES = 200
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", ".DS_Store", "timestamp.txt"}


@dataclass
class Submission:
    """One student's folder.

    Parameters
    ----------
    notebooks : dict of Path
        The file of each released notebook.
    files : list of str
        What lies beside, as relative paths.
    failures : list of str
        What cannot be graded, a line each.
    """

    student: str
    folder: Path
    notebooks: dict[str, Path] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    timestamp: str = ""

    @property
    def handed_in(self) -> datetime | None:
        """When it was handed in, in UTC, as nbgrader reads it."""
        from nbgrader.utils import parse_utc

        try:
            return parse_utc(self.timestamp.strip()) if self.timestamp.strip() else None
        except (ValueError, OverflowError):
            return None

    def read(self, name: str) -> bytes:
        """Read a notebook's file."""
        return _read(self.notebooks[name])

    def beside(self) -> dict[str, bytes]:
        """Read what was handed in beside the notebooks."""
        return {name: _read(self.folder / name) for name in self.files}

    def digest(self, name: str, raw: bytes, beside: dict[str, bytes]) -> str:
        """Return a fingerprint of one notebook, what lies beside it and when it came."""
        total = hashlib.sha256(name.encode() + b"\0" + raw + b"\0" + self.timestamp.strip().encode())
        for path, content in beside.items():  # a name need not be UTF-8: other systems wrote it
            total.update(os.fsencode(path) + b"\0" + hashlib.sha256(content).digest())
        return total.hexdigest()


def _read(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read()


def _regular(folder: Path, found: Submission) -> list[Path]:
    """List the plain files of a folder; links and devices are reported and left alone."""
    plain = []
    for base, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        for name in list(folders):
            if (Path(base) / name).is_symlink():
                folders.remove(name)
                found.flags.append(f"{(Path(base) / name).relative_to(folder)} is a link; not followed")
        for name in sorted(names):
            path = Path(base) / name
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                if name not in _LEFT_OUT:
                    plain.append(path)
            else:
                kind = "a link; not followed" if stat.S_ISLNK(mode) else "no plain file; left out"
                found.flags.append(f"{path.relative_to(folder)} is {kind}")
    return plain


def _fits(path: Path, reference: Reference) -> int:
    """Return how many of a release's cells are named in a file: how sure we are that it is this notebook."""
    try:
        text = _read(path).decode(errors="replace")
    except OSError:
        return 0
    about = re.search(r'"loss_curves"\s*:\s*(\{[^{}]*\})', text)
    if about:
        try:
            told = json.loads(about[1])
        except ValueError:
            told = {}
        if told.get("track") and (told.get("lesson"), told.get("track")) != (reference.lesson, reference.track):
            return 0
        if told.get("track") == reference.track:
            return 1000
    others = [cell for cell in reference.cells if cell.cell_type == "code"]
    shared = sum(json.dumps(line)[1:-1] in text for cell in others for line in cell.source.splitlines()[:1])
    names = sum(f'"{name}"' in text for name in reference.named)
    return names * 10 + shared


def _assign(found: Submission, plain: list[Path], references: dict[str, Reference], limits: Limits) -> None:
    notebooks = [p for p in plain if p.suffix.lower() == ".ipynb"]
    for name in references:
        exact = found.folder / f"{name}.ipynb"
        if exact in notebooks:
            found.notebooks[name] = exact
    left = [
        p for p in notebooks if p not in found.notebooks.values() and p.stat().st_size <= limits.submission_mb << 20
    ]
    for name, reference in references.items():
        if name in found.notebooks:
            continue
        sure = sorted(((_fits(p, reference), p) for p in left), key=lambda pair: -pair[0])
        if sure and sure[0][0] >= 10:
            found.notebooks[name] = sure[0][1]
            left.remove(sure[0][1])
            found.repairs.append(f"{sure[0][1].relative_to(found.folder)} is graded as {name}.ipynb")
        else:
            found.missing.append(name)
    for name, path in list(found.notebooks.items()):
        size = path.stat().st_size
        if size > limits.submission_mb << 20:
            found.failures.append(f"{name}.ipynb has {size >> 20} MB; {limits.submission_mb} MB are read at most")
            del found.notebooks[name]
    used = set(found.notebooks.values())
    beside = [p for p in plain if p not in used]
    if len(beside) > MOST_FILES or sum(p.stat().st_size for p in beside) > MOST_BESIDE:
        found.flags.append(f"more than {MOST_FILES} files or {MOST_BESIDE >> 20} MB beside the notebook; left out")
    else:
        found.files = [str(p.relative_to(found.folder)) for p in beside]


def find_submissions(
    submitted: Path,
    assignment: str,
    references: dict[str, Reference],
    limits: Limits,
    students: list[str] | None = None,
) -> list[Submission]:
    """List what was handed in for an assignment.

    Parameters
    ----------
    submitted : Path
        nbgrader's folder of submissions, ``STUDENT/ASSIGNMENT/`` below it.
    assignment : str
    references : dict of Reference
    limits : Limits
    students : list of str, optional
        Only these.

    Returns
    -------
    list of Submission
        By student.
    """
    everybody = sorted(p.name for p in submitted.iterdir()) if submitted.is_dir() else []
    chosen = []
    for student in students or ():
        if student not in everybody or not (submitted / student / assignment).is_dir():
            place = Path(submitted.parent.name, submitted.name, student, assignment)
            nothing = f"nothing was handed in: there is no folder {place}"
            chosen.append(Submission(student, submitted / student / assignment, failures=[nothing]))
    for student in everybody:
        folder = submitted / student / assignment
        if (students and student not in students) or not folder.is_dir():
            continue
        found = Submission(student, folder)
        chosen.append(found)
        try:
            _look_into(found, submitted, references, limits)
        except OSError as error:
            found.notebooks, found.failures = {}, [f"its folder cannot be read: {error}"]
    return chosen


def _look_into(found: Submission, submitted: Path, references: dict[str, Reference], limits: Limits) -> None:
    folder = found.folder
    if folder.is_symlink() or (submitted / found.student).is_symlink():
        found.failures.append("the folder is a link; it is not followed")
        return
    try:
        found.student.encode()
    except UnicodeEncodeError:
        found.failures.append("the name of the student's folder is not UTF-8; rename it")
        return
    stamp = folder / "timestamp.txt"
    if stamp.is_file() and not stamp.is_symlink() and stamp.stat().st_size < 1000:
        found.timestamp = stamp.read_text(errors="replace")
        if found.handed_in is None:
            found.flags.append("timestamp.txt holds no date; taken as handed in on time")
            found.timestamp = ""
    _assign(found, _regular(folder, found), references, limits)
    if not found.notebooks and not found.failures:
        links = [flag for flag in found.flags if "link" in flag]
        found.failures.append(links[0] if links else "no notebook of this assignment in the folder")
