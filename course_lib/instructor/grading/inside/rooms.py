"""Stands for `course_lib.checks.rooms` while notebooks are graded: what is right is known elsewhere, and only there."""

from __future__ import annotations

__all__ = ["lessons", "load"]


def lessons() -> list[str]:
    """Return no lesson: none has its exercises here."""
    return []


def load(lesson: str, track: str) -> dict[str, object]:
    """Return no exercises: a lesson's own checks say that they are left out."""
    return {}
