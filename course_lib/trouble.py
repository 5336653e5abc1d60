"""What went wrong, in one line that says what to do: a mistake of the user's, or a gradebook that cannot be used."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator

__all__ = ["CourseError", "causes", "of_the_database", "trouble"]


class CourseError(Exception):
    """A mistake that the user can mend: shown as one line, without a traceback, exit status 1."""


#: An error is at most so many steps away from the one that caused it.
_MOST_CAUSES = 20

#: What a database says, and what that means for the person at the keyboard. The first that fits is told.
_SAID: tuple[tuple[str, str], ...] = (
    ("disk is full", "the disk is full. Free some space and run the command again; what was graded is kept"),
    ("no space left", "the disk is full. Free some space and run the command again; what was graded is kept"),
    (
        "is locked",
        "another program is writing into it. Wait, or close formgrader and other commands, and run this one again",
    ),
    ("readonly", "it may only be read. Allow yourself to write it and its folder, and run the command again"),
    ("read-only", "it may only be read. Allow yourself to write it and its folder, and run the command again"),
    ("permission denied", "you may not open it. Allow yourself to read and write it, and run the command again"),
    (
        "unable to open",
        "it cannot be opened. See that its folder exists and that you may write there, and run the command again",
    ),
    (
        "malformed",
        "its file is damaged. Put back a copy; or move the file away, release the assignment again, and grade it",
    ),
    (
        "not a database",
        "its file is no database. Put back a copy; or move the file away, release the assignment again, and grade it",
    ),
    ("no such column", "it was made by another version of nbgrader. Run `nbgrader db upgrade`, and this command again"),
    ("no such table", "it was made by another version of nbgrader. Run `nbgrader db upgrade`, and this command again"),
    ("has no column", "it was made by another version of nbgrader. Run `nbgrader db upgrade`, and this command again"),
    ("disk i/o error", "the disk failed. See that it is there and has room, and run the command again"),
    ("connect", "its server does not answer. Start it, or mend c.CourseDirectory.db_url in nbgrader_config.py"),
)
_OF_THE_DISK = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE),
)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that it came from; nbgrader turns a full disk into an ``InvalidEntry``."""
    seen: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def of_the_database(error: BaseException) -> bool:
    """Tell whether the database failed; values that it could not take are no failure of its own."""
    if isinstance(error, sqlite3.Error):
        return not isinstance(error, sqlite3.DataError | sqlite3.IntegrityError)
    sqlalchemy = sys.modules.get("sqlalchemy")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.exc.DBAPIError):
        return False
    return not isinstance(error, sqlalchemy.exc.DataError | sqlalchemy.exc.IntegrityError)


def trouble(error: BaseException) -> str | None:
    """Return one line on a full disk, a file that may not be written or a gradebook that fails; else None.

    Parameters
    ----------
    error : BaseException
        The errors that it came from are looked at, too.

    Examples
    --------
    >>> trouble(OSError(errno.ENOSPC, "No space left on device", "grades.csv"))
    'No space left on device: grades.csv. Put that right and run the command again'
    >>> trouble(sqlite3.OperationalError("database is locked"))[:46]
    'the gradebook cannot be used (database is lock'
    """
    for one in causes(error):
        if isinstance(one, OSError) and one.errno in _OF_THE_DISK:
            where = f": {one.filename}" if one.filename else ""
            return f"{one.strerror}{where}. Put that right and run the command again"
        if of_the_database(one):
            said = str(getattr(one, "orig", None) or one)
            advice = next((text for sign, text in _SAID if sign in said.lower()), "")
            what = "the gradebook cannot be used"
            return f"{what} ({said}): {advice}" if advice else f"{what} ({said}). Put that right and run it again"
    return None
