"""Modules that kernels need in part: what answers for an exercise is taken out of the copy that they get."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

__all__ = ["SHOWN", "WHOLE", "without_functions", "write_shown"]

#: What kernels get of each lesson's room as it is: what its notebooks draw and measure with, and nothing that answers.
WHOLE = (
    "another.py",
    "broken.py",
    "explorer.py",
    "figures.py",
    "lab.py",
    "memory.py",
    "project.py",
    "row_losses.py",
    "shown.py",
    "variants.py",
    "material",
)

#: Modules beside the references that kernels need in part, and which of their functions and classes they get.
SHOWN: dict[str, Callable[[str], bool]] = {
    "checks/histories.py": lambda name: False,
    "checks/linear.py": lambda name: name in ("batches_of", "sizes_of"),
    "lessons/l04_overfitting/runs.py": lambda name: name not in ("verdict", "_sickness"),
}


def without_functions(source: str, kept: Callable[[str], bool] = lambda name: False) -> str:
    r"""Return a module's source without its functions and classes, except those that are kept.

    Examples
    --------
    >>> without_functions("TILT = 0.25\n\ndef train():\n    return 1\n")
    'TILT = 0.25'
    """
    tree = ast.parse(source)
    made = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    tree.body = [node for node in tree.body if not isinstance(node, made) or kept(node.name)]
    return ast.unparse(tree)


def write_shown(package: Path, folder: Path) -> dict[str, Path]:
    """Write the parts that kernels may have into a folder; return each by its place in the package."""
    written = {}
    folder.mkdir(exist_ok=True)
    for name, kept in SHOWN.items():
        if (package / name).is_file():
            written[name] = folder / name.replace("/", "-")
            written[name].write_text(without_functions((package / name).read_text("utf-8"), kept), "utf-8")
    return written
