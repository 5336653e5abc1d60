"""What goes wrong with one student is that student's line; what is printed about students is harmless."""

from __future__ import annotations

import errno
import io
import sqlite3
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from course_lib.instructor.grading.per_student import concerns_everybody, one_student
from course_lib.printable import few, printable, say
from course_lib.trouble import CourseError

CLASS = ["ada", "ben", "eve"]


class Shy(Exception):
    """An error that cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def nested() -> None:
    nested()


ONE_STUDENTS: list[BaseException] = [
    RecursionError("nested"),
    MemoryError(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    OverflowError("date value out of range"),
    FileExistsError(errno.EEXIST, "File exists"),
    PermissionError(errno.EACCES, "Permission denied"),
    OSError(errno.ENAMETOOLONG, "File name too long"),
    OSError(errno.ELOOP, "Too many levels of symbolic links"),
    KeyError("digest"),
    AssertionError(),
    Shy(),
    IntegrityError("INSERT", {}, sqlite3.IntegrityError("UNIQUE constraint failed")),
    DataError("INSERT", {}, ValueError("out of range")),
]
EVERYBODYS: list[BaseException] = [
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
    OSError(errno.EROFS, "Read-only file system"),
    OSError(errno.EMFILE, "Too many open files"),
    OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked")),
    sqlite3.OperationalError("disk I/O error"),
    CourseError("the sandbox has ended"),
    KeyboardInterrupt(),
    SystemExit(1),
]


def go_through_the_class(error: BaseException, undo: Callable[[], None] | None = None) -> tuple[list[str], list[str]]:
    served, lines = [], []
    for student in CLASS:
        with one_student(lines.append, "grading it", undo):
            if student == "ben":
                raise error
            served.append(student)
    return served, lines


@pytest.mark.parametrize("error", ONE_STUDENTS, ids=lambda error: type(error).__name__)
def test_one_students_error_is_that_students_line(error: BaseException) -> None:
    undone: list[str] = []
    served, (line,) = go_through_the_class(error, lambda: undone.append("rolled back"))
    assert served == ["ada", "eve"]
    assert line.startswith(f"grading it failed ({type(error).__name__}")
    assert line.isprintable()
    assert undone == ["rolled back"]


@pytest.mark.parametrize("error", EVERYBODYS, ids=lambda error: type(error).__name__)
def test_what_concerns_everybody_ends_the_run(error: BaseException) -> None:
    with pytest.raises(type(error)):
        go_through_the_class(error)


def test_a_real_recursion_ends_nothing() -> None:
    served = []
    for student in CLASS:
        with one_student(lambda line: None, "reading it"):
            if student == "ben":
                nested()
            served.append(student)
    assert served == ["ada", "eve"]


def test_a_full_disk_is_found_below_the_error_that_a_library_made_of_it() -> None:
    wrapped = ValueError("invalid entry")
    wrapped.__context__ = OSError(errno.ENOSPC, "No space left on device")
    assert concerns_everybody(wrapped)


def test_a_database_that_fails_ends_the_run() -> None:
    engine = create_engine("sqlite://")
    with pytest.raises(OperationalError), engine.connect() as database, one_student(lambda line: None, "writing it"):
        database.execute(text("SELECT * FROM nothing"))


@given(st.text(st.characters()), st.integers(1, 200))
def test_printable_text_is_one_line_of_visible_characters(text: str, most: int) -> None:
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most + 30
    assert printable(shown, 2 * most + 60) == shown or "  " in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("a\u202egpj.exe", "a\\u202egpj.exe"),
        ("half \ud83d", "half \\ud83d"),
        ("two\r\nlines\u2028three", "two lines three"),
        ("Grüße 你好 🎓", "Grüße 你好 🎓"),
        ("no\xa0break", "no break"),
        ("\x9b31m", "\\x9b31m"),
    ],
)
def test_escape_codes_are_shown_and_names_stay_names(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_any_terminal_can_print_it(encoding: str) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, errors="strict", newline="\n")
    say("  Übung 你好 \x1b[2J \udcff.ipynb", stream)
    stream.flush()
    line = raw.getvalue().decode(encoding)
    assert line.startswith("  ")
    assert line.endswith("\\x1b[2J \\udcff.ipynb\n")
    assert line.rstrip("\n").isprintable()


def test_only_the_first_lines_are_kept() -> None:
    assert few(["a", "b"], 2) == ["a", "b"]
    assert few((str(n) for n in range(10_000)), 2) == ["0", "1", "and 9998 more of these"]
