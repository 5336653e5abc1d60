"""Small faults planted in a reference solution, one at a time: what a check must notice.

The operators are those of mutation testing that a learner's slip resembles: a comparison, an
arithmetic operator or a constant changed, two arguments swapped, a statement deleted, a mode call
swapped, a ``with`` block opened, a keyword argument dropped.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Mutant", "mutants"]

_COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
_NAMES = {"train": "eval", "eval": "train", "min": "max", "max": "min", "no_grad": "enable_grad"}


class Mutant(NamedTuple):
    """A changed solution: ``name`` says what was changed, and stays the same when lines move."""

    name: str
    source: str


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).splitlines()[0].strip()


def _expression_changes(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield what an expression may be changed to, with the operator's name."""
    new = copy.deepcopy(node)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARE:
        assert isinstance(new, ast.Compare)
        new.ops[0] = _COMPARE[type(node.ops[0])]()
        yield "comparison", new
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        assert isinstance(new, ast.BinOp)
        new.op = _ARITHMETIC[type(node.op)]()
        yield "arithmetic", new
    elif isinstance(node, ast.BoolOp):
        assert isinstance(new, ast.BoolOp)
        new.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield "and/or", new
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        yield "sign", copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant):
        yield from _constant_changes(node)
    elif isinstance(node, ast.Call):
        yield from _call_changes(node)
    elif isinstance(node, (ast.List, ast.Tuple)) and isinstance(node.ctx, ast.Load):
        for i in range(len(node.elts) - 1):
            swapped = copy.deepcopy(node)
            swapped.elts[i], swapped.elts[i + 1] = swapped.elts[i + 1], swapped.elts[i]
            yield "order", swapped
    elif isinstance(node, ast.IfExp):
        assert isinstance(new, ast.IfExp)
        new.body, new.orelse = new.orelse, new.body
        yield "branches", new


def _constant_changes(node: ast.Constant) -> Iterator[tuple[str, ast.expr]]:
    value = node.value
    if isinstance(value, bool):
        yield "constant", ast.Constant(not value)
    elif isinstance(value, (int, float)):
        yield "constant", ast.Constant(value + 1)
        if value not in (0, 1):
            yield "constant", ast.Constant(value - 1)
    elif isinstance(value, str) and value:
        yield "constant", ast.Constant(value + "_")


def _call_changes(node: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    if len(node.args) > 1:
        new = copy.deepcopy(node)
        new.args[0], new.args[1] = new.args[1], new.args[0]
        yield "argument order", new
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is not None:
            new = copy.deepcopy(node)
            del new.keywords[i]
            yield "keyword dropped", new
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in _NAMES:
        new = copy.deepcopy(node)
        if isinstance(new.func, ast.Attribute):
            new.func.attr = _NAMES[name]
        elif isinstance(new.func, ast.Name):
            new.func.id = _NAMES[name]
        yield "call swapped", new


def _statement_changes(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield what a statement may be changed to."""
    if isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Assert, ast.Delete)):
        yield "statement deleted", [ast.Pass()]
    if isinstance(node, ast.AugAssign):
        if type(node.op) in _ARITHMETIC:
            changed = copy.deepcopy(node)
            changed.op = _ARITHMETIC[type(node.op)]()
            yield "arithmetic", [changed]
        yield "assigned, not added", [ast.Assign([copy.deepcopy(node.target)], copy.deepcopy(node.value))]
    elif isinstance(node, (ast.Break, ast.Continue)):
        yield "jump swapped", [ast.Continue() if isinstance(node, ast.Break) else ast.Break()]
    elif isinstance(node, ast.If):
        turned = copy.deepcopy(node)
        turned.test = ast.UnaryOp(ast.Not(), turned.test)
        yield "condition turned", [turned]
    elif isinstance(node, ast.With):
        yield "with block opened", copy.deepcopy(node.body)
    elif isinstance(node, ast.For):
        once = copy.deepcopy(node)
        once.body.append(ast.Break())
        yield "loop runs once", [once]


def _decorator_changes(node: ast.FunctionDef) -> Iterator[ast.FunctionDef]:
    for i in range(len(node.decorator_list)):
        new = copy.deepcopy(node)
        del new.decorator_list[i]
        yield new


def _solution_lines(source: str) -> list[int]:
    """Return the numbers of the lines that a learner writes; none if no region is marked."""
    inside, found = False, []
    for number, line in enumerate(source.splitlines(), start=1):
        if line.strip().startswith("### BEGIN SOLUTION"):
            inside = True
        elif line.strip().startswith("### END SOLUTION"):
            inside = False
        elif inside:
            found.append(number)
    return found


def _left_alone(tree: ast.AST, source: str) -> set[int]:
    """Return the ids of nodes in given code and in annotations, which do nothing at run time."""
    lines = set(_solution_lines(source))
    found = {id(node) for node in ast.walk(tree) if lines and getattr(node, "lineno", None) not in lines}
    for node in ast.walk(tree):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for part in parts:
            if part is not None:
                found |= {id(inner) for inner in ast.walk(part)}
    return found


def mutants(source: str) -> list[Mutant]:
    """Return all mutants of a solution, without duplicates.

    Parameters
    ----------
    source : str
        Python source: a function, a class or an assignment. Where it has a region between
        ``### BEGIN SOLUTION`` and ``### END SOLUTION``, only that is changed.

    Returns
    -------
    list of Mutant
        Each with one change. Imports, docstrings and annotations are left alone.

    Examples
    --------
    >>> [m.name for m in mutants("total = a + b")]
    ['arithmetic: a + b -> a - b', 'statement deleted: total = a + b -> pass']
    """
    tree = ast.parse(source)
    skip = _left_alone(tree, source)
    nodes = list(ast.walk(tree))
    found: dict[str, Mutant] = {}
    counts: dict[str, int] = {}
    original = ast.unparse(tree)

    def add(kind: str, before: ast.AST, after: ast.AST, text: str) -> None:
        if text == original or any(m.source == text for m in found.values()):
            return
        name = f"{kind}: {_first_line(before)} -> {_first_line(after)}"
        counts[name] = counts.get(name, 0) + 1
        name = name if counts[name] == 1 else f"{name} (no. {counts[name]})"
        found[name] = Mutant(name, text)

    for parent in nodes:
        for field, value in ast.iter_fields(parent):
            if isinstance(value, ast.expr) and id(value) not in skip:
                for kind, new in _expression_changes(value):
                    if _is_doc_value(parent, field):
                        continue
                    setattr(parent, field, new)
                    add(kind, value, new, ast.unparse(ast.fix_missing_locations(tree)))
                    setattr(parent, field, value)
            elif isinstance(value, list):
                _mutate_list(tree, value, skip, add)
    return list(found.values())


def _is_doc_value(parent: ast.AST, field: str) -> bool:
    return isinstance(parent, ast.Expr) and field == "value" and _is_docstring(parent)


def _mutate_list(tree: ast.AST, items: list, skip: set[int], add) -> None:  # type: ignore[no-untyped-def]
    for i, item in enumerate(list(items)):
        if isinstance(item, ast.expr) and id(item) not in skip:
            for kind, new in _expression_changes(item):
                items[i] = new
                add(kind, item, new, ast.unparse(ast.fix_missing_locations(tree)))
                items[i] = item
        elif id(item) in skip:
            continue
        elif isinstance(item, ast.FunctionDef):
            for new_function in _decorator_changes(item):
                items[i] = new_function
                add("decorator removed", item.decorator_list[0], ast.Pass(), ast.unparse(tree))
                items[i] = item
        elif isinstance(item, ast.stmt) and not _is_docstring(item):
            for kind, statements in _statement_changes(item):
                items[i : i + 1] = statements
                add(kind, item, statements[0], ast.unparse(ast.fix_missing_locations(tree)))
                items[i : i + len(statements)] = [item]
