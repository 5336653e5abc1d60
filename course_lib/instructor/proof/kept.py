"""Verdicts that were found earlier, kept in ``.proof-cache/`` under a number for all that they hang on.

The number stands for the answer, the exercise's data, the sources and data files that its check can reach, the sources
that run and judge an answer, the seeds, and the versions of Python and of the libraries. Where any of it differs the
number does, so nothing is ever out of date; what is damaged counts as missing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from course_lib.atomic import write_atomically
from course_lib.instructor.proof.bank import Entry
from course_lib.instructor.proof.made_of import MadeOf
from course_lib.instructor.proof.sources import Name, Sources
from course_lib.instructor.proof.trial import prepare, try_answer

__all__ = ["FOLDER", "Kept", "versions"]

FOLDER = ".proof-cache"
#: What was not asked for so long is deleted.
MOST_DAYS = 30

_LIBRARIES = {
    "pytorch": ("numpy", "pandas", "scikit-learn", "torch"),
    "keras": ("numpy", "pandas", "scikit-learn", "keras", "tensorflow"),
}


@cache
def versions(track: str) -> dict[str, str]:
    """Return the versions on which the verdicts of a track hang."""
    found = {"python": sys.version, "machine": f"{sys.platform} {platform.machine()}"}
    for name in _LIBRARIES[track]:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    return found | {"backend": os.environ.get("KERAS_BACKEND", "")}


class Kept:
    """The verdicts in one folder.

    Parameters
    ----------
    folder : Path
        Made when the first verdict is kept.
    seeds : sequence of int
    sources : Sources, optional
        The package's sources.
    about : callable(str) -> dict, optional
        The versions, by track.
    """

    def __init__(
        self,
        folder: Path,
        seeds: Sequence[int],
        sources: Sources | None = None,
        about: Callable[[str], dict[str, str]] = versions,
    ):
        self.folder, self.seeds, self.about = folder, list(seeds), about
        self.sources = sources or Sources()
        self._made: dict[tuple[str, str, str], MadeOf] = {}
        self._digests: dict[tuple[str, str, str, frozenset[Name]], str] = {}
        self._imports: dict[str, frozenset[Name]] = {}
        self._gates: dict[tuple[str, str], str] = {}

    def number(self, entry: Entry) -> str:
        """Return the number for all that the verdict on an answer hangs on."""
        parts: dict[str, Any] = {
            "answer": [entry.before, entry.source, entry.kind, entry.equivalent is not None],
            "exercise": [entry.lesson, entry.track, entry.exercise],
            "check": self._check(entry),
            "gate": self._gate(entry) if entry.kind == "misconception" else "",
            "seeds": self.seeds,
            "versions": self.about(entry.track),
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _check(self, entry: Entry) -> list[str]:
        from course_lib.instructor.hidden import graded_exercises

        where = entry.lesson, entry.track, entry.exercise
        if where not in self._made:
            exercise = graded_exercises(entry.lesson, entry.track)[entry.exercise]
            self._made[where] = MadeOf(exercise, try_answer, prepare)
        made = self._made[where]
        imports = self._imported(entry.before) | self._imported(entry.source)
        if (*where, imports) not in self._digests:
            self._digests[*where, imports] = self.sources.digest(made.names | imports)
        return [made.digest, self._digests[*where, imports]]

    def _imported(self, source: str) -> frozenset[Name]:
        if source not in self._imports:
            self._imports[source] = frozenset(self.sources.names_in(source))
        return self._imports[source]

    def _gate(self, entry: Entry) -> str:
        """Return a number for what no message may show: the hidden inputs of the whole lesson."""
        from course_lib.instructor.grading.gate import hidden_numbers

        where = entry.lesson, entry.track
        if where not in self._gates:
            numbers = hidden_numbers(*where, self.seeds[0])
            self._gates[where] = hashlib.sha256(repr(numbers).encode()).hexdigest()
        return self._gates[where]

    def _path(self, number: str) -> Path:
        return self.folder / number[:2] / f"{number[2:]}.json"

    def get(self, entry: Entry) -> dict[str, Any] | None:
        """Return what was found for an answer, or None."""
        number = self.number(entry)
        path = self._path(number)
        try:
            stored = json.loads(path.read_text(encoding="utf-8"))
            found = stored["found"]
            if stored["number"] != number or stored["sum"] != _sum(found):
                return None
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found

    def put(self, entry: Entry, found: dict[str, Any]) -> None:
        """Keep what was found; nothing if a source changed since the numbers were made, or the disk takes nothing."""
        if not self.sources.unchanged():
            return
        number = self.number(entry)
        path = self._path(number)
        text = json.dumps({"number": number, "found": found, "sum": _sum(found)})
        with contextlib.suppress(OSError):
            write_atomically(path, text.encode())

    def tidy(self, days: float = MOST_DAYS) -> None:
        """Delete what was not asked for during so many days, and what an interrupted run left half written."""
        before = time.time() - days * 86_400
        for path in self.folder.glob("??/*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()


def _sum(found: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()
