"""Pre-flight: bring a submission back into the shape of the release, keeping every answer.

The submitted file is never changed; what comes out is a copy whose graded cells have the release's
names, flags, order and checks, and the learner's answers. Whatever was done is said in a line.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from course_lib.instructor.grading.loose import show_loose_texts
from course_lib.instructor.grading.reading import names_made, normal
from course_lib.instructor.grading.recognition import MOST_LINES, MOST_READ, Recognition
from course_lib.instructor.grading.reference import Reference, ReferenceCell
from course_lib.instructor.grading.salvage import Unreadable, read_notebook
from course_lib.printable import few, printable

__all__ = ["Prepared", "prepare"]


@dataclass
class Prepared:
    """A notebook that can be graded.

    Parameters
    ----------
    repairs : list of str
        What was mended; nothing of it is the learner's fault in the marks.
    flags : list of str
        What a person should look at.
    blank : bool
        Whether nothing is answered: the notebook of a track that was not taken, handed in with the other.
    """

    notebook: nbformat.NotebookNode
    repairs: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    blank: bool = False


class _Rebuild(Recognition):
    """One submission on its way back into the release's shape."""

    # -- one cell for each name ------------------------------------------------------------------

    def deduplicate(self) -> None:
        """Keep the answer of a duplicated cell, join the halves of a split text, drop the copies of a check."""
        for name, wanted in self.reference.named.items():
            copies = [cell for cell in self.cells if self.owner.get(id(cell)) == name]
            if len(copies) < 2:
                continue
            if wanted.role in ("check", "locked"):
                self._drop(copies[1:])
                self.say(f"{name}: {len(copies)} copies; the release's own is used once")
                continue
            answers = [cell for cell in copies if normal(cell.source) != normal(wanted.source)]
            self._drop([cell for cell in copies if cell not in answers] if answers else copies[1:])
            if len(answers) < 2:
                self.say(f"{name}: duplicated; the copy with the answer is used")
                continue
            if wanted.cell_type == "markdown":
                answers[0].source = "\n\n".join(cell.source for cell in answers)
                self._drop(answers[1:])
                self.say(f"{name}: split into {len(answers)} cells; joined")
                continue
            for cell in answers[:-1]:  # they run all the same, in their order
                del self.owner[id(cell)]
                cell.metadata.pop("nbgrader", None)
            self.say(f"{name}: {len(answers)} cells with this name; all run, in their order")
            if len({normal(cell.source) for cell in answers if self.names_in(cell) & names_made(wanted.source)}) > 1:
                self.flags.append(f"{name}: two different answers; the last one counts")

    def _drop(self, cells: list[Any]) -> None:
        gone = {id(cell) for cell in cells}
        self.cells = [cell for cell in self.cells if id(cell) not in gone]

    # -- the release's flags and sources ---------------------------------------------------------

    def restore(self) -> None:
        """Give each recognised cell the release's type, flags and, where locked, source."""
        named = self.reference.named
        for place, cell in enumerate(self.cells):
            name = self.owner.get(id(cell))
            if name is None:
                continue
            wanted = named[name]
            source = cell.source
            if wanted.role in ("check", "locked"):
                if normal(source) != normal(wanted.source):
                    self.say(f"{name}: changed; the release's own is used")
                    self.lost.append(cell)
                source = wanted.source
            if cell.cell_type != wanted.cell_type:
                self.say(f"{name}: was a {cell.cell_type} cell; a {wanted.cell_type} cell again")
            if self._flags_of(cell.metadata) != self._flags_of(wanted.metadata):
                self.say(f"{name}: its flags or points were changed; put back")
            self.cells[place] = self._make(wanted, source, cell)
            self.made.append(self.cells[place])
            self.owner[id(self.cells[place])] = name

    @staticmethod
    def _flags_of(metadata: Any) -> list[Any]:
        about = metadata.get("nbgrader")
        about = about if isinstance(about, dict) else {}
        return [about.get(key) for key in ("grade", "solution", "locked", "task", "points")]

    @staticmethod
    def _make(wanted: ReferenceCell, source: str, old: Any = None) -> Any:
        make = new_code_cell if wanted.cell_type == "code" else new_markdown_cell
        made = make(source, metadata=copy.deepcopy(wanted.metadata), id=wanted.cell_id)
        if old is not None and wanted.cell_type == "markdown" and "attachments" in old:
            made["attachments"] = old["attachments"]
        return made

    # -- where it belongs ------------------------------------------------------------------------

    def replace_missing(self) -> None:
        """Put deleted cells back, and checks where the release has them: after what they check."""
        released = list(self.reference.cells)
        present = {self.owner.get(id(cell)) for cell in self.cells}
        order = [self.owner[id(cell)] for cell in self.cells if id(cell) in self.owner]
        expected = [cell.grade_id for cell in released if cell.grade_id and cell.grade_id in present]
        moved = order != expected
        if moved:
            self.say("graded cells stood in another order; each check follows its exercise again")
            self.cells = [cell for cell in self.cells if not self._is_fixed(cell)]
        for index, wanted in enumerate(released):
            if not wanted.grade_id:
                continue
            here = {self.owner.get(id(cell)) for cell in self.cells}
            if wanted.grade_id in here:
                continue
            if wanted.grade_id not in present:
                if wanted.role == "solution" and self._written_elsewhere(wanted):
                    continue
                self.say(f"{wanted.grade_id}: deleted; put back as released")
            made = self._make(wanted, wanted.source)
            self.owner[id(made)] = wanted.grade_id
            self.cells.insert(self._after(released[:index]), made)
        self._first_cell()

    def _is_fixed(self, cell: Any) -> bool:
        name = self.owner.get(id(cell))
        return name is not None and self.reference.named[name].role in ("check", "locked")

    def _written_elsewhere(self, wanted: ReferenceCell) -> bool:
        names = names_made(wanted.source)
        others = [cell for cell in self.cells if cell.cell_type == "code" and normal(cell.source) not in self.free]
        if any(names & self.names_in(cell) for cell in others):
            self.say(f"{wanted.grade_id}: its cell is gone, but another one defines it; that answer is used")
            return True
        return False

    def _after(self, before: list[ReferenceCell]) -> int:
        """Return the place behind the last released cell that comes earlier and is there."""
        places = {self.owner[id(cell)]: place for place, cell in enumerate(self.cells) if id(cell) in self.owner}
        free = {cell.get("id"): place for place, cell in enumerate(self.cells) if id(cell) not in self.owner}
        for wanted in reversed(before):
            place = places.get(wanted.grade_id) if wanted.grade_id else free.get(wanted.cell_id)
            if place is not None:
                return place + 1
        return 0

    def _first_cell(self) -> None:
        """Put the lesson's setup back if it was deleted: without it nothing else could run."""
        setup = next((c for c in self.reference.cells if c.cell_type == "code" and "begin_lesson(" in c.source), None)
        if setup is None or any("begin_lesson(" in cell.source for cell in self.cells if cell.cell_type == "code"):
            return
        self.cells.insert(0, self._make(setup, setup.source))
        self.say("the setup cell was deleted; put back")

    def blank(self) -> bool:
        """Tell whether every question is as released, and no other cell answers one."""
        questions = [cell for cell in self.reference.cells if cell.role in ("solution", "manual")]
        as_released = {cell.grade_id: normal(cell.source) for cell in questions}
        asked = frozenset[str]().union(*(names_made(cell.source) for cell in questions if cell.cell_type == "code"))
        for cell in self.cells:
            name = self.owner.get(id(cell))
            if name in as_released:
                if normal(cell.source) != as_released[name]:
                    return False
            elif cell.cell_type == "code" and normal(cell.source) not in self.free and asked & self.names_in(cell):
                return False
        return self.read <= MOST_READ  # more than that was not looked at

    def show_loose_texts(self) -> None:
        """Ask a person where a question of theirs is blank and a text belongs to no question."""
        self.flags += show_loose_texts(self.cells, self.reference, lambda c: self.owner.get(id(c)), self.lost)

    def finish(self, notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
        spec = notebook.metadata.get("kernelspec")
        name = spec.get("name") if isinstance(spec, dict) else None
        if name != self.reference.kernelspec.get("name"):
            self.say(f"kernel {name!r}; {self.reference.kernelspec.get('name')!r} is used")
        made = nbformat.v4.new_notebook()
        about = {"lesson": self.reference.lesson, "track": self.reference.track}
        made.metadata = nbformat.from_dict({"kernelspec": self.reference.kernelspec, "loss_curves": about})
        made.cells = self.cells
        seen: set[str] = set()
        for cell in made.cells:
            if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(cell.get("id", ""))) or cell["id"] in seen:
                cell["id"] = nbformat.v4.new_code_cell("").id
            seen.add(cell["id"])
            if id(cell) not in self.owner:
                cell.metadata.pop("nbgrader", None)
        return made


def prepare(raw: bytes, reference: Reference) -> Prepared:
    """Read a submitted file and bring it into the release's shape.

    Parameters
    ----------
    raw : bytes
        The file as it was handed in; it is not changed.
    reference : Reference

    Returns
    -------
    Prepared

    Raises
    ------
    course_lib.instructor.grading.salvage.Unreadable
        If there is nothing in it to grade.
    """
    try:
        return _prepare(raw, reference)
    except Unreadable:
        raise
    except Exception as error:  # whatever was handed in: one line for this student, and on to the next
        raise Unreadable(f"pre-flight could not read it ({type(error).__name__}: {printable(error, 200)})") from error


def _prepare(raw: bytes, reference: Reference) -> Prepared:
    notebook, repairs = read_notebook(raw)
    work = _Rebuild(notebook, reference)
    told = notebook.metadata.get("loss_curves") or {}
    if told.get("lesson") and (told.get("lesson"), told.get("track")) != (reference.lesson, reference.track):
        work.flags.append(f"it says that it is the notebook of {told['lesson']} ({told.get('track')})")
    work.recognise()
    if not work.owner and not any(normal(c.source) for c in work.cells):
        work.flags.append("none of the release's cells is in it")
    work.deduplicate()
    work.restore()
    work.replace_missing()
    work.show_loose_texts()
    blank = work.blank()
    whole = work.finish(notebook)
    if any("broken JSON" in text for text in repairs):
        work.flags.append("the file is damaged: what could be read was graded; ask for the notebook again")
    return Prepared(whole, few([*repairs, *work.repairs], MOST_LINES), few(work.flags, MOST_LINES), blank)
