"""A course whose lessons have made-up outputs, so that its site is built without executing anything."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

from support import ROOT, TRACKS

from course_lib.instructor.site.outputs import save
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.render import lesson_texts, render_source

#: Everything that a site is made of, but for the outputs that are kept.
PARTS = (
    *("course_lib", "docs", "lessons", "scripts", "solutions"),
    *("CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "README.md", "environment.yml"),
    *("nbgrader_config.py", "pyproject.toml", "requirements.lock"),
)


def picture() -> str:
    """A figure as a cell shows it: HTML with a PNG in it."""
    from PIL import Image

    target = io.BytesIO()
    Image.effect_mandelbrot((240, 120), (-2, -1, 1, 1), 40).save(target, "PNG")
    data = base64.b64encode(target.getvalue()).decode()
    image = f'<img alt="A made-up figure." class="course-figure" width="240" src="data:image/png;base64,{data}">'
    return f'<div class="course-panels">{image}</div>'


def stream(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def shown(markup: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": markup, "text/plain": "words"}}


def made_up(folder: Path, lessons: list[str]) -> Path:
    """Make a course in `folder` with outputs for the named lessons: a figure, and a line that differs by track."""
    for part in PARTS:
        (folder / part).symlink_to(ROOT / part)
    for text in lesson_texts(folder, lessons):
        lesson = read_lesson(text)
        for track in TRACKS:
            notebook = render_source(lesson, track)
            cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
            outputs = {cell.id: [stream(f"cell {place}\n")] for place, cell in enumerate(cells)}
            outputs[cells[-1].id] = [stream(f"printed in {track}\n")]
            outputs[cells[2].id] = [shown(picture())]
            save(folder, notebook, outputs)
    return folder
