"""What the lessons' cells show: executed with solutions, kept by content, so that nothing runs twice.

A notebook's outputs are kept under a key made of its code, the learner's half of ``course_lib`` and the versions of
what draws and trains. They lie outside of git, in ``.site-cache/``. ``make test`` fills it as well: the conftest.py
that ``course claims --notebooks`` writes hands over what nbval has executed.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat

from course_lib.atomic import write_atomically
from course_lib.instructor.orphans import end_with_parent
from course_lib.trouble import CourseError

__all__ = ["CACHE", "Outputs", "execute", "execute_missing", "keep_executed", "kept", "key", "save"]

#: Outputs of each cell of a notebook, by the cell's id.
Outputs = dict[str, list[dict[str, Any]]]

CACHE = ".site-cache"
#: Raise it when what is kept of an output changes.
_FORMAT = 1
#: Seconds that one cell may take.
CELL_TIMEOUT = 300
#: Folders of course_lib that no cell's output depends on; of the commands, lesson 00 shows one.
_APART = {"instructor", "bench", "commands", "recorded", "__pycache__"}
_SHOWN_COMMAND = ("commands", "doctor.py")
_DRAWS_OR_TRAINS = ("numpy", "pandas", "matplotlib", "scikit-learn", "torch", "tensorflow", "keras", "ipykernel")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


@cache
def _surroundings(package: Path) -> str:
    """Return a digest of all that a cell's output depends on but its own notebook."""
    digest = hashlib.sha256(f"{_FORMAT} {platform.python_version()}".encode())
    for name in _DRAWS_OR_TRAINS:
        digest.update(f" {name} {_version(name)}".encode())
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        counts = parts == _SHOWN_COMMAND or not _APART.intersection(parts)
        if counts and path.is_file():
            digest.update("/".join(parts).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def key(root: Path, notebook: nbformat.NotebookNode) -> str:
    """Return the key of a notebook's outputs.

    Parameters
    ----------
    root : Path
        The course's folder.
    notebook : NotebookNode
        With solutions; its text cells and its outputs make no difference.
    """
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps([_surroundings(root / "course_lib"), code]).encode()).hexdigest()[:20]


def _file(root: Path, notebook: nbformat.NotebookNode) -> Path:
    place = notebook.metadata["loss_curves"]
    return root / CACHE / "outputs" / f"{place['lesson']}-{place['track']}-{key(root, notebook)}.json"


def kept(root: Path, notebook: nbformat.NotebookNode) -> Outputs | None:
    """Return the outputs that are kept of a notebook, by the cells' ids; None where it has to be executed."""
    try:
        found = json.loads(_file(root, notebook).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def save(root: Path, notebook: nbformat.NotebookNode, outputs: Mapping[str, Iterable[Any]]) -> None:
    """Keep what a notebook's cells show, but for graded ones and answers; what was kept of it before goes."""
    path = _file(root, notebook)
    graded = {cell.id for cell in notebook.cells if "nbgrader" in cell.metadata}
    shown = {cell: list(listed) for cell, listed in outputs.items() if cell not in graded}
    content = json.dumps(shown, indent=1, ensure_ascii=False)
    write_atomically(path, content.encode())
    place = notebook.metadata["loss_curves"]
    for other in path.parent.glob(f"{place['lesson']}-{place['track']}-*.json"):
        if other != path:
            other.unlink(missing_ok=True)


_seen: dict[str, dict[str, list[Any]]] = {}


def keep_executed(item: Any, next_item: Any) -> None:
    """Keep what nbval has executed, once the last cell of a notebook is through.

    Parameters
    ----------
    item, next_item : pytest items
        As pytest's hook ``pytest_runtest_teardown`` gives them. Of anything but a cell of a notebook with a lesson's
        name nothing is kept, nor of a notebook in which a cell was skipped or failed.
    """
    if not hasattr(item, "test_outputs"):
        return
    notebook, path = item.parent.nb, Path(item.path)
    cells = _seen.setdefault(str(path), {})
    if item.test_outputs is not None:
        cells[item.cell.id] = item.test_outputs
    if next_item is not None and next_item.parent is item.parent:
        return
    del _seen[str(path)]
    whole = {cell.id for cell in notebook.cells if cell.cell_type == "code"} == set(cells)
    failed = any(output["output_type"] == "error" for outputs in cells.values() for output in outputs)
    if whole and not failed and "loss_curves" in notebook.metadata:
        from course_lib.instructor.text.render import course_root

        save(course_root(path.parent), notebook, cells)


def execute(root: Path, notebook: nbformat.NotebookNode) -> None:
    """Execute a notebook in a folder of its own, and keep its outputs.

    Raises
    ------
    CourseError
        If a cell fails, with the lesson, the track and what the cell raised.
    """
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    place = notebook.metadata["loss_curves"]
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        try:
            client = NotebookClient(notebook, timeout=CELL_TIMEOUT, kernel_name="python3", resources=resources)
            client.execute(stderr=subprocess.DEVNULL)  # the kernel's own notices; a cell's are outputs
        except CellExecutionError as error:
            raise CourseError(
                f"{place['lesson']}, {place['track']}: a cell failed: {error.ename}: {error.evalue}"
            ) from None
    save(root, notebook, {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"})


def execute_missing(
    root: Path,
    notebooks: Sequence[nbformat.NotebookNode],
    workers: int = 2,
    progress: Callable[[str], None] = lambda done: None,
) -> None:
    """Execute several notebooks side by side; each is kept as soon as it is done, whatever happens to the others.

    Parameters
    ----------
    root : Path
        The course's folder.
    notebooks : sequence of NotebookNode
    workers : int
        How many run at a time.
    progress : callable
        Told which notebook is done.

    Raises
    ------
    CourseError
        If a cell fails.
    """
    if not notebooks:
        return
    spawn = get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(notebooks)), mp_context=spawn, initializer=end_with_parent) as pool:
        running = {pool.submit(execute, root, notebook): notebook.metadata["loss_curves"] for notebook in notebooks}
        try:
            for done in as_completed(running):
                done.result()
                progress(f"{running[done]['lesson']}, {running[done]['track']}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
