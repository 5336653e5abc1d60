"""Reading a CSV table that a person or a platform made, whatever its encoding and its separator."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from course_lib.instructor.grading.timestamps import as_text
from course_lib.trouble import CourseError

__all__ = ["read_table"]

_MOST_BYTES = 50 << 20


def read_table(path: Path, called: str) -> tuple[list[str], list[dict[str, str]], str]:
    """Read a table.

    Parameters
    ----------
    path : Path
        A CSV file with commas, semicolons or tabs, in UTF-8 or UTF-16.
    called : str
        What messages call it, such as ``"the roster"``.

    Returns
    -------
    columns : list of str
    rows : list of dict
        What stands in them, as it is; a short row is filled up with empty texts, and what a long one has beyond goes.
    separator : str

    Raises
    ------
    CourseError
        If it cannot be read, is larger than 50 MB, or is no CSV file.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CourseError(f"{called} {path} cannot be read: {error.strerror}") from None
    if len(raw) > _MOST_BYTES:
        raise CourseError(f"{called} {path} has more than {_MOST_BYTES >> 20} MB; is it the right file?")
    text = as_text(raw)
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restval="", strict=True)
        rows = [{k: v for k, v in row.items() if isinstance(k, str)} for row in reader]
    except csv.Error as error:
        raise CourseError(f"{called} {path} is no CSV file: {error}") from None
    return list(reader.fieldnames or ()), rows, separator
