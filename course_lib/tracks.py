"""The two tracks of the course: every lesson exists in each."""

from __future__ import annotations

__all__ = ["TRACKS"]

TRACKS = ("pytorch", "keras")
