"""Why a prediction's right option is right: kept beside the lesson, so that it stands on no page before the answer.

``course build`` writes the files, from the cells of a lesson's text that carry ``reveal: NAME``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypedDict

import course_lib

__all__ = ["Explanation", "all_explanations", "explanation", "reveals_path", "use_lesson"]

_ROOMS = Path(course_lib.__file__).parent / "lessons"
_current: list[tuple[str, str]] = []


class Explanation(TypedDict):
    """The right option, and a text in Markdown on why it is right."""

    right: str
    why: str


def reveals_path(lesson: str) -> Path:
    """Return where a lesson's explanations are kept, relative to the package ``course_lib``."""
    return Path("lessons", f"l{lesson}", "reveals.json")


@cache
def _kept(lesson: str) -> dict[str, dict[str, Explanation]]:
    path = _ROOMS.parent / reveals_path(lesson)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def use_lesson(lesson: str, track: str) -> None:
    """Say whose explanations the predictions of this notebook show."""
    _current[:] = [(lesson, track)]


def explanation(question: str) -> Explanation | None:
    """Return the explanation of a question of the lesson that was begun; None where there is none."""
    if not _current:
        return None
    lesson, track = _current[0]
    return _kept(lesson).get(track, {}).get(question)


def all_explanations() -> Iterator[Explanation]:
    """Yield the explanations of every lesson and track."""
    for path in sorted(_ROOMS.glob("l[0-9][0-9]_*/reveals.json")):
        for by_question in _kept(path.parent.name[1:]).values():
            yield from by_question.values()
