"""What was released: the cells of one notebook, by name, as plain data that can travel to any worker."""

from __future__ import annotations

import ast
import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat

from course_lib.instructor.grading.gradebook import not_released
from course_lib.instructor.places import handed_out
from course_lib.trouble import CourseError

__all__ = ["Reference", "ReferenceCell", "read_references"]

Role = Literal["solution", "check", "manual", "locked", "free"]


@dataclass(frozen=True)
class ReferenceCell:
    """One cell as it was handed out, and for a graded one how it is graded.

    Parameters
    ----------
    grade_id : str
        nbgrader's name for it, or an empty string.
    exercise, answer : str
        For a check made by the build: the exercise and the expression that is checked.
    graded_source : str
        A check's source as nbgrader runs it, with its own hidden tests.
    """

    cell_id: str
    cell_type: str
    source: str
    role: Role = "free"
    grade_id: str = ""
    points: float = 0.0
    metadata: dict[str, Any] = field(default_factory=dict)
    exercise: str = ""
    answer: str = ""
    graded_source: str = ""


@dataclass(frozen=True)
class Reference:
    """One released notebook."""

    assignment: str
    notebook: str
    lesson: str
    track: str
    kernelspec: dict[str, Any]
    cells: tuple[ReferenceCell, ...]

    @property
    def graded(self) -> tuple[ReferenceCell, ...]:
        """The cells that give points."""
        return tuple(cell for cell in self.cells if cell.role in ("check", "manual"))

    @property
    def named(self) -> dict[str, ReferenceCell]:
        """The cells that nbgrader knows, by name."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id}

    @property
    def digest(self) -> str:
        """A fingerprint: it changes when a cell of the release does."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def imports(self) -> list[str]:
        """Name the modules that the notebook's cells import, in order, for the warden to load."""
        names = [_FRAMEWORK[self.track]] if self.track in _FRAMEWORK else []
        for cell in self.cells:
            if cell.cell_type != "code":
                continue
            try:
                tree = ast.parse(cell.source)
            except SyntaxError:
                continue
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    names += [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.append(node.module)
        return list(dict.fromkeys(names))


_FRAMEWORK = {"pytorch": "torch", "keras": "tensorflow"}


def _call(source: str) -> tuple[str, str]:
    """Read ``score = check("NAME", ANSWER)`` as the build writes it; anything else gives two empty strings."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return "", ""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "graded_check"
    ]
    if len(calls) != 1 or len(calls[0].args) != 4 or not isinstance(calls[0].args[2], ast.Constant):
        return "", ""
    lines = [line for line in source.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) != 4:  # the author's own lines around it: they are run as they stand
        return "", ""
    return str(calls[0].args[2].value), ast.unparse(calls[0].args[3])


def _role(metadata: dict[str, Any], cell_type: str) -> Role:
    if metadata.get("grade") and metadata.get("solution"):
        return "manual"
    if metadata.get("task"):
        return "manual"
    if metadata.get("grade"):
        return "check" if cell_type == "code" else "manual"
    if metadata.get("solution"):
        return "solution"
    return "locked" if metadata.get("locked") else "free"


def _cell(cell: Any, stored: dict[str, Any]) -> ReferenceCell:
    metadata = dict(cell.metadata)
    about = metadata.get("nbgrader") or {}
    role = _role(about, cell.cell_type)
    name = str(about.get("grade_id", "")) if role != "free" else ""
    known = stored.get(name)
    graded_source = known.source if known is not None and role == "check" else ""
    if known is not None:
        metadata = metadata | {"nbgrader": dict(about) | {"checksum": known.checksum}}
    exercise, answer = _call(graded_source)
    return ReferenceCell(
        cell_id=str(cell.get("id", "")),
        cell_type=cell.cell_type,
        source=cell.source,
        role=role,
        grade_id=name,
        points=float(about.get("points") or 0.0),
        metadata=json.loads(json.dumps(metadata)),
        exercise=exercise,
        answer=answer,
        graded_source=graded_source,
    )


def read_references(root: Path, assignment: str, gradebook: Any) -> dict[str, Reference]:
    """Read what was released of an assignment.

    Parameters
    ----------
    root : Path
        The course's folder.
    assignment : str
    gradebook : nbgrader.api.Gradebook

    Returns
    -------
    dict
        A `Reference` by notebook name.

    Raises
    ------
    CourseError
        If the assignment was not released.
    """
    from nbgrader.api import MissingEntry

    try:
        notebooks = gradebook.find_assignment(assignment).notebooks
    except MissingEntry:
        raise not_released(assignment) from None
    found = {}
    for notebook in notebooks:
        places = [folder / f"{notebook.name}.ipynb" for folder in handed_out(root, assignment)]
        path = next((p for p in places if p.is_file()), None)
        if path is None:
            raise CourseError(f"the released notebook {places[0]} is missing; run `course release {assignment}`")
        released = nbformat.read(path, as_version=4)
        stored = {cell.name: cell for cell in notebook.source_cells}
        about = released.metadata.get("loss_curves", {})
        found[notebook.name] = Reference(
            assignment=assignment,
            notebook=notebook.name,
            lesson=str(about.get("lesson", assignment)),
            track=str(about.get("track", notebook.name)),
            kernelspec=json.loads(json.dumps(released.metadata.get("kernelspec", {}))),
            cells=tuple(_cell(cell, stored) for cell in released.cells),
        )
    return found
