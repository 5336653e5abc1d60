"""A small course for tests of grading: one notebook of lesson 03 with the exercises that are quick to check."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import nbformat
from support import ROOT

from course_lib.instructor.grading.gradebook import open_gradebook
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.release import load_config

LESSON = "03_tracking_loops"
#: 2 points by a check, 1 point by a check, 2 points that a person gives.
KEPT = ("epoch_loss", "check_epoch_loss", "order_the_loop", "check_order_the_loop", "why_not_the_same")
EXPLANATION = "Because one was measured earlier. Measure the training rows again."


def small_source(track: str) -> Any:
    """The instructor's notebook with the setup cell and the kept exercises only."""
    notebook = nbformat.read(ROOT / "solutions" / LESSON / f"{track}.ipynb", as_version=4)
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") in KEPT or "begin_lesson(" in cell.source
    ]
    return notebook


def make_course(folder: Path, track: str = "pytorch", db_url: str = "") -> Path:
    """A released course in a folder of its own, with nothing handed in."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    if db_url:
        with open(folder / "nbgrader_config.py", "a") as file:
            file.write(f"\nc.CourseDirectory.db_url = {db_url!r}\n")
    (folder / "solutions" / LESSON).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / f"{LESSON}.md", folder / "solutions")
    nbformat.write(small_source(track), folder / "solutions" / LESSON / f"{track}.ipynb")
    (folder / "grading").mkdir(exist_ok=True)
    open_gradebook(load_config(folder)).close()
    release_all(folder)
    return folder


def release_all(folder: Path) -> None:
    """Release every notebook in the course's folder of sources."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    config = load_config(folder)
    config.CourseDirectory.assignment_id = LESSON
    config.CourseDirectory.release_directory = "grading/release"
    config.GenerateAssignment.force = True
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log.setLevel("ERROR")
    converter.start()


def released(course: Path, track: str = "pytorch") -> Any:
    return nbformat.read(course / "grading" / "release" / LESSON / f"{track}.ipynb", as_version=4)


def answers(track: str = "pytorch") -> dict[str, str]:
    return read_lesson(ROOT / "solutions" / f"{LESSON}.md").solutions(track)


def solved(course: Path, track: str = "pytorch", only: tuple[str, ...] | None = None) -> Any:
    """The released notebook with right answers, of all exercises or of some."""
    notebook = copy.deepcopy(released(course, track))
    for name, source in answers(track).items():
        if (only is None or name in only) and name in KEPT:
            cell(notebook, name).source = source
    if only is None:
        cell(notebook, "why_not_the_same").source = EXPLANATION
    return notebook


def cell(notebook: Any, name: str) -> Any:
    return next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name)


def place(notebook: Any, name: str) -> int:
    return notebook.cells.index(cell(notebook, name))


def code(source: str) -> Any:
    return nbformat.v4.new_code_cell(source)


def hand_in(course: Path, student: str, content: Any, name: str = "pytorch.ipynb") -> Path:
    """Write a submission; `content` is a notebook or bytes."""
    folder = course / "grading" / "submitted" / student / LESSON
    folder.mkdir(parents=True, exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
    (folder / name).write_bytes(raw)
    return folder


Grades = dict[tuple[str, str], tuple[float | None, float | None, bool]]


def grades(course: Path) -> Grades:
    """Automatic score, manual score and whether a person is asked, by student and cell."""
    with open_gradebook(load_config(course)) as gradebook:
        return {
            (s.student.id, g.name): (g.auto_score, g.manual_score, bool(g.needs_manual_grade))
            for s in gradebook.assignment_submissions(LESSON)
            for n in s.notebooks
            for g in n.grades
        }
