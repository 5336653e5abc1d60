"""Files that a reader, or a crash, finds whole: the one before or the new one, never a half."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["atomic_file", "write_atomically"]


@contextmanager
def atomic_file(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file to write in the place of another; it takes that place when the block ends without an error.

    The content is on disk before the name points at it, so that a computer that loses power has one of the two as
    well. A file that is replaced hands its permissions on.

    Parameters
    ----------
    path : path
        The file to write. Until the block ends, it is as it was. Folders that are missing are made.

    Yields
    ------
    binary file
        In the same folder, under a hidden name; gone if the block fails.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with scratch.open("wb") as file:
            if target.exists():
                shutil.copymode(target, scratch)  # before anything is in it
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, target)
    finally:
        scratch.unlink(missing_ok=True)


def write_atomically(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file in one go; see `atomic_file`.

    Examples
    --------
    >>> write_atomically("notes.txt", b"whole")
    """
    with atomic_file(path) as file:
        file.write(content)
