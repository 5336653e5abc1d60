"""Recordings as they lie in lessons' rooms, each with a number for what it was made from."""

from __future__ import annotations

import gzip
import hashlib
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_lib import explorers
from course_lib.atomic import write_atomically
from course_lib.instructor.proof.sources import Sources
from course_lib.instructor.site.explorers.recorder import open_explorer
from course_lib.instructor.site.explorers.recording import Recording, with_fallback
from course_lib.notebook.explorer.recorded import stored
from course_lib.trouble import CourseError

__all__ = ["apart", "outdated", "read_recording", "recording_file", "sources", "write_recording"]

#: What a recording hangs on besides the explorer.
_MADE_BY = tuple(
    Path(__file__).with_name(f"{module}.py") for module in ("packing", "panels", "pen", "recording", "sketch", "states")
)


def recording_file(name: str) -> Path:
    """Return where a recording lies in its lesson's room.

    Examples
    --------
    >>> recording_file("modes-keras").parts[-3:]
    ('l05_no_grad_validation', 'recorded', 'modes-keras.json.gz')
    """
    return Path(inspect.getfile(_module(name))).parent / "recorded" / f"{name}.json.gz"


def _module(name: str) -> Any:
    return inspect.getmodule(getattr(explorers, name.split("-")[0]))


def _made_from(name: str, sources: Sources) -> str:
    """Return a number for what a recording hangs on: the explorer, its data, and what records."""
    recorder = hashlib.sha256(b"".join(path.read_bytes() for path in _MADE_BY)).hexdigest()
    parts = [name, sources.digest([(_module(name).__name__, None)]), recorder]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def apart(module: str) -> bool:
    """Tell whether nothing that is recorded hangs on a module: checks, and how explorers reach a browser.

    Examples
    --------
    >>> apart("course_lib.checks.display"), apart("course_lib.notebook.explorer.drawing")
    (True, False)
    """
    drawing = module in ("course_lib.notebook.explorer.base", "course_lib.notebook.explorer.drawing")
    return module.startswith("course_lib.checks") or (module.startswith("course_lib.notebook.") and not drawing)


def sources() -> Sources:
    """Return the package's sources, as recordings hang on them."""
    return Sources(without=apart)


def outdated(wanted: Sequence[str], now: Sources | None = None) -> list[str]:
    """Return which recordings are missing, or were made from something else than what is there now.

    Parameters
    ----------
    wanted : sequence of str
        Names as `names` gives them.
    now : Sources, optional
        What is there now, as `sources` gives it.

    Examples
    --------
    >>> outdated(["confidence"])
    []
    """
    now = now or sources()
    return [name for name in wanted if stored(recording_file(name)).get("made_from") != _made_from(name, now)]


def write_recording(recording: Recording, now: Sources) -> Path:
    """Write a recording into its lesson's room, and return the file.

    Parameters
    ----------
    recording : Recording
    now : Sources
        From before it was recorded, as `sources` gives it.

    Raises
    ------
    CourseError
        If a source has changed since.
    """
    path, number = recording_file(recording.name), _made_from(recording.name, now)
    if _made_from(recording.name, sources()) != number:
        raise CourseError(f"its sources changed while {recording.name} was recorded; run it again")
    path.parent.mkdir(exist_ok=True)
    content = f'{{"made_from":{json.dumps(number)},{recording.content[1:]}'
    write_atomically(path, gzip.compress(content.encode(), 9, mtime=0))
    return path


def read_recording(name: str) -> Recording:
    """Return the recording that lies in its lesson's room.

    Raises
    ------
    CourseError
        If it is missing, or was made from something else than what is there now.

    Examples
    --------
    >>> read_recording("confidence").title
    'Confidence and cross-entropy'
    """
    if outdated([name]):
        raise CourseError(
            f"{recording_file(name).name} was not recorded from its explorer; run `course explorers` first"
        )
    content = stored(recording_file(name))
    del content["made_from"]
    return with_fallback(name, open_explorer(name)[0], content)
