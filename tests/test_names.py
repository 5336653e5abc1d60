"""What a module offers is said in its `__all__`: nothing else is imported from it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import ROOT

PACKAGE = ROOT / "course_lib"
#: What numbers, texts and collections of them are made of.
PLAIN = (
    ast.Constant
    | ast.Tuple
    | ast.List
    | ast.Set
    | ast.Dict
    | ast.UnaryOp
    | ast.BinOp
    | ast.expr_context
    | ast.operator
    | ast.unaryop
)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


@pytest.fixture(scope="module")
def modules() -> dict[str, ast.Module]:
    return {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}


def offered(module: ast.Module) -> set[str] | None:
    """Return the names in `__all__`; None without one."""
    for node in module.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def imported(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Give each (module, name) that is imported from this package, also inside of functions."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "modules are named in full"
            if node.module and node.module.partition(".")[0] == PACKAGE.name:
                yield from ((node.module, alias.name) for alias in node.names)


@pytest.mark.slow
def test_what_another_module_imports_stands_in_all(modules: dict[str, ast.Module]) -> None:
    outside = {
        f"{user} imports {name} from {module}"
        for user, tree in modules.items()
        for module, name in imported(tree)
        if f"{module}.{name}" not in modules and name not in (offered(modules[module]) or ())
    }
    assert sorted(outside) == []


@pytest.mark.slow
def test_what_stands_in_all_is_defined(modules: dict[str, ast.Module]) -> None:
    for name, tree in modules.items():
        names = offered(tree) or set()
        known = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        known |= {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom | ast.Import) for a in n.names}
        known |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if "__getattr__" not in known:  # which gives names when they are asked for
            assert names <= known, name


def test_a_constant_is_written_once(modules: dict[str, ast.Module]) -> None:
    written: dict[tuple[str, str], list[str]] = {}
    for module, tree in modules.items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, node.value
                plain = all(isinstance(n, PLAIN) for n in ast.walk(value))
                if name.strip("_").isupper() and plain:
                    written.setdefault((name, ast.unparse(value)), []).append(module)
    assert {name: places for (name, _), places in written.items() if len(places) > 1} == {}
