"""Which statements of the package a piece of code can reach, found in the sources without running them.

The unit is a top-level statement: a function, a class, an assignment. From a name it goes on to every name that its
statement uses, into other modules, also through imports inside functions. Whatever cannot be told apart is taken whole.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.instructor.proof.data_files import data_files

__all__ = ["PACKAGE", "Name", "Sources"]

PACKAGE = "course_lib"
_ROOT = Path(__file__).resolve().parents[3]

#: A module and a name at its top level; without a name, the whole module.
Name = tuple[str, str | None]

#: A statement that uses one of these reads files that lie beside its module.
_READS_FILES = {"__file__", "__path__", "resources", "files"}


def _bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a top-level statement binds."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.split(".")[0] for alias in inner.names)
        elif isinstance(inner, (ast.FunctionDef, ast.ClassDef)):
            yield inner.name
        elif isinstance(inner, ast.Lambda):  # a function without a name may come from any of these statements
            yield "<lambda>"


def _chains(node: ast.AST) -> Iterator[tuple[str, ...]]:
    """Yield the names that are used, with the attributes that follow them: ``a.b.c`` gives ``("a", "b", "c")``."""
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        attributes: list[str] = []
        inner = one
        while isinstance(inner, ast.Attribute):
            attributes.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name):
            yield (inner.id, *reversed(attributes))
        else:
            todo += ast.iter_child_nodes(inner)


def _has_effect(node: ast.stmt) -> bool:
    """Whether a top-level statement does more than bind names, so that it counts for whatever uses its module."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
        return False
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(isinstance(inner, (ast.Attribute, ast.Subscript)) for one in targets for inner in ast.walk(one))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return False
    parts = [part for name in ("body", "orelse", "finalbody") for part in getattr(node, name, [])]
    # What imports one thing or another, and nothing else.
    return not (isinstance(node, (ast.If, ast.Try)) and not any(map(_has_effect, parts)))


@dataclass
class _Module:
    """One module's top-level statements, and where its names come from."""

    name: str
    is_package: bool
    tree: ast.Module
    folder: Path
    bound: dict[str, list[int]] = field(default_factory=dict)
    origins: dict[str, list[Name]] = field(default_factory=dict)
    effects: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for i, node in enumerate(self.tree.body):
            for name in set(_bound(node)):
                self.bound.setdefault(name, []).append(i)
            # A function may be entered into a table by its decorator.
            registers = any(
                name[0] in self.bound for one in getattr(node, "decorator_list", []) for name in _chains(one)
            )
            if _has_effect(node) or registers or getattr(node, "name", "") == "__getattr__":
                self.effects.append(i)
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                for name, origin in self.imports(node):
                    self.origins.setdefault(name, []).append(origin)

    def imports(self, node: ast.AST) -> Iterator[tuple[str, Name]]:
        """Yield the names that are imported anywhere inside a node, and what of the package they are."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Import):
                for alias in inner.names:
                    if alias.name.split(".")[0] == PACKAGE:
                        yield alias.asname or PACKAGE, (alias.name if alias.asname else PACKAGE, "")
                        if not alias.asname:
                            yield "", (alias.name, "")
            elif isinstance(inner, ast.ImportFrom):
                source = self._absolute(inner)
                if source.split(".")[0] == PACKAGE:
                    for alias in inner.names:
                        yield alias.asname or alias.name, (source, None if alias.name == "*" else alias.name)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.name.split(".") if self.is_package else self.name.split(".")[:-1]
        parts = parts[: len(parts) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])


class Sources:
    """The package's sources, read when they are asked for.

    Parameters
    ----------
    read : callable(Path) -> bytes, optional
        What reads a file.
    root : Path, optional
        The folder that the package lies in.
    without : callable(str) -> bool, optional
        Whether a module is left out, with what only it reaches.

    Examples
    --------
    >>> reached = Sources().reach([("course_lib.checks.compare", "near")])
    >>> sorted({module for module, _ in reached})
    ['course_lib.checks.compare']
    """

    def __init__(
        self,
        read: Callable[[Path], bytes] = Path.read_bytes,
        root: Path = _ROOT,
        without: Callable[[str], bool] = lambda module: False,
    ):
        self._read, self._root, self._without = read, root, without
        self._modules: dict[str, _Module | None] = {}
        self._steps: dict[tuple[str, int], tuple[list[Name], bool]] = {}
        self._texts: dict[tuple[str, int], str] = {}
        self._files: dict[Path, str] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}

    def _content(self, path: Path) -> bytes:
        self._stamps[path] = _stamp(path)
        return self._read(path)

    def unchanged(self) -> bool:
        """Tell whether all files that were read are still the same; those of now are what runs from now on."""
        return all(_stamp(path) == stamp for path, stamp in self._stamps.items())

    def names_in(self, source: str) -> list[Name]:
        """Return what an answer imports of the package; nothing of a source that is no Python."""
        try:
            module = _Module("<answer>", False, ast.parse(source), _ROOT)
        except (SyntaxError, ValueError):
            return []
        return [one for _, origin in module.imports(module.tree) for one in self._imported(origin, ())]

    def _module(self, name: str) -> _Module | None:
        if name not in self._modules:
            self._modules[name] = self._parse(name)
        return self._modules[name]

    def _parse(self, name: str) -> _Module | None:
        if name.split(".")[0] != PACKAGE or self._without(name):
            return None
        base = self._root.joinpath(*name.split("."))
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return _Module(name, path.name == "__init__.py", ast.parse(self._content(path)), path.parent)
        return None

    def digest(self, roots: Iterable[Name]) -> str:
        """Return one number for everything that can be reached: sources, and the data files beside them.

        Comments and the layout of the sources do not count.
        """
        total = hashlib.sha256()
        reached = self.reach(roots)
        for one in sorted(reached):
            total.update(f"{one[0]} {self._text(one)}\n".encode())
        folders = {self._modules[module].folder for module, i in reached if self._steps[module, i][1]}  # type: ignore[union-attr]
        for path in sorted({path for folder in folders for path in data_files(folder)}):
            if path not in self._files:
                self._files[path] = hashlib.sha256(self._content(path)).hexdigest()
            total.update(f"{path.relative_to(self._root).as_posix()} {self._files[path]}\n".encode())
        return total.hexdigest()

    def _text(self, one: tuple[str, int]) -> str:
        if one not in self._texts:
            module = self._module(one[0])
            assert module is not None
            self._texts[one] = hashlib.sha256(ast.dump(module.tree.body[one[1]]).encode()).hexdigest()
        return self._texts[one]

    def reach(self, roots: Iterable[Name]) -> set[tuple[str, int]]:
        """Return the statements that can be reached, each as its module and its place there."""
        found: set[tuple[str, int]] = set()
        names, todo = set(), list(roots)
        while todo:
            name = todo.pop()
            if name in names:
                continue
            names.add(name)
            for statement in self._statements(name):
                if statement not in found:
                    found.add(statement)
                    todo += self._step(statement)[0]
            todo += self._passed_on(name)
            todo += self._beside(name)
        return found

    def _passed_on(self, name: Name) -> Iterator[Name]:
        """Yield what stands behind a name that its module has only imported itself."""
        module = self._module(name[0])
        for origin in module.origins.get(name[1] or "", []) if module else ():
            yield from self._imported(origin, ())

    def _beside(self, name: Name) -> Iterator[Name]:
        """Yield what else is run when a module is imported: what its packages and its own imports do by themselves."""
        parent = name[0].rpartition(".")[0]
        if parent:
            yield parent, ""
        module = self._module(name[0])
        for origins in module.origins.values() if module else ():
            for source, attribute in origins:
                yield source, ""
                if attribute and self._module(f"{source}.{attribute}"):
                    yield f"{source}.{attribute}", ""

    def _statements(self, name: Name) -> list[tuple[str, int]]:
        """Return a name's own statements; of a whole module all, and for the name "" what is run in any case."""
        module = self._module(name[0])
        if module is None:
            return []
        if name[1] is None:
            return [(module.name, i) for i in range(len(module.tree.body))]
        return [(module.name, i) for i in {*module.bound.get(name[1], []), *module.effects}]

    def _step(self, statement: tuple[str, int]) -> tuple[list[Name], bool]:
        """Return the names that a statement uses, and whether it reads files beside its module."""
        if statement not in self._steps:
            module = self._module(statement[0])
            assert module is not None
            node = module.tree.body[statement[1]]
            chains = set(_chains(node))
            found = [one for chain in chains for one in self._resolve(module, chain)]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found += [one for _, origin in module.imports(node) for one in self._imported(origin, ())]
            reads = any(part in _READS_FILES for chain in chains for part in chain)
            self._steps[statement] = found, reads
        return self._steps[statement]

    def _resolve(self, module: _Module, chain: tuple[str, ...]) -> Iterator[Name]:
        if chain[0] in module.origins:
            for origin in module.origins[chain[0]]:
                yield from self._imported(origin, chain[1:])
        elif chain[0] in module.bound:
            yield module.name, chain[0]
        elif chain[0] == "globals":
            yield module.name, None
        for source, attribute in (origin for origins in module.origins.values() for origin in origins):
            if attribute is None:  # imported with a star: any name may come from there
                yield source, chain[0]

    def _imported(self, origin: Name, attributes: tuple[str, ...]) -> Iterator[Name]:
        """Yield what an imported name is: a name of a module, or a module, of which an attribute is used or all."""
        source, name = origin
        path = [*([name] if name else []), *attributes]
        module = self._module(source)
        while path and self._module(f"{source}.{path[0]}") and not (module and path[0] in module.bound):
            source = f"{source}.{path.pop(0)}"
            module = self._module(source)
        yield source, path[0] if path else None


def _stamp(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:
        return -1, -1
    return about.st_mtime_ns, about.st_size
