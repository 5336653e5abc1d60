"""The journal: each result is on disk before the gradebook hears of it, so a killed run loses nothing.

grading/results/ASSIGNMENT/STUDENT/NOTEBOOK.json holds a result, NOTEBOOK.applied the digest of the one
that the gradebook has. In that folder each name is a student's: what the run notes about itself lies in
grading/runs/ASSIGNMENT/run.json. Files are written next to their place and renamed, so each is whole or not there.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.grading.results import Outcome
from course_lib.trouble import CourseError

__all__ = ["Journal", "checks_digest", "one_at_a_time"]


@contextmanager
def one_at_a_time(root: Path, name: str = ".lock", doing: str = "grading") -> Iterator[None]:
    """Hold the gradebook for one run; the lock goes with the process, however that ends."""
    path = root / "grading" / name
    path.parent.mkdir(exist_ok=True)
    with open(path, "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CourseError(f"another run is {doing} this course; wait until it has ended") from None
        yield


@cache
def checks_digest(lesson: str) -> str:
    """Return a fingerprint of the checks and cases that a lesson is graded with."""
    import course_lib

    package = Path(course_lib.__file__).parent
    total = hashlib.sha256()
    folders = [package / "checks", package / "lessons"]
    files = [p for folder in folders for p in sorted([*folder.rglob("*.py"), *folder.rglob("*.toml")])]
    hidden = package / "instructor" / "hidden"
    files += [hidden / f"l{lesson}.py", *sorted(p for p in hidden.glob(f"l{lesson}/*") if p.suffix in (".py", ".json"))]
    for path in files:
        if path.is_file():
            total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]


def _is_result(data: dict[str, Any]) -> bool:
    """Tell whether JSON data has what every result has."""
    texts = all(isinstance(data.get(name), str) for name in ("student", "notebook", "digest", "status", "run"))
    questions = data.get("questions")
    whole = isinstance(questions, list) and all(
        isinstance(q, dict) and {"grade_id", "score"} <= set(q) for q in questions
    )
    return texts and whole


class Journal:
    """The results of one assignment."""

    def __init__(self, root: Path, assignment: str):
        self.folder = root / "grading" / "results" / assignment
        self._run = root / "grading" / "runs" / assignment / "run.json"

    def _path(self, student: str, notebook: str, kind: str) -> Path:
        return self.folder / student / f"{notebook}.{kind}"

    def begin(self, regrade: bool, checks: str) -> str:
        """Return the name of the run: that of an unfinished one, if it was killed."""
        old = self._read(self._run)
        if old and not old.get("finished") and bool(old.get("regrade")) == regrade:
            return str(old["id"])
        run = uuid.uuid4().hex[:12]
        write_atomically(
            self._run, json.dumps({"id": run, "regrade": regrade, "checks": checks, "finished": False}).encode()
        )
        return run

    def finish(self) -> None:
        """Note that the run has come to its end."""
        write_atomically(self._run, json.dumps((self._read(self._run) or {}) | {"finished": True}).encode())

    @staticmethod
    def _read(path: Path) -> dict[str, Any] | None:
        try:
            data = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    def known(self, student: str, notebook: str) -> dict[str, Any] | None:
        """Return the stored result, or None.

        A file that somebody has changed so that it is no result, and that of another student on a disk that takes
        ``Ada`` and ``ada`` for one name, are as good as none: the notebook is graded again.
        """
        data = self._read(self._path(student, notebook, "json"))
        own = data is not None and (data.get("student"), data.get("notebook")) == (student, notebook)
        return data if data is not None and own and _is_result(data) else None

    def keep(self, outcome: Outcome, run: str, checks: str) -> dict[str, Any]:
        """Store a result; return its data."""
        before = self.known(outcome.student, outcome.notebook) or {}
        previous = before.get("previous") if before.get("run") == run else before.get("digest")
        data = outcome.to_json() | {"run": run, "checks": checks, "previous": previous}
        write_atomically(self._path(outcome.student, outcome.notebook, "json"), json.dumps(data, indent=1).encode())
        return data

    def applied(self, data: dict[str, Any]) -> bool:
        """Tell whether the gradebook has this very result."""
        path = self._path(data["student"], data["notebook"], "applied")
        try:
            return path.read_bytes() == f"{data['run']} {data['digest']}".encode()
        except OSError:
            return False

    def mark_applied(self, data: dict[str, Any]) -> None:
        """Note that the gradebook has this result."""
        write_atomically(
            self._path(data["student"], data["notebook"], "applied"), f"{data['run']} {data['digest']}".encode()
        )

    def all(self) -> Iterator[dict[str, Any]]:
        """Yield every stored result, by student."""
        for path in sorted(self.folder.glob("*/*.json")):
            if (data := self._read(path)) is not None and _is_result(data):
                yield data
