"""One guard for every step of every loop over students: what goes wrong with one is that student's line.

Finding, reading, comparing, judging and writing, and just as well feedback, export and report: whatever a
student's files make a step do, the next student is served. Only what would fail for the next one too ends the
run: a full or broken disk, a database that fails, and an interrupt.

Examples
--------
>>> lines = []
>>> for student in ("ada", "ben", "eve"):
...     with one_student(lines.append, "reading it"):
...         if student == "ben":
...             raise RecursionError("nested without end")
>>> lines
['reading it failed (RecursionError: nested without end)']
"""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator

from course_lib.printable import printable
from course_lib.trouble import CourseError, causes, of_the_database

__all__ = ["concerns_everybody", "one_student", "reason"]

#: What the system says of the machine, not of one student's files: no room, no right to write, a broken disk.
_DISK = {
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENODEV", "ENXIO", "ESTALE")
    if hasattr(errno, name)
}


def concerns_everybody(error: BaseException) -> bool:
    """Tell whether an error would come for the next student, too.

    Parameters
    ----------
    error : BaseException
        Its causes are looked at as well: a library may have wrapped a full disk in an error of its own.

    Examples
    --------
    >>> concerns_everybody(OSError(errno.ENOSPC, "No space left on device"))
    True
    >>> concerns_everybody(FileExistsError(errno.EEXIST, "File exists"))
    False
    """
    return any(
        not isinstance(one, Exception) or isinstance(one, CourseError) or _is_disk_or_database(one)
        for one in causes(error)
    )


def _is_disk_or_database(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _DISK
    if of_the_database(error):
        return True
    # A session that can no longer be used, for example: no statement of one student's is to blame for that.
    sqlalchemy = sys.modules.get("sqlalchemy")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.exc.SQLAlchemyError):
        return False
    return not isinstance(error, sqlalchemy.exc.StatementError)


def reason(error: BaseException, doing: str) -> str:
    """Return the line for an error: what was being done, and what went wrong.

    Examples
    --------
    >>> reason(MemoryError(), "judging it")
    'judging it failed (MemoryError)'
    """
    try:
        text = printable(error, 300)
    except Exception:  # an exception's own text may fail, or be without end
        text = ""
    return f"{doing} failed ({type(error).__name__}{': ' if text else ''}{text})"


@contextlib.contextmanager
def one_student(note: Callable[[str], object], doing: str, undo: Callable[[], object] | None = None) -> Iterator[None]:
    """Turn whatever goes wrong inside into a line of this student.

    Parameters
    ----------
    note : callable
        Called with the line.
    doing : str
        What is done in there, such as ``"reading it"``: the line begins with it.
    undo : callable, optional
        Called before the line is noted, such as a database session's ``rollback``.

    Raises
    ------
    BaseException
        What concerns everybody: an interrupt, `CourseError`, a disk or a database that fails.
    """
    try:
        yield
    except BaseException as error:
        if concerns_everybody(error):
            raise
        if undo is not None:
            undo()
        note(reason(error, doing))
