"""The bank of answers that proves the graders: ``tests/lessons/NN_topic/graders/EXERCISE/``.

``accepted/*.py`` must get all points, ``misconceptions/*.py`` must lose some and be named. A file
begins with a header of comments::

    # track: pytorch            (both tracks if it is left out)
    # diagnosis: mean_of_means  (of a misconception)
    # seen: where learners do it

The reference solution and the untouched stub come from the lesson's text, so they are stored once. What other cells of
the notebook make before it, such as a data set that it uses, ``before.py`` makes.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from course_lib.instructor.proof.mutants import mutants
from course_lib.lessons import load
from course_lib.trouble import CourseError

__all__ = ["Entry", "Kind", "bank_root", "entries", "load_answer"]

Kind = Literal["accepted", "misconception", "stub", "mutant"]

_HEADER = re.compile(r"#\s*(track|diagnosis|seen)\s*:\s*(.+?)\s*\Z")
_SOLUTION = re.compile(r"^([ \t]*)### BEGIN SOLUTION.*?### END SOLUTION[^\n]*$", re.DOTALL | re.MULTILINE)

#: What the setup cells of the lessons import, for reference solutions.
_IMPORTS = {
    "pytorch": "import copy\nimport math\nimport numpy as np\nimport torch\nfrom torch import nn\n",
    "keras": "import copy\nimport math\nimport keras\nimport numpy as np\nimport tensorflow as tf\n",
}


@dataclass(frozen=True)
class Entry:
    """One answer of the bank, and what must come of it.

    Parameters
    ----------
    before : str
        What runs before the answer: imports and the lesson's earlier reference solutions.
    diagnosis : str or None
        For a misconception: the diagnosis that the visible cases must name.
    equivalent : str or None
        For a mutant: why it does the same as the solution, so that nothing can tell them apart.
    """

    lesson: str
    track: str
    exercise: str
    kind: Kind
    name: str
    source: str
    before: str = ""
    diagnosis: str | None = None
    equivalent: str | None = None


def bank_root(start: Path | None = None) -> Path:
    """Return the bank's folder, ``tests/lessons`` of the nearest checkout upwards.

    Raises
    ------
    CourseError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[3]):
        if (folder / "tests" / "lessons").is_dir():
            return folder / "tests" / "lessons"
    raise CourseError(f"no bank of answers: {here} and its parents hold no tests/lessons")


def header(source: str) -> dict[str, str]:
    r"""Return the header of an answer's file.

    Examples
    --------
    >>> header("# track: keras\n# diagnosis: running_mean\nimport keras")
    {'track': 'keras', 'diagnosis': 'running_mean'}
    """
    found: dict[str, str] = {}
    for line in source.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        match = _HEADER.match(line)
        if match:
            found[match[1]] = match[2]
    return found


@cache
def _solutions(text: Path, track: str) -> dict[str, str]:
    from course_lib.instructor.text.lesson_text import read_lesson

    return read_lesson(text).solutions(track) if text.is_file() else {}


def stub_of(solution: str) -> str:
    """Return a solution as a learner first sees it, as nbgrader makes it."""
    return _SOLUTION.sub(lambda m: f"{m[1]}# YOUR CODE HERE\n{m[1]}raise NotImplementedError()", solution)


def _files(folder: Path, track: str) -> list[tuple[Path, str, dict[str, str]]]:
    found = []
    for path in sorted(folder.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        about = header(source)
        if about.get("track", track) == track:
            found.append((path, source, about))
    return found


def _equivalents(folder: Path) -> dict[str, str]:
    path = folder / "equivalent.toml"
    if not path.is_file():
        return {}
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    return {item["name"]: item["reason"] for item in listed}


def _mutants_of(where: dict[str, str], solution: str, before: str, folder: Path) -> list[Entry]:
    listed = _equivalents(folder)
    return [
        Entry(**where, kind="mutant", name=m.name, source=m.source, before=before, equivalent=listed.get(m.name))  # type: ignore[arg-type]
        for m in mutants(solution)
    ]


def _made_before(folder: Path) -> str:
    """Return what a notebook's other cells have made before an exercise, where its solution needs it: ``before.py``."""
    path = folder / "before.py"
    return path.read_text(encoding="utf-8") + "\n" if path.is_file() else ""


def entries(root: Path, lesson: str, track: str, exercise: str) -> list[Entry]:
    """Return all answers of one exercise in one track.

    Raises
    ------
    CourseError
        If a misconception names no diagnosis, or there is no reference solution.
    """
    folder = root / lesson / "graders" / exercise
    text = root.parent.parent / "solutions" / f"{lesson}.md"
    solutions = _solutions(text, track)
    where = {"lesson": lesson, "track": track, "exercise": exercise}
    found: list[Entry] = []
    for path, source, _ in _files(folder / "accepted", track):
        found.append(Entry(**where, kind="accepted", name=path.stem, source=source))
    for path, source, about in _files(folder / "misconceptions", track):
        if "diagnosis" not in about:
            raise CourseError(f"{path}: the header names no diagnosis; write `# diagnosis: KEY`")
        found.append(Entry(**where, kind="misconception", name=path.stem, source=source, diagnosis=about["diagnosis"]))
    if exercise in solutions:
        earlier = list(solutions)[: list(solutions).index(exercise)]
        ready = [_made_before(folder.parent / name) + solutions[name] for name in earlier]
        before = _IMPORTS[track] + "\n".join([*ready, _made_before(folder)])
        solution = solutions[exercise]
        found.append(Entry(**where, kind="accepted", name="reference solution", source=solution, before=before))
        found.append(Entry(**where, kind="stub", name="untouched stub", source=stub_of(solution), before=before))
        found += _mutants_of(where, solution, before, folder)
    elif (folder / "accepted").is_dir():
        reference = [entry for entry in found if entry.name.endswith("reference")]
        if not reference:
            raise CourseError(
                f"{exercise} ({track}): no reference solution; solutions/{lesson}.md has no cell of it, and "
                "accepted/ has no file whose name ends in `reference`"
            )
        found += _mutants_of(where, reference[0].source, "", folder)
        for path, source, _ in _files(folder / "stubs", track):
            found.append(Entry(**where, kind="stub", name=path.stem, source=source))
    return found


def load_answer(entry: Entry) -> Any:
    """Run an answer's source and return the learner's object; what is not defined counts as ``None``."""
    names: dict[str, Any] = {"__name__": "__main__"}
    if entry.before:
        exec(compile(entry.before, "<before>", "exec"), names)
    filename = f"<answer {entry.exercise} {entry.name}>"
    linecache.cache[filename] = (len(entry.source), None, entry.source.splitlines(True), filename)
    # As in the notebook: a cell may raise while it runs, and what it has not reached is not there.
    answer_name = load(entry.lesson, entry.track)[entry.exercise].answer_name
    names.pop(answer_name, None)
    with contextlib.suppress(Exception):
        exec(compile(ast.parse(entry.source), filename, "exec"), names)
    return names.get(answer_name)
