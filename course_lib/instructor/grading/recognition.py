"""Which cell of the release each submitted cell is: by its name, else by what it looks like."""

from __future__ import annotations

import re
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

from course_lib.instructor.grading.reading import names_made, normal
from course_lib.instructor.grading.reference import Reference, ReferenceCell
from course_lib.printable import few

__all__ = ["MOST_LINES", "MOST_READ", "Recognition"]

#: No report needs more lines about one notebook.
MOST_LINES = 30
#: So many characters of a notebook are parsed to see what they define: more than any has, and an end to it.
MOST_READ = 3_000_000
_HEADING = re.compile(r"#\s{0,9}Exercise:?\s{1,9}`?(\w{1,99})")


def _name_of(cell: Any) -> str:
    about = cell.metadata.get("nbgrader")
    return str(about.get("grade_id", "")) if isinstance(about, dict) else ""


class Recognition:
    """A submission's cells, with whose they are; what is mended or should be looked at on the way is noted.

    Parameters
    ----------
    notebook : NotebookNode
    reference : Reference
        The lesson as it was released.
    """

    def __init__(self, notebook: nbformat.NotebookNode, reference: Reference):
        self.reference = reference
        self.cells: list[Any] = list(notebook.cells)
        self.repairs: list[str] = []
        self.flags: list[str] = []
        self.owner: dict[int, str] = {}  # id() of a cell -> the released cell it is
        self.made: list[Any] = []  # kept alive, so that no id() is used twice
        self.lost: list[Any] = []  # checks and texts as handed in, where the release's own are put back
        self.read = 0  # characters that were looked into for names
        self.free = {normal(c.source) for c in reference.cells if c.role == "free"}

    def say(self, text: str) -> None:
        """Note what was mended, once."""
        if text not in self.repairs:
            self.repairs.append(text)

    def recognise(self) -> None:
        """Find out which released cell each submitted one is: by its name, else by what it looks like."""
        named = self.reference.named
        for cell in self.cells:
            name = _name_of(cell)
            if name in named:
                self.owner[id(cell)] = name
        self._free_answers()
        answered = {self.owner[id(c)] for c in self.cells if id(c) in self.owner and not self._is_blank_answer(c)}
        candidates = {n: c for n, c in named.items() if n not in answered}
        strangers: list[str] = []
        for cell in self.cells:
            if id(cell) in self.owner or normal(cell.source) in self.free:
                continue
            name = _name_of(cell)
            found = self._looks_like(cell, list(candidates.values()))
            if found is not None:
                blank = found.grade_id in self.owner.values()
                self.owner[id(cell)] = found.grade_id
                if not blank:  # of a question whose own cell is blank, all answers are kept
                    del candidates[found.grade_id]
                lost = f"its name was {'changed' if name else 'lost'}; put back"
                self.say(f"{found.grade_id}: {'blank; another cell answers it, and is used' if blank else lost}")
            elif name:
                cell.metadata.pop("nbgrader", None)
                strangers.append(f"a cell named {name!r} is not in the release; kept as an ordinary cell")
        for line in few(strangers, MOST_LINES):
            self.say(line)

    def _is_blank_answer(self, cell: Any) -> bool:
        wanted = self.reference.named[self.owner[id(cell)]]
        return wanted.role == "solution" and normal(cell.source) in ("", normal(wanted.source))

    def _free_answers(self) -> None:
        """Copy an answer that was written into a check's cell in front of it: the check itself is put back."""
        solutions = [c for c in self.reference.cells if c.role == "solution"]
        answered = {self.owner[id(c)] for c in self.cells if id(c) in self.owner and not self._is_blank_answer(c)}
        whole: list[Any] = []
        for cell in self.cells:
            wanted = self.reference.named.get(self.owner.get(id(cell), ""))
            changed = wanted is not None and normal(cell.source) != normal(wanted.source)
            if wanted is not None and changed and wanted.role in ("check", "locked") and cell.cell_type == "code":
                written = self.names_in(cell) - names_made(wanted.source)
                solution = next((c for c in solutions if written & names_made(c.source)), None)
                if solution is not None:
                    whole.append(new_code_cell(cell.source))
                    self.say(f"{solution.grade_id}: an answer was written into {wanted.grade_id}; it is run before it")
                    if solution.grade_id in answered:
                        self.flags.append(
                            f"{solution.grade_id}: two answers, one in {wanted.grade_id}; that one counts"
                        )
            whole.append(cell)
        self.cells = whole

    def names_in(self, cell: Any) -> frozenset[str]:
        """Name what a submitted cell makes; there is an end to how much of a notebook is read for that."""
        self.read += len(cell.source)
        return names_made(cell.source) if self.read <= MOST_READ else frozenset()

    def _looks_like(self, cell: Any, candidates: list[ReferenceCell]) -> ReferenceCell | None:
        heading = _HEADING.match(cell.source.lstrip()[:200])
        defined = self.names_in(cell) if cell.cell_type == "code" else frozenset()
        text = normal(cell.source)
        for wanted in candidates:
            if cell.get("id") and cell.get("id") == wanted.cell_id:
                return wanted
        for wanted in candidates:
            own = _HEADING.match(wanted.source.lstrip())
            if wanted.role == "solution" and heading and own and heading[1] == own[1]:
                return wanted
            if wanted.role == "solution" and defined & names_made(wanted.source):
                return wanted
            if wanted.role in ("check", "locked") and text == normal(wanted.source):
                return wanted
        return None
