"""What was handed in: which file is whose notebook, without following links out of a student's folder."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from course_lib.instructor.grading.candidates import choose, is_archive
from course_lib.instructor.grading.limits import Limits
from course_lib.instructor.grading.per_student import one_student
from course_lib.instructor.grading.plain_files import read_plain
from course_lib.instructor.grading.reference import Reference
from course_lib.instructor.grading.timestamps import MOST_BYTES, as_text, moment
from course_lib.instructor.places import TIMESTAMP_FILE
from course_lib.printable import few

__all__ = ["Submission", "find_submissions"]

#: What may lie next to the notebooks, together.
MOST_BESIDE = 50 << 20
MOST_FILES = 200
#: So many names of files and folders are looked at.
MOST_NAMES = 5000
#: So many files are named where there is nothing to grade.
MOST_NAMED = 5
_LEFT_OUT = {".ipynb_checkpoints", "__pycache__", "__MACOSX", ".git", ".venv", ".DS_Store", TIMESTAMP_FILE}


@dataclass
class Submission:
    """One student's folder.

    Parameters
    ----------
    notebooks : dict of Path
        The file of each released notebook.
    files : list of str
        What lies next to them, as relative paths.
    failures : list of str
        What cannot be graded, a line each.
    timestamp : str
        When it was handed in, in UTC, as nbgrader writes it; empty where that is not known.
    handed_in : datetime or None
        The same moment, in UTC, without a zone.
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
    handed_in: datetime | None = None

    def read(self, name: str) -> bytes:
        """Read a notebook's file."""
        return read_plain(self.notebooks[name])

    def beside(self) -> dict[str, bytes]:
        """Read what was handed in next to the notebooks."""
        return {name: read_plain(self.folder / name) for name in self.files}

    def digest(self, name: str, raw: bytes, beside: dict[str, bytes]) -> str:
        """Return a fingerprint of one notebook, what lies next to it and when it came."""
        total = hashlib.sha256(name.encode() + b"\0" + raw + b"\0" + self.timestamp.strip().encode())
        for path, content in beside.items():  # a name need not be UTF-8: other systems wrote it
            total.update(os.fsencode(path) + b"\0" + hashlib.sha256(content).digest())
        return total.hexdigest()


def _entries(folder: Path, found: Submission) -> list[os.DirEntry[str]]:
    """List a folder; one that cannot be read is reported."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        if folder == found.folder:
            raise
        found.flags.append(f"the folder {folder.relative_to(found.folder)} cannot be read: {error.strerror}")
        return []


def _regular(found: Submission) -> Iterator[Path]:
    """Yield the plain files of a student's folder; links and devices are reported and left alone."""
    folders, names = [found.folder], 0
    while folders:
        inner = []
        for entry in _entries(folders.pop(), found):
            names += 1
            if names > MOST_NAMES:
                found.flags.append(f"more than {MOST_NAMES} files and folders; the others were not looked at")
                return
            path = Path(entry.path)
            relative = path.relative_to(found.folder)
            if entry.is_symlink():
                found.flags.append(f"{relative} is a link; not followed")
            elif entry.is_dir(follow_symlinks=False):
                if entry.name == TIMESTAMP_FILE:
                    found.flags.append(f"{relative} is a folder; taken as handed in on time")
                elif entry.name not in _LEFT_OUT:
                    inner.append(path)
            elif not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                found.flags.append(f"{relative} is no plain file; left out")
            elif entry.name not in _LEFT_OUT and not entry.name.startswith("._"):  # what macOS puts next to each file
                yield path
        folders += reversed(inner)


def _assign(found: Submission, plain: list[Path], references: dict[str, Reference], limits: Limits) -> None:
    most = limits.submission_mb << 20
    sizes = {path: path.stat().st_size for path in plain}
    chosen = choose(found.folder, [path for path in plain if sizes[path] <= most], references)
    for name in references:
        exact = found.folder / f"{name}.ipynb"
        if name in chosen:
            found.notebooks[name] = chosen[name].path
            if chosen[name].report:
                (found.flags if chosen[name].ask else found.repairs).append(chosen[name].report)
        elif sizes.get(exact, 0) > most:
            found.failures.append(
                f"{name}.ipynb has {sizes[exact] >> 20} MB; {limits.submission_mb} MB are read at most"
            )
        else:
            found.missing.append(name)
    used = set(found.notebooks.values())
    beside = [path for path in plain if path not in used]
    archives = [str(path.relative_to(found.folder)) for path in beside if is_archive(path)]
    if archives and used:
        found.flags.append(f"not opened, since they are archives: {', '.join(few(archives, MOST_NAMED))}")
    if len(beside) > MOST_FILES or sum(sizes[path] for path in beside) > MOST_BESIDE:
        found.flags.append(f"more than {MOST_FILES} files or {MOST_BESIDE >> 20} MB next to the notebook; left out")
    else:
        found.files = [str(path.relative_to(found.folder)) for path in beside]


def find_submissions(
    submitted: Path,
    assignment: str,
    references: dict[str, Reference],
    limits: Limits,
    students: list[str] | None = None,
    zone: str = "UTC",
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
    zone : str, optional
        The time zone of the course's own timestamps.

    Returns
    -------
    list of Submission
        By student.
    """
    everybody = sorted(p.name for p in submitted.iterdir()) if submitted.is_dir() else []
    chosen = []
    for student in students or ():
        if student not in everybody:
            place = Path(submitted.parent.name, submitted.name, student, assignment)
            nothing = f"nothing was handed in: there is no folder {place}"
            chosen.append(Submission(student, submitted / student / assignment, failures=[nothing]))
    for student in everybody:
        if students and student not in students:
            continue
        found = Submission(student, submitted / student / assignment)
        with one_student(_failing(found), "looking into the student's folder"):
            if _is_there(found, submitted, bool(students)):
                _look_into(found, references, limits, zone)
        if found.notebooks or found.failures:
            chosen.append(found)
    _flag_doubles(chosen)
    return chosen


def _failing(found: Submission) -> Callable[[str], None]:
    def fail(line: str) -> None:
        found.notebooks, found.failures = {}, [line]

    return fail


def _is_there(found: Submission, submitted: Path, wanted: bool) -> bool:
    """Tell whether a student handed something in for this assignment; what stands in for a folder is a failure."""
    top, folder = submitted / found.student, found.folder
    if top.is_symlink() or (top.is_dir() and folder.is_symlink()):
        found.failures.append("the folder is a link; it is not followed")
    elif not top.is_dir():
        if ".ipynb" in found.student.lower() or is_archive(top):
            found.failures.append(f"{submitted.name}/{found.student} is a file; expected a folder for each student")
    elif folder.is_dir():
        return True
    elif os.path.lexists(folder):
        found.failures.append(f"{folder.name} is no folder; expected a folder with the notebook in it")
    else:
        near = [p.name for p in sorted(top.iterdir()) if p.is_dir() and _same(p.name, folder.name)]
        if near:
            found.failures.append(f"there is a folder {near[0]!r}; rename it to {folder.name}")
        elif wanted:
            place = Path(submitted.parent.name, submitted.name, found.student, folder.name)
            found.failures.append(f"nothing was handed in: there is no folder {place}")
    return False


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip(" .")


def _same(name: str, other: str) -> bool:
    """Tell whether some file systems take two names for one, or a person would."""
    return _key(name) == _key(other)


def _flag_doubles(chosen: list[Submission]) -> None:
    """Ask a person where two folders may be one student's: names that differ in case, or in how an accent is stored."""
    by_key: dict[str, list[Submission]] = {}
    for found in chosen:
        by_key.setdefault(_key(found.student), []).append(found)
    for same in by_key.values():
        for found in same if len(same) > 1 else ():
            others = ", ".join(repr(other.student) for other in same if other is not found)
            found.flags.append(f"its name and {others} are the same but for case or accents; one student or two?")


def _read_timestamp(found: Submission, zone: str) -> None:
    stamp = found.folder / TIMESTAMP_FILE
    if not stamp.is_file() or stamp.is_symlink():  # what else it may be is reported with the other files
        return
    why = f"it has more than {MOST_BYTES} bytes"
    with contextlib.suppress(OSError):
        if stamp.stat().st_size <= MOST_BYTES:
            found.handed_in, why = moment(as_text(read_plain(stamp)), zone)
    if found.handed_in is None:
        found.flags.append(f"{TIMESTAMP_FILE} holds no clear date; taken as handed in on time: {why}")
    else:
        found.timestamp = f"{found.handed_in} UTC"


def _look_into(found: Submission, references: dict[str, Reference], limits: Limits, zone: str) -> None:
    try:
        found.student.encode()
    except UnicodeEncodeError:
        found.failures.append("the name of the student's folder is not UTF-8; rename it")
        return
    _read_timestamp(found, zone)
    plain = list(_regular(found))
    _assign(found, plain, references, limits)
    if not found.notebooks and not found.failures:
        found.failures.append(_nothing_in(found, plain))


def _nothing_in(found: Submission, plain: list[Path]) -> str:
    """Say what a folder without a notebook holds, so that a person can act."""
    line = "no notebook of this assignment in the folder"
    odd = next((flag for flag in found.flags if not flag.startswith(TIMESTAMP_FILE)), "")
    if not plain:
        return f"{line}; {odd or 'it is empty'}"
    order = sorted(plain, key=lambda p: not (is_archive(p) or ".ipynb" in p.name.lower()))
    names = [str(p.relative_to(found.folder)) + (" (an archive: unpack it)" if is_archive(p) else "") for p in order]
    return f"{line}; it has: {', '.join(few(names, MOST_NAMED))}" + (f"; {odd}" if odd else "")
