"""Which cells of a lesson depend on an answer: those that load a name which an exercise makes, or which they make.

Such a cell shows the learner's own result in the notebook. On a page it shows none: an output made by the solution
would tell what the exercise asks for.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from course_lib.instructor.grading.slicing import makes_and_uses, python_of
from course_lib.instructor.text.lesson_cells import Cell

__all__ = ["changed_in_place", "depending_on_answers"]


def changed_in_place(source: str) -> set[str]:
    r"""Return the names whose objects a cell may change: by an item, by an attribute, by a call for its effect.

    Examples
    --------
    >>> sorted(changed_in_place("runs.append(train())\nbest['loss'] = 0.1\nnet.head.bias = None\nprint(runs)"))
    ['best', 'net', 'runs']
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(python_of(source) or "")):
        targets: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AugAssign):
            targets = [node.target]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            targets = [node.value.func]
        for target in targets:
            place: ast.AST = target
            while isinstance(place, ast.Attribute | ast.Subscript):
                place = place.value
            if place is not target and isinstance(place, ast.Name):
                found.add(place.id)
    return found


def depending_on_answers(cells: Sequence[Cell]) -> set[int]:
    r"""Return the numbers of the cells of one track whose outputs depend on what a learner writes.

    Parameters
    ----------
    cells : sequence of Cell
        The cells of one track, in order.

    Examples
    --------
    >>> cells = [
    ...     Cell(1, "code", "def double(x):\n    return 2 * x", {"exercise": "double"}),
    ...     Cell(2, "code", "four = double(2)", {}),
    ...     Cell(3, "code", "print(four)", {}),
    ...     Cell(4, "code", "four = 4", {}),
    ...     Cell(5, "code", "print(four)", {}),
    ... ]
    >>> sorted(depending_on_answers(cells))
    [1, 2, 3]
    """
    answers: set[str] = set()
    found: set[int] = set()
    imported: set[str] = set()
    for cell in cells:
        if cell.cell_type != "code":
            continue
        made, used = makes_and_uses(cell.source)
        imported |= _imported(cell.source)
        if cell.kind or used & answers:
            found.add(cell.number)
            answers |= made | (changed_in_place(cell.source) - imported)
        else:
            answers -= made
    return found


def _imported(source: str) -> set[str]:
    """Return the names of modules: ``plt.title(...)`` changes nothing that another cell would show."""
    aliases = [
        alias
        for node in ast.walk(ast.parse(python_of(source) or ""))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    ]
    return {(alias.asname or alias.name).split(".")[0] for alias in aliases}
