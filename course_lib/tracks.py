"""The two tracks of the course: every lesson exists in each, and needs only its own framework."""

from __future__ import annotations

import importlib.util

__all__ = ["FRAMEWORKS", "TRACKS", "installed_tracks"]

TRACKS = ("pytorch", "keras")
#: What each track imports, as Python and pip name it.
FRAMEWORKS = {"pytorch": ("torch",), "keras": ("keras", "tensorflow")}


def installed_tracks() -> list[str]:
    """Return the tracks whose framework is installed here; nothing is imported.

    Examples
    --------
    >>> set(installed_tracks()) <= set(TRACKS)
    True
    """
    return [track for track in TRACKS if all(importlib.util.find_spec(name) for name in FRAMEWORKS[track])]
