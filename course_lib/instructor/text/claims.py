"""The outputs that lessons claim: kept beside the lesson's other tests, compared by nbval.

A cell tagged NBVAL_CHECK_OUTPUT prints something that the prose stands on. What it must print is kept
for each track in tests/lessons/NN_topic/claims.json, so that the committed notebooks hold no outputs. With
--notebooks, the notebooks are written with tags and expected outputs, for nbval to execute.

For example:
  course claims --notebooks DIR     for `JUPYTER_PATH=DIR pytest --nbval-lax DIR`: each with a kernel in which the
                                    other track's framework cannot be imported
  course claims --update 03         execute lesson 03 and keep what its tagged cells print now
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import nbformat

from course_lib.atomic import write_atomically
from course_lib.instructor.text.alone import kernel_name, write_kernels
from course_lib.instructor.text.lesson_text import Lesson, read_lesson
from course_lib.instructor.text.render import course_root, lesson_texts, render_source, to_bytes
from course_lib.instructor.text.shown import CONFTEST
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "claims_file", "main", "tagged_cells", "update", "with_claims"]

TAG = "NBVAL_CHECK_OUTPUT"
#: How nbval spells it when it is a tag and not a comment in the code.
NBVAL_TAG = "nbval-check-output"
#: The forms of an output in words; a picture is drawn a little differently elsewhere.
WORDS = {"text/plain", "text/html", "text/markdown"}
#: Seconds that one cell may take while claims are recorded.
CELL_TIMEOUT = 120


def claims_file(root: Path, lesson: str) -> Path:
    """Say where a lesson's claims are kept."""
    return root / "tests" / "lessons" / lesson / "claims.json"


def tagged_cells(lesson: Lesson, track: str) -> list[int]:
    """Give the places (from 0) of the cells whose output is a claim."""
    return [place for place, cell in enumerate(lesson.track(track)) if TAG in cell.tags]


def _kept(outputs: list[Any]) -> list[dict[str, Any]]:
    """Keep of a cell's outputs what two runs share: text, joined, and what a prediction reveals in words."""
    text = "".join(o["text"] for o in outputs if o["output_type"] == "stream" and o["name"] == "stdout")
    kept: list[dict[str, Any]] = [{"output_type": "stream", "name": "stdout", "text": text}] if text else []
    for output in outputs:
        if output["output_type"] == "execute_result" and "text/plain" in output["data"]:
            # nbval wants every form of a result, a table's HTML as well.
            data = {form: text for form, text in output["data"].items() if form in WORDS}
            kept.append({"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None})
        shown = output["data"] if output["output_type"] == "display_data" else {}
        if shown and set(shown) <= WORDS and "<img" not in shown.get("text/html", ""):
            kept.append({"output_type": "display_data", "data": dict(shown), "metadata": {}})
    return kept


def _execute(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    place = notebook.metadata["loss_curves"]
    try:
        NotebookClient(notebook, timeout=CELL_TIMEOUT, kernel_name="python3").execute()
    except CellExecutionError as error:
        raise CourseError(
            f"{place['lesson']}, {place['track']}: a cell failed: {error.ename}: {error.evalue}"
        ) from None
    return notebook


def update(root: Path, lesson: Lesson) -> Path:
    """Execute both tracks of a lesson and keep what their tagged cells print.

    Raises
    ------
    CourseError
        If a cell fails, or a tagged one prints nothing.
    """
    claims: dict[str, dict[str, Any]] = {}
    for track in TRACKS:
        notebook = _execute(render_source(lesson, track))
        claims[track] = {}
        for place in tagged_cells(lesson, track):
            cell = notebook.cells[place]
            kept = _kept(cell.outputs)
            if not kept:
                raise CourseError(
                    f"{lesson.name}, {track}: the cell {cell.source[:40]!r} claims an output, yet has none"
                )
            claims[track][cell.id] = kept
    path = claims_file(root, lesson.name)
    write_atomically(path, (json.dumps(claims, indent=1, ensure_ascii=False) + "\n").encode())
    return path


def with_claims(root: Path, lesson: Lesson, track: str) -> nbformat.NotebookNode:
    """Make the source notebook of one track with its claimed outputs in place.

    Raises
    ------
    CourseError
        If a tagged cell has no claim kept, or a kept claim no cell.
    """
    notebook = render_source(lesson, track)
    path = claims_file(root, lesson.name)
    try:
        claims = dict(json.loads(path.read_text(encoding="utf-8"))[track])
    except FileNotFoundError:
        claims = {}
    except (ValueError, KeyError) as error:
        raise CourseError(f"{path} cannot be read ({error}); run `course claims --update {lesson.name[:2]}`") from None
    for place in tagged_cells(lesson, track):
        cell = notebook.cells[place]
        if cell.id not in claims:
            raise CourseError(
                f"{lesson.name}.md, {track}: a forgotten output: the cell {cell.source[:40]!r} is tagged {TAG}, yet "
                f"{path.name} has none for it; run `course claims --update {lesson.name[:2]}`"
            )
        cell.metadata["tags"] = [*cell.metadata.get("tags", []), NBVAL_TAG]
        cell.outputs = [nbformat.from_dict(output) for output in claims.pop(cell.id)]
        cell.execution_count = 1
    if claims:
        raise CourseError(f"{path.name}, {track}: no tagged cell {', '.join(claims)}; run `course claims --update`")
    return notebook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course claims``."""
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="such as 03; all by default")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--update", action="store_true", help="execute, and keep what tagged cells print")
    what.add_argument("--notebooks", metavar="DIR", type=Path, help="write notebooks with expected outputs into DIR")


def main(args: argparse.Namespace) -> int:
    """Run ``course claims``."""
    root = course_root()
    for text in lesson_texts(root, args.lessons):
        lesson = read_lesson(text)
        if args.update:
            print(f"wrote {update(root, lesson).relative_to(root)}")
            continue
        folder = args.notebooks / lesson.name
        folder.mkdir(parents=True, exist_ok=True)
        for track in TRACKS:
            notebook = with_claims(root, lesson, track)
            notebook.metadata["kernelspec"]["name"] = kernel_name(track)
            (folder / f"{track}.ipynb").write_bytes(to_bytes(notebook))
    if args.notebooks:
        write_kernels(args.notebooks)
        write_atomically(args.notebooks / "conftest.py", CONFTEST.encode())
    return 0
