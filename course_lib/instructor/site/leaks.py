"""Nothing secret is on the site: solutions, sample answers, hidden cases, tokens, and this machine's folders and names.

What counts as secret is taken from the sources, less everything that learners get anyway. The search is tried on
planted leaks first, so that one that finds nothing is one that would have found something.
"""

from __future__ import annotations

import getpass
import html
import io
import json
import platform
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import nbformat

from course_lib.instructor.text.bundle import learner_files
from course_lib.instructor.text.lesson_cells import regions
from course_lib.instructor.text.lesson_text import read_lesson
from course_lib.instructor.text.render import lesson_texts
from course_lib.instructor.text.render_cell import TOKEN_PREFIX
from course_lib.trouble import CourseError

__all__ = ["Secrets", "find_leaks", "leaks_in", "read_secrets"]

#: A line counts from so many letters on, spaces not counted; shorter ones are also found in honest code.
FEWEST_LETTERS = 14
#: Lines of a module of hidden cases are told from everyday Python by being longer.
FEWEST_LETTERS_HIDDEN = 30
_PICTURES = {".png", ".webp", ".ico", ".woff", ".woff2"}
_TAG = re.compile(r"<[^>]+>")
#: How many leaks of one file are told.
_TOLD = 5


@dataclass
class Secrets:
    """What may be on no page: lines without their spaces, each with where it is from, and words as they are."""

    lines: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begins: dict[str, list[str]] = {}
        for line in self.lines:
            self.begins.setdefault(line[:FEWEST_LETTERS], []).append(line)


def _squashed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _what_learners_get(root: Path, names: list[str]) -> str:
    """Return all that learners get as one text without spaces."""
    parts = []
    for path in learner_files(root, names):
        if path.suffix == ".ipynb":
            parts += [cell.source for cell in nbformat.read(root / path, as_version=4).cells]
        elif path.suffix not in _PICTURES:
            parts.append((root / path).read_text(encoding="utf-8", errors="replace"))
    return _squashed("\n".join(parts))


def _graded_lines(root: Path, names: list[str]) -> Iterator[tuple[str, str, int]]:
    """Yield each line of a solution or a sample answer with where it is from, and how long it has to be."""
    for text in lesson_texts(root, names):
        lesson = read_lesson(text)
        for cell in lesson.cells:
            if cell.kind == "explain":
                for sentence in re.split(r"(?<=[.!?:])\s+|\n\s*\n", cell.source):
                    yield sentence, f"{lesson.name}, {cell.place}", 2 * FEWEST_LETTERS
            source = cell.source.split("\n")
            for _, first, last in regions(cell.source):
                for line in source[first + 1 : last]:
                    yield line, f"{lesson.name}, {cell.place}", FEWEST_LETTERS


def _hidden_lines(root: Path) -> Iterator[tuple[str, str, int]]:
    for path in sorted((root / "course_lib" / "instructor" / "hidden").rglob("*.py")):
        for line in path.read_text(encoding="utf-8").split("\n"):
            if not line.lstrip().startswith(("from ", "import ", "def ", "#", '"""')):
                yield line, str(path.relative_to(root)), FEWEST_LETTERS_HIDDEN


def _machine() -> Iterator[tuple[str, str]]:
    """Yield folders and names of this machine that would tell whose it is."""
    for place in {str(Path.home()), sys.prefix, str(Path.cwd())}:
        if len(Path(place).parts) > 2:
            yield place, "a folder of this machine"
    user, host = getpass.getuser(), platform.node().partition(".")[0]
    if user not in ("root", "runner", "user") and len(user) >= 4:
        yield user, "the name of a user"
    if host != "localhost" and len(host) >= 4:
        yield host, "the name of this machine"


def read_secrets(root: Path) -> Secrets:
    """Collect what may be on no page.

    Parameters
    ----------
    root : Path
        The course's folder.
    """
    names = [text.stem for text in lesson_texts(root)]
    given = _what_learners_get(root, names)
    lines = {}
    for line, where, fewest in (*_graded_lines(root, names), *_hidden_lines(root)):
        squashed = _squashed(line)
        if len(squashed) >= fewest and squashed not in given:
            lines[squashed] = where
    words = {TOKEN_PREFIX: "a token of a hidden region", str(root): "the course's folder on this machine"}
    words |= {word: what for word, what in _machine() if word not in given}
    return Secrets(lines, words)


def leaks_in(name: str, content: bytes, secrets: Secrets) -> list[str]:
    """Name every secret that a file holds; a zip is looked into.

    Parameters
    ----------
    name : str
        The file's name, which says what it is.
    content : bytes
    secrets : Secrets

    Examples
    --------
    >>> secrets = Secrets({"total+=loss.item()*len(x)": "solution"}, {"only-in-solutions-": "token"})
    >>> leaks_in("a.html", b"<b>total</b> += loss.item() <i>*</i> len(x)", secrets)
    ["a.html: a line of solution: 'total+=loss.item()*len(x)'"]
    """
    suffix = PurePosixPath(name).suffix
    if suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inner = ((f"{name}/{entry}", archive.read(entry)) for entry in archive.namelist())
            return [leak for entry, data in inner for leak in leaks_in(entry, data, secrets)]
    if suffix in _PICTURES:
        return []
    raw = content.decode("utf-8", errors="replace")
    said = "\n".join(_strings(json.loads(raw))) if suffix in (".ipynb", ".json") else ""
    found = [f"{name}: {what}: {word!r}" for word, what in secrets.words.items() if word in raw or word in said]
    for text in _texts(suffix, raw, said):
        for line in sorted(_lines_in(text, secrets)):
            found.append(f"{name}: a line of {secrets.lines[line]}: {line[:60]!r}")
    told = list(dict.fromkeys(found))
    more = len(told) - _TOLD
    return [*told[:_TOLD], *([f"{name}: {more} more of that kind"] if more > 0 else [])]


def _texts(suffix: str, raw: str, said: str) -> Iterator[str]:
    """Yield what there is to read in a file, without spaces: words without markup, strings without quoting."""
    if suffix in (".html", ".svg", ".xml"):
        yield _squashed(html.unescape(_TAG.sub("", raw)))
    if said:
        yield _squashed(said)
    yield _squashed(raw)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _lines_in(text: str, secrets: Secrets) -> Iterable[str]:
    size = FEWEST_LETTERS
    begun = secrets.begins.keys() & {text[place : place + size] for place in range(len(text) - size + 1)}
    return {line for begin in begun for line in secrets.begins[begin] if line in text}


def _hold_controls(secrets: Secrets) -> None:
    """Plant a secret of each kind into each kind of file, and stop if one of them is not found.

    Raises
    ------
    CourseError
        With what was planted.
    """
    if not secrets.lines or not secrets.words:
        raise CourseError("the search for leaks knows no secret; nothing that it says would count")
    by_place: dict[str, str] = {where.partition(",")[0]: line for line, where in secrets.lines.items()}
    planted = [*by_place.values(), *secrets.words]
    for secret in planted:
        marked = "".join(f"<span>{html.escape(letter)}</span> " for letter in secret)
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("inner.py", f"x = 1\n    {secret}\n")
        files = {
            "plain.js": secret.encode(),
            "notebook.ipynb": json.dumps({"cells": [{"source": ["x = 1\n", secret]}]}).encode(),
            "course.zip": zipped.getvalue(),
        }
        if secret in secrets.lines:
            files["page.html"] = f"<pre>{marked}</pre>".encode()
        for name, content in files.items():
            if not leaks_in(name, content, secrets):
                raise CourseError(f"the search for leaks does not find {secret[:60]!r} in {name}; it proves nothing")


def find_leaks(root: Path, site: Path) -> list[str]:
    """Look into every file of a site, after trying the search on planted leaks.

    Parameters
    ----------
    root : Path
        The course's folder.
    site : Path

    Returns
    -------
    list of str
        A line for each leak: the file, what it is, and its first letters.

    Raises
    ------
    CourseError
        If a planted leak is not found.
    """
    secrets = read_secrets(root)
    _hold_controls(secrets)
    found = []
    for path in sorted(site.rglob("*")):
        if path.is_file():
            found += leaks_in(path.relative_to(site).as_posix(), path.read_bytes(), secrets)
    return found
