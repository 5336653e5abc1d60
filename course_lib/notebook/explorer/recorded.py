"""What a browser needs to draw an explorer by itself: scripts, and a file with every state."""

from __future__ import annotations

import gzip
import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["SCRIPTS", "recorded", "script", "stored"]

_STATIC = Path(__file__).parent / "static"
#: What pages and notebooks share, in this order, at the beginning of one file.
SCRIPTS = (_STATIC / "panel.js", _STATIC / "explorer.js")


@cache
def script() -> str:
    """Return the script that a notebook's explorers run with."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (*SCRIPTS, _STATIC / "notebook.js"))


def stored(path: Path) -> dict[str, Any]:
    """Return what a recording's file holds; nothing where it is missing or damaged."""
    try:
        found = json.loads(gzip.decompress(path.read_bytes()))
    except (OSError, EOFError, zlib.error, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def recorded(path: Path | None, controls: list[dict[str, Any]]) -> bytes:
    """Return a recording as it lies in its file, as JSON compressed by gzip.

    Parameters
    ----------
    path : Path or None
    controls : list of dict
        What `Explorer.specification` says now.

    Returns
    -------
    bytes
        Empty where there is no recording, or it is damaged, or was made of other controls: the kernel draws then.
    """
    return path.read_bytes() if path and stored(path).get("controls") == controls else b""
