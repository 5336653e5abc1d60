"""Names that tests share: where the course lies, its tracks and its lessons."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TRACKS = ("pytorch", "keras")


def lesson_names() -> list[str]:
    return sorted(path.stem for path in (ROOT / "solutions").glob("[0-9][0-9]_*.md"))
