"""Text of a learner's that belongs to no question, while a question that a person grades is blank.

An explanation that was typed or pasted into a new cell has neither name nor id. Whether it answers the question is
for a person to say, so it is shown in that question's place, in the copy that is graded; the person is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from course_lib.instructor.grading.reading import normal, prose
from course_lib.instructor.grading.reference import Reference, ReferenceCell

__all__ = ["show_loose_texts"]

#: So much of a loose text is shown: a person reads no more, and the file keeps the rest.
MOST_SHOWN = 20_000
#: So much of a notebook is searched for such texts.
MOST_READ = 1_000_000
_SOMETHING = re.compile(r"\w")


def _own_lines(cell: Any, released: set[str]) -> str:
    """Return the lines of a cell that the release does not have."""
    lines = cell.source[: 4 * MOST_SHOWN].splitlines()
    return "\n".join(line for line in lines if line.strip() not in released).strip("\n")[:MOST_SHOWN]


def _is_loose(cell: Any, text: str) -> bool:
    if cell.cell_type == "code":
        return prose(text)
    return bool(_SOMETHING.search(text)) or bool(cell.get("attachments"))


def show_loose_texts(
    cells: list[Any], reference: Reference, name_of: Callable[[Any], str | None], lost: list[Any]
) -> list[str]:
    """Show texts without an owner in the blank question that is nearest to them.

    Parameters
    ----------
    cells : list of notebook cells
        In the release's order; a blank question's source is changed.
    reference : Reference
    name_of : callable
        Returns the released cell that a cell is, or None.
    lost : list of notebook cells
        As handed in: cells whose changes were taken back.

    Returns
    -------
    list of str
        A line for a person about each question, and about texts that no question could take.
    """
    manual = {c.grade_id: c for c in reference.cells if c.role == "manual"}
    blank = {p: manual[n] for p, c in enumerate(cells) if (n := name_of(c)) in manual and _is_blank(c, manual[n])}
    if not blank:
        return []
    released = {line.strip() for cell in reference.cells for line in cell.source.splitlines()}
    places = {id(cell): place for place, cell in enumerate(cells)}
    taken: dict[int, list[tuple[int, Any, str]]] = {}
    read = 0
    for cell in [*cells, *lost]:
        if (id(cell) in places and name_of(cell) is not None) or read > MOST_READ:
            continue
        text = _own_lines(cell, released)
        read += len(text)
        if not _is_loose(cell, text):
            continue
        at = places.get(id(cell), _place_of(cell, cells, name_of))
        nearest = min(blank, key=lambda place: (abs(place - at), -place))
        taken.setdefault(nearest, []).append((at, cell, text))
    return [_show(cells[place], blank[place], found) for place, found in sorted(taken.items())]


def _is_blank(cell: Any, wanted: ReferenceCell) -> bool:
    return normal(cell.source) in ("", normal(wanted.source)) and not cell.get("attachments")


def _place_of(lost: Any, cells: list[Any], name_of: Callable[[Any], str | None]) -> int:
    name = str((lost.metadata.get("nbgrader") or {}).get("grade_id", ""))
    return next((place for place, cell in enumerate(cells) if name_of(cell) == name), 0)


def _show(question: Any, wanted: ReferenceCell, found: list[tuple[int, Any, str]]) -> str:
    where = ", ".join(f"cell {place + 1}" for place, _, _ in found[:5]) + (" and more" if len(found) > 5 else "")
    line = f"{wanted.grade_id}: blank, but {where} holds text that belongs to no question"
    if question.cell_type != "markdown":
        return f"{line}; is it the answer?"
    texts = [text for _, _, text in found if text.strip()]
    question.source = "\n\n".join([f"*(blank; this is in {where}, which belongs to no question:)*", *texts])
    question.source = question.source[: 2 * MOST_SHOWN]
    pictures = {n: p for _, cell, _ in found for n, p in (cell.get("attachments") or {}).items()}
    if pictures:
        question["attachments"] = pictures
    return f"{line}; it is shown in the question's place, and a person is asked to grade it"
