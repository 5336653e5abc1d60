"""Reading a cell's source without running it, with a bound on its length: what it defines, and whether it is prose."""

from __future__ import annotations

import ast
import functools
import re
import warnings

__all__ = ["names_made", "normal", "prose"]

#: Python's parser takes 6 µs and many bytes of memory for each character; no answer is as long as this.
MOST_CHARACTERS = 20_000
_WORD = re.compile(r"[^\W\d_]{2,}")
_TEXT_MAGIC = re.compile(r"\s{0,99}%%(?:markdown|html|latex)[^\n]{0,99}\n")


def normal(source: str) -> str:
    """Return a source without what nobody sees: spaces at the ends of lines, empty lines around it."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _tree(source: str) -> ast.Module | None:
    if len(source) > MOST_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a learner's string is no news for the terminal
            return ast.parse(source)
    except Exception:  # a compiler has more ways to refuse than it documents, SystemError among them
        return None


@functools.lru_cache(maxsize=512)
def names_made(source: str) -> frozenset[str]:
    r"""Name the functions and classes that a cell makes at its top level; where there are none, the variables.

    Examples
    --------
    >>> sorted(names_made("def f(x):\n    return x\ny = 1")), sorted(names_made("order = ..."))
    (['f'], ['order'])
    """
    body = tree.body if (tree := _tree(source)) is not None else []
    defined = {n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)}
    targets = [t for n in body if isinstance(n, ast.Assign) for t in n.targets]
    targets += [n.target for n in body if isinstance(n, ast.AnnAssign)]
    return frozenset(defined or {t.id for t in targets if isinstance(t, ast.Name)})


def _only_words(node: ast.stmt) -> bool:
    """Tell whether a statement is a string, or one that is printed, shown or given a name."""
    value = node.value if isinstance(node, ast.Expr | ast.Assign) else None
    if isinstance(value, ast.Call) and value.args:
        value = value.args[0]
        if isinstance(value, ast.Call) and value.args:  # display(Markdown("..."))
            value = value.args[0]
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def prose(source: str) -> bool:
    """Tell whether the source of a code cell is text: comments, strings, or words that are no Python.

    Examples
    --------
    >>> prose("# Because dropout was on."), prose("Because dropout was on in training."), prose("x = f(1)")
    (True, True, False)
    """
    if len(source) > MOST_CHARACTERS or not _WORD.search(source):
        return False
    if _TEXT_MAGIC.match(source):
        return True
    tree = _tree(source)
    if tree is not None:
        return all(map(_only_words, tree.body))
    lines = [line for line in source.splitlines() if line.strip()]
    code = [line for line in lines if line.lstrip()[:1] in "%!@#" or re.search(r"[=\[{]|\w\(|:\s{0,99}$", line)]
    return len(_WORD.findall(source)) >= 4 and 2 * len(code) < len(lines)
