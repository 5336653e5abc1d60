"""Writing what was collected into nbgrader's folder of submissions, so that nothing that is there is lost."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.instructor.grading.plain_files import read_plain
from course_lib.instructor.places import TIMESTAMP_FILE
from course_lib.instructor.platforms.archive import Member
from course_lib.instructor.platforms.download import Submission
from course_lib.instructor.platforms.manifest import Collected, Manifest, folder_of_collected
from course_lib.instructor.platforms.names import Named

__all__ = ["Places", "place"]


def _written_names(submission: Submission) -> dict[str, tuple[Named, Member]]:
    """Return under which names files are written: the students' own, numbered where two are the same."""
    names: dict[str, tuple[Named, Member]] = {}
    for named, member in sorted(submission.named, key=lambda pair: (pair[0].number, pair[1].path)):
        own = (member.path if member.outer else named.file).rsplit("/", 1)[-1]
        stem = re.sub(r"\.ipynb(\.(txt|json))?$", "", own, flags=re.IGNORECASE)
        stem = (
            "".join(c if c.isprintable() and c not in '<>:"|?*\\/' else "_" for c in stem).lstrip(".")[:100] or "file"
        )
        name, count = f"{stem}.ipynb", 1
        while name.casefold() in {other.casefold() for other in names}:
            count += 1
            name = f"{stem} ({count}).ipynb"
        names[name] = named, member
    return names


def _digest(files: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return total.hexdigest()


def _on_disk(folder: Path) -> dict[str, bytes] | None:
    """Return what a student's folder holds, but for the timestamp; None if that is no flat folder of plain files."""
    try:
        return {path.name: read_plain(path) for path in folder.iterdir() if path.name != TIMESTAMP_FILE}
    except OSError:
        return None


@dataclass
class Places:
    """Where submissions go, and what was done with each."""

    root: Path
    submitted: Path
    assignment: str
    manifest: Manifest
    dry_run: bool
    replace: bool
    done: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, line: str) -> None:
        """Keep a line under what was done."""
        self.done.setdefault(what, []).append(line)

    def put(self, student: str, collected: Collected, files: dict[str, bytes]) -> None:
        """Write one student's files, or say why what is there stays."""
        if collected.late:
            self.note("late", student)
        folder = self.submitted / student / self.assignment
        before = self.manifest.students.get(student)
        if os.path.lexists(folder):
            there = None if folder.is_symlink() else _on_disk(folder)
            same = there is not None and _digest(there) == collected.digest
            if not same and not self.replace:
                if before is None or there is None or _digest(there) != before.digest:
                    self.note("kept", f"{student}: the folder there was not collected here, or was changed since")
                    return
                if (collected.number, collected.handed_in) < (before.number, before.handed_in):
                    self.note("kept", f"{student}: what was collected before is newer")
                    return
            self.note("unchanged" if same else "replaced", student)
        else:
            same = False
            self.note("new", student)
        if self.dry_run:
            return
        if not same:
            self._write(student, folder, collected, files)
        self.manifest.students[student] = collected

    def _write(self, student: str, folder: Path, collected: Collected, files: dict[str, bytes]) -> None:
        """Write into a folder beside, then change the two: whoever looks finds the old files or the new ones."""
        scratch = folder_of_collected(self.root) / f".{student}.{os.getpid()}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        try:
            for name, content in files.items():
                (scratch / name).write_bytes(content)
            if collected.handed_in:
                (scratch / TIMESTAMP_FILE).write_text(f"{collected.handed_in}\n", encoding="utf-8")
            folder.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(folder):
                attic = folder_of_collected(self.root) / "replaced" / self.assignment / student
                attic.mkdir(parents=True, exist_ok=True)
                os.rename(folder, attic / f"{sum(1 for _ in attic.iterdir()) + 1}")
            os.rename(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def place(places: Places, found_on: str, student: str, submission: Submission, handed_in: str) -> None:
    """Put one student's submission in its place.

    Parameters
    ----------
    places : Places
    found_on : {"canvas", "moodle", "brightspace", "folders"}
        The platform.
    student : str
        The id in the gradebook.
    submission : Submission
    handed_in : str
        As in ``timestamp.txt``; empty if it is not known.
    """
    named = _written_names(submission)
    contents = {name: member.content for name, (_, member) in named.items()}
    newest = max((one for one, _ in submission.named), key=lambda one: one.number)
    collected = Collected(
        platform=found_on,
        key=submission.first.key,
        name=submission.first.name,
        prefix=newest.prefix,
        number=newest.number,
        handed_in=handed_in,
        late=any(one.late for one, _ in submission.named),
        originals={name: member.outer or member.path for name, (_, member) in named.items()},
        digest=_digest(contents),
    )
    places.put(student, collected, contents)
