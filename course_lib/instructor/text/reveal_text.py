"""Explanations that wait for a prediction: taken out of the notebook, kept with the lesson.

In the text, a cell with ``reveal: NAME`` and ``right: OPTION`` stands below the cell that calls ``NAME.reveal(...)``.
NAME is what an earlier cell of the track calls its prediction, OPTION one of its options, word for word. Nothing of the
cell stands in the notebook, since a learner would read it before answering; the kernel shows it with the result.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from course_lib.notebook.explanations import Explanation
from course_lib.tracks import TRACKS

if TYPE_CHECKING:
    from course_lib.instructor.text.lesson_cells import Cell
    from course_lib.instructor.text.lesson_text import Lesson

__all__ = ["explanations_file", "predictions", "reveal_problems"]


def _tree(cell: Cell) -> ast.Module:
    try:
        return ast.parse(cell.source)
    except SyntaxError:  # said elsewhere, or a line that only IPython understands
        return ast.Module([], [])


def predictions(cells: list[Cell]) -> dict[str, tuple[str, list[str]]]:
    """Return question and options of every ``NAME = predict("question", "option", ...)``, by NAME."""
    found = {}
    for cell in cells:
        if cell.cell_type != "code":
            continue
        for node in ast.walk(_tree(cell)):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="predict"), args=args)):
                    texts = [arg.value for arg in args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
                    if len(texts) == len(args) >= 3:
                        found[name] = (texts[0], texts[1:])
    return found


def _reveals(cell: Cell, name: str) -> bool:
    return cell.cell_type == "code" and any(
        isinstance(node, ast.Attribute)
        and node.attr == "reveal"
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        for node in ast.walk(_tree(cell))
    )


def reveal_problems(cells: list[Cell], track: str) -> Iterator[tuple[Cell, str]]:
    """Name what is wrong with the explanations of one track."""
    mine = [cell for cell in cells if track in cell.tracks]
    seen: set[str] = set()
    for place, cell in enumerate(mine):
        if "reveal" not in cell.metadata:
            continue
        name, right = str(cell.metadata["reveal"]), cell.metadata.get("right")
        asked = predictions(mine[:place])
        if cell.cell_type != "markdown":
            yield cell, "reveal belongs to a text cell"
        elif name not in asked:
            yield cell, f'no cell above reads {name} = predict("question", "option", ...) in the {track} track'
        elif right not in asked[name][1]:
            options = " | ".join(map(repr, asked[name][1]))
            yield cell, f"right is one of the options of {name}, word for word: {options}; not {right!r}"
        elif name in seen:
            yield cell, f"{name} has two explanations in the {track} track"
        elif not any(_reveals(other, name) for other in mine[:place]):
            yield cell, f"no cell above calls {name}.reveal(...) in the {track} track"
        seen.add(name)


def explanations_file(lesson: Lesson) -> bytes | None:
    """Return the content of the lesson's ``reveals.json``; None for a lesson without explanations."""
    kept: dict[str, dict[str, Explanation]] = {}
    for track in TRACKS:
        mine = [cell for cell in lesson.cells if track in cell.tracks]
        asked = predictions(mine)
        kept[track] = {
            asked[str(cell.metadata["reveal"])][0]: {"right": cell.metadata["right"], "why": cell.source.strip()}
            for cell in mine
            if "reveal" in cell.metadata
        }
    if not any(kept.values()):
        return None
    return (json.dumps(kept, indent=1, ensure_ascii=False) + "\n").encode()
