"""Feedback in the form that a platform takes back: one zip file, its pages under the names of the submissions.

Canvas (*Upload Submissions*) finds whose a file is by the two numbers in its name, and shows it as an attachment of a
new comment, under the name that the student's own file had. A page called ``pytorch.ipynb`` would not open, so what
goes back there is a notebook with the feedback in it. Every upload adds a comment; nothing is replaced.

Moodle (*Upload multiple feedback files in a zip*) finds the participant's number in the folder's name, and replaces a
file of the same name: ``Jane Doe_123456_assignsubmission_file/feedback.html``.

Brightspace (*Add Feedback Files*) gets the page in the folder that the submission came in, of several the last one's.

For plain folders the zip holds ``STUDENT/feedback.html``.
"""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from course_lib.atomic import atomic_file
from course_lib.instructor.platforms.manifest import Collected, Manifest
from course_lib.trouble import CourseError

__all__ = ["feedback_notebook", "write_upload"]

PAGE = "feedback.html"
_BODY = re.compile(r"<main>(.*)</main>", re.DOTALL)
#: The date in an archive whose content alone should decide its bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def feedback_notebook(page: str) -> str:
    """Return a notebook that shows a feedback page, for where a file has to keep the name of a notebook.

    Parameters
    ----------
    page : str
        As `feedback_page` makes it: HTML without scripts.

    Examples
    --------
    >>> "8 of 10 points" in feedback_notebook("<html><main><p>8 of 10 points</p></main></html>")
    True
    """
    found = _BODY.search(page)
    body = found[1].strip() if found else f"<pre>{html.escape(page)}</pre>"
    # Markdown ends a block of HTML at an empty line and takes an indented one for code.
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    source = ["*This is feedback on your notebook, not your notebook: yours is as you handed it in.*\n", "\n"]
    source += [f"{line}\n" for line in lines]
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def _as_the_file(original: str, page: str) -> bytes:
    """Return a page in a file of the kind that the student handed in, so that its name tells the truth."""
    if not original.lower().endswith(".zip"):
        return feedback_notebook(page).encode(errors="backslashreplace")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(PAGE, _NO_DATE), page.encode(errors="backslashreplace"))
    return inner.getvalue()


def _entries(collected: Collected, page: str, student: str) -> dict[str, bytes]:
    """Return the names and contents that go back for one student."""
    if collected.platform == "canvas":
        return {original: _as_the_file(original, page) for original in sorted(set(collected.originals.values()))}
    prefix = f"{student}/" if collected.platform == "folders" else collected.prefix
    return {f"{prefix}{PAGE}": page.encode(errors="backslashreplace")}


def write_upload(
    path: Path, manifest: Manifest, pages: Mapping[str, str], shared: Mapping[str, str] | None = None
) -> list[str]:
    """Write a zip file with the pages of everybody who was collected from a platform.

    Parameters
    ----------
    path : Path
    manifest : Manifest
        What was collected for the assignment.
    pages : mapping of str
        By student.
    shared : mapping of str, optional
        For members of groups who did not hand in themselves: who did. In plain folders they get a page of their own; a
        platform knows only the submission, and returns its page to the group itself.

    Returns
    -------
    list of str
        Students with a page who were not collected: they are not in the file.

    Raises
    ------
    CourseError
        If nothing was collected from a platform.
    """
    if not manifest.students:
        raise CourseError("nothing of it was collected with `course collect`, so no platform's names are known")
    collected = dict(manifest.students)
    for student, by in (shared or {}).items():
        if by in collected and collected[by].platform == "folders":
            collected[student] = collected[by]
    known = {student: page for student, page in pages.items() if student in collected}
    with atomic_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for student in sorted(known):
            for name, content in _entries(collected[student], known[student], student).items():
                archive.writestr(zipfile.ZipInfo(name, _NO_DATE), content)
    return sorted(set(pages) - set(known))
