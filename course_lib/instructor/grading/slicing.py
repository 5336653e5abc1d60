"""Which cells grading needs to run: all that a learner wrote or changed, and what those depend on.

A demonstration that is exactly as released, gives no points and makes nothing that a graded cell uses
is left out: it would only train for a while. Names decide, and when in doubt a cell is run.
"""

from __future__ import annotations

import ast
import builtins
import dis
import re
import types
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from course_lib.instructor.grading.reference import Reference

__all__ = ["cells_to_run", "makes_and_uses", "python_of"]

#: A longer cell, or one with more lines for IPython, is run without being read.
MOST_READ = 50_000
MOST_SPECIAL = 50
_SPECIAL = re.compile(r"^[ \t]*[!%?]|= *[!%]|\?$", re.MULTILINE)
#: IPython reads a comma, a semicolon or a slash at the start of a line as a call, and what comes of it again.
_CALLS = re.compile(r"^[ \t]*[,;/][ \t]*[,;/]", re.MULTILINE)
_WORD = re.compile(r"[^\W\d]\w*")


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


@lru_cache(maxsize=64)
def _compiled(source: str) -> tuple[str, types.CodeType] | None:
    """Return a cell as Python and its code, or None where that cannot be had in reasonable time.

    Every magic is a pass of IPython's over the whole cell, and after 500 of them it gives up with an error of
    its own. What a compiler refuses to read it refuses in many ways, too: whatever it is, the cell runs.
    """
    if len(source) > MOST_READ or len(_SPECIAL.findall(source)) > MOST_SPECIAL or _CALLS.search(source):
        return None
    try:
        python = TransformerManager().transform_cell(source)
        return python, compile(python, "<cell>", "exec", dont_inherit=True)
    except Exception:
        return None


def python_of(source: str) -> str | None:
    r"""Return a cell as Python, its magics as calls; None where that cannot be had in reasonable time.

    Examples
    --------
    >>> python_of("%time x = 1"), python_of("x = (")
    ("get_ipython().run_line_magic('time', 'x = 1')\n", None)
    """
    compiled = _compiled(source)
    return None if compiled is None else compiled[0]


def _words(source: str) -> tuple[set[str], set[str]]:
    """Take every word of a cell for a name that it uses and makes, where nothing better is known."""
    words = set(_WORD.findall(source))
    return words, words


def _names(source: str) -> tuple[set[str], set[str]] | None:
    """Return the notebook-wide names that a cell uses and those it makes; None if it cannot be told."""
    compiled = _compiled(source)
    if compiled is None:
        return None
    used, made = set(), set()
    for part in _codes(compiled[1]):
        for step in dis.get_instructions(part):
            if step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
                used.add(str(step.argval))
            elif step.opname in ("STORE_NAME", "STORE_GLOBAL", "DELETE_NAME", "DELETE_GLOBAL"):
                made.add(str(step.argval))
                if step.opname.startswith("DELETE"):  # what is not there cannot be deleted
                    used.add(str(step.argval))
            elif step.opname == "IMPORT_STAR":
                return None
    return (used, made) if "get_ipython" not in used else None


def makes_and_uses(source: str) -> tuple[set[str], set[str]]:
    """Return the notebook-wide names that a cell makes, and those that it uses.

    Where it cannot be told, every word of the cell is both.

    Examples
    --------
    >>> makes_and_uses("rate = 2 * base")
    ({'rate'}, {'base'})
    """
    used, made = _names(source) or _words(source)
    return made, used


def _stable(sources: list[str]) -> set[str]:
    """Name what is only ever imported, defined or Python's own: using it in another cell does not change it."""
    bound: set[str] = set(dir(builtins))
    assigned: set[str] = set()
    for source in sources:
        names, python = _names(source), python_of(source)
        if names is None or python is None:
            continue
        own: set[str] = set()
        for node in ast.parse(python).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                own |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
                own.add(node.name)
        bound |= own
        assigned |= names[1] - own
    return bound - assigned


def cells_to_run(cells: list[Any], reference: Reference) -> set[int]:
    """Return the places of the code cells that must run.

    Parameters
    ----------
    cells : list of notebook cells
        As prepared for grading.
    reference : Reference

    Returns
    -------
    set of int
    """
    released = {(cell.cell_id, cell.source) for cell in reference.cells if cell.role == "free"}
    setup = {cell.cell_id for cell in reference.cells if "begin_lesson(" in cell.source}
    checks = {cell.grade_id: cell for cell in reference.cells if cell.role == "check"}
    stable = _stable([cell.source for cell in cells if cell.cell_type == "code"])
    run: set[int] = set()
    needed: set[str] = set()
    for place in reversed(range(len(cells))):
        cell = cells[place]
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        check = checks.get((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))
        if check is not None:
            run.add(place)
            source = check.answer if check.exercise else check.graded_source
            needed |= (_names(source) or _words(source))[0]
            continue
        names = _names(cell.source)
        own = (cell.get("id"), cell.source) not in released or cell.get("id") in setup
        if names is None or own or names[1] & needed or (names[0] & needed) - stable:
            run.add(place)
            needed |= (names or _words(cell.source))[0]
    return run
