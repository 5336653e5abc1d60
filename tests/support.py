"""Names that tests share: where the course lies, its tracks and its lessons."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TRACKS = ("pytorch", "keras")


def lesson_names() -> list[str]:
    return sorted(path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.md"))


def _locked(name: str) -> bool:
    """Whether a package's version here is the one that the lock names."""
    named = re.search(rf"^{name}==(\S+)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    return named is not None and version(name) == named[1]


#: What was made with the locked versions, to the byte, cannot be made with others.
only_with_the_lock = pytest.mark.skipif(
    not (_locked("matplotlib") and _locked("anywidget")), reason="holds for the versions that the lock names"
)
