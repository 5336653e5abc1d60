"""Lessons as released: each cell runs, or stops in one line that names the unsolved exercise.

The executed page is also held against axe-core's accessibility rules, and every figure has to say in
words what it shows.

Of most notebooks only those cells run that an unsolved exercise can change: nbval executes all the others, as they
are, with solutions above them, and what they show is looked at there (`course_lib.instructor.text.shown`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from support import ROOT, TRACKS, lesson_names

from course_lib.instructor.grading.slicing import makes_and_uses
from course_lib.instructor.text.shown import problems

pytestmark = pytest.mark.slow

#: These run whole: one as an example, and lesson 11, whose cells hand on files, which no name tells.
WHOLE = {("03_tracking_loops", "pytorch"), ("11_logging", "pytorch"), ("11_logging", "keras")}
ASSERT_NO_TENSORFLOW = "import sys, json; print(json.dumps('tensorflow' in sys.modules))"


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("lesson", lesson_names())
def test_released_notebook_stops_only_at_unsolved_exercises(lesson: str, track: str, artefacts: Path) -> None:
    notebook = nbformat.read(ROOT / "lessons" / lesson / f"{track}.ipynb", as_version=4)
    exercises = {c.metadata.nbgrader.grade_id for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")}
    if (lesson, track) not in WHOLE:
        notebook.cells = _what_an_exercise_can_change(notebook.cells)
    notebook.cells.append(nbformat.v4.new_code_cell(ASSERT_NO_TENSORFLOW))
    NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute()
    *cells, last = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        assert problems(cell.outputs) == [], f"{cell.source[:60]!r}"
        for output in cell.outputs:
            if output.output_type != "error":
                continue
            message = "\n".join(output.traceback)
            assert message.count("\n") == 0, message
            assert "not done yet" in message, message
            assert any(name in message for name in exercises), message
        if cell.metadata.get("nbgrader", {}).get("grade"):
            results = [o for o in cell.outputs if o.output_type == "execute_result"]
            assert results, f"{cell.source[:60]!r} gives no score"
            assert results[0].data["text/plain"] == "0.0"
    if track == "pytorch":
        assert json.loads(last.outputs[0].text) is False, "the PyTorch track loaded tensorflow"

    page = artefacts / "html" / f"{lesson}_{track}.html"
    page.parent.mkdir(exist_ok=True)
    notebook.cells.pop()
    page.write_text(HTMLExporter(template_name="lab").from_notebook_node(notebook)[0], encoding="utf-8")
    _axe_finds_nothing(page)


def _what_an_exercise_can_change(cells: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Leave out code that neither waits for an exercise nor defines anything for a cell that does."""
    names = [makes_and_uses(cell.source) if cell.cell_type == "code" else (set(), set()) for cell in cells]
    waiting: set[str] = set()
    run: set[int] = set()
    for place, (cell, (made, used)) in enumerate(zip(cells, names, strict=True)):
        if "nbgrader" in cell.metadata or used & waiting:
            waiting |= made
            run.add(place)
        elif "begin_lesson(" in cell.source:
            run.add(place)
    needed: set[str] = set()
    for place, (made, used) in reversed(list(enumerate(names))):
        if place in run or made & needed:
            run.add(place)
            needed = (needed - made) | used
    return [cell for place, cell in enumerate(cells) if cell.cell_type != "code" or place in run]


def _axe_finds_nothing(page: Path) -> None:
    browser = next((p for name in ("chromium", "chromium-browser", "google-chrome") if (p := shutil.which(name))), None)
    if browser is None:
        assert not os.environ.get("COURSE_REQUIRE_BROWSER"), "no Chromium found, and this run must have one"
        return
    command = [sys.executable, str(ROOT / "tests" / "accessibility.py"), str(page), browser]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(result.stdout) == []


def test_axe_can_find_something(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<html lang='en'><body><main class='jp-OutputArea-output'><img src='x.png'></main></html>")
    with pytest.raises(AssertionError, match=r"image-alt"):
        _axe_finds_nothing(page)
