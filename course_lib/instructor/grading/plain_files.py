"""Reading files that a student handed in: no link is followed, and what is no plain file makes nobody wait."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

__all__ = ["read_plain", "small_file"]


def read_plain(path: Path, most: int = -1) -> bytes:
    """Read a file, or so many bytes of it.

    Parameters
    ----------
    path : Path
    most : int, optional
        How many bytes are read at most; by default all of them.

    Raises
    ------
    OSError
        If it is not there, or is a link, a folder, a device or a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # a folder, too, can be opened, though not read
            raise OSError(errno.EINVAL, "no plain file", str(path))
    except OSError:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        return file.read(most)


def small_file(path: Path, most: int = 1000) -> bytes | None:
    """Read a small file; None if it is not there, is no plain file, or has more bytes."""
    try:
        content = read_plain(path, most + 1)
    except OSError:
        return None
    return content if len(content) <= most else None
