"""Where nbgrader and the course keep what belongs to an assignment, and what its files are called."""

from __future__ import annotations

from pathlib import Path

__all__ = ["RELEASE", "SECRET_FILE", "TIMESTAMP_FILE", "handed_out"]

#: What `course release` makes, from the course's folder.
RELEASE = "grading/release"
#: When a submission came; nbgrader's exchange writes it.
TIMESTAMP_FILE = "timestamp.txt"
#: What nbgrader's exchange knows a submission by when feedback goes back.
SECRET_FILE = "submission_secret.txt"


def handed_out(root: Path, assignment: str) -> list[Path]:
    """List where what students got can lie, the likelier place first: released, or the lesson as it is built."""
    return [root / RELEASE / assignment, root / "lessons" / assignment]
