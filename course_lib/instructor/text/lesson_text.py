"""A lesson's text: reading ``solutions/NN_topic.md`` and holding it against the rules.

A text is a jupytext ``md:myst`` notebook. Cells tagged ``pytorch`` or ``keras`` belong to that track,
all others to both. Graded cells carry short metadata, which the build expands:

======================================  =======================================================
``exercise: NAME``                      a code cell with a solution region, that learners write
``check: NAME`` and ``points: N``       the code cell that checks exercise NAME and gives points
``explain: NAME`` and ``points: N``     a text cell that learners write and a person grades
``map: lessons``                        a text cell of the start page, below which all lessons are listed
``quiz: NAME``                          a text cell with questions (see ``quiz_text``), not graded
``reveal: NAME`` and ``right: OPTION``  a text cell that is shown once prediction NAME is answered
======================================  =======================================================

Every broken rule becomes a :class:`LessonProblem` that names the file, the cell and the reason.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jupytext
from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from course_lib.instructor.text.quiz_text import quiz_problems
from course_lib.instructor.text.reveal_text import reveal_problems
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["Cell", "Lesson", "LessonProblem", "LessonProblems", "read_lesson", "regions"]

#: The region markers of nbgrader, and in which kind of graded cell each may stand.
REGIONS = {"SOLUTION": ("exercise", "explain"), "HIDDEN TESTS": ("check",)}
MARKERS = tuple(f"### {edge} {name}" for name in REGIONS for edge in ("BEGIN", "END"))

KNOWN_TAGS = {*TRACKS, "NBVAL_CHECK_OUTPUT", "raises-exception"}
GRADED_KEYS = ("exercise", "check", "explain")
KNOWN_METADATA = {"tags", "points", "map", "quiz", "reveal", "right", "slideshow", *GRADED_KEYS}
GRADED_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
LESSON_NAME = re.compile(r"\d\d_[a-z0-9_]+\Z")

_EDGE_WORD = re.compile(r"\b(BEGIN|START|END)\b", re.IGNORECASE)
_SUBJECT_WORD = re.compile(r"\b(SOLUTIONS?|HIDDEN|TESTS?|MARK ?SCHEME)\b", re.IGNORECASE)


@dataclass(frozen=True)
class LessonProblem:
    """One broken rule: where, and what to do about it."""

    file: str
    cell: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.cell}: {self.reason}"


class LessonProblems(CourseError):
    """A lesson's text breaks rules; the message has a line for each."""

    def __init__(self, problems: list[LessonProblem]):
        self.problems = problems
        count = f"{len(problems)} problem{'s' * (len(problems) != 1)} in the lesson text"
        super().__init__("\n  ".join([count, *map(str, problems)]))


@dataclass(frozen=True)
class Cell:
    """One cell of a lesson's text.

    Attributes
    ----------
    number : int
        Its place in the text, from 1.
    cell_type : {"code", "markdown"}
    source : str
    metadata : dict
    """

    number: int
    cell_type: str
    source: str
    metadata: dict[str, Any]

    @property
    def tags(self) -> list[str]:
        """The cell's tags."""
        return list(self.metadata.get("tags", []))

    @property
    def tracks(self) -> tuple[str, ...]:
        """The tracks that the cell belongs to: those it is tagged with, or both."""
        return tuple(t for t in TRACKS if t in self.tags) or TRACKS

    @property
    def kind(self) -> str | None:
        """``exercise``, ``check`` or ``explain`` for a graded cell, else None."""
        return next((key for key in GRADED_KEYS if key in self.metadata), None)

    @property
    def name(self) -> str | None:
        """The graded cell's name, such as ``epoch_loss``."""
        return str(self.metadata[self.kind]) if self.kind else None

    @property
    def grade_id(self) -> str | None:
        """The id that nbgrader knows the cell by."""
        return f"check_{self.name}" if self.kind == "check" else self.name

    @property
    def place(self) -> str:
        """How a message names the cell: number, and name or first words."""
        if self.kind:
            return f"cell {self.number} ({self.kind} {self.name})"
        words = self.source.strip().splitlines()
        return f"cell {self.number} ({words[0][:40]!r})" if words else f"cell {self.number} (empty)"


@dataclass(frozen=True)
class Lesson:
    """A lesson's text that keeps all rules.

    Attributes
    ----------
    name : str
        Such as ``03_tracking_loops``.
    title : str
    minutes : int
        How long a learner needs in one track, minutes.
    points : float
        The sum of all points in one track; 0 for an ungraded lesson.
    cells : list of Cell
    kernelspec : dict
    """

    name: str
    title: str
    minutes: int
    points: float
    cells: list[Cell] = field(repr=False)
    kernelspec: dict[str, str] = field(repr=False)
    metadata: dict[str, Any] = field(repr=False, default_factory=dict)

    def track(self, track: str) -> list[Cell]:
        """The cells of one track's notebook, in order; an explanation that waits for a prediction is none of them."""
        return [cell for cell in self.cells if track in cell.tracks and "reveal" not in cell.metadata]

    def solutions(self, track: str) -> dict[str, str]:
        """The reference solution of each exercise: the cell's source, by the exercise's name."""
        return {str(c.name): c.source for c in self.track(track) if c.kind == "exercise"}


def regions(source: str) -> Iterator[tuple[str, int, int]]:
    """Find the marked regions of a cell that keeps the rules.

    Yields
    ------
    name : str
        ``SOLUTION`` or ``HIDDEN TESTS``.
    first, last : int
        Line numbers, from 0, of the BEGIN and the END line.
    """
    start: tuple[str, int] | None = None
    for number, line in enumerate(source.split("\n")):
        text = line.strip()
        if text.startswith("### BEGIN "):
            start = (text.removeprefix("### BEGIN "), number)
        elif text.startswith("### END ") and start:
            yield start[0], start[1], number
            start = None


def _marker_problems(cell: Cell) -> Iterator[str]:
    open_region: str | None = None
    for line in cell.source.split("\n"):
        text = line.strip()
        if text not in MARKERS:
            comment = text.startswith(("#", "=", "<!--", "//"))
            resembles = _EDGE_WORD.search(text) and _SUBJECT_WORD.search(text)
            near = difflib.get_close_matches(text.upper(), MARKERS, n=1, cutoff=0.8)
            shouts = re.match(r"#{2,}\s*(BEGIN|END|BEGI?N?)\b", text)
            if cell.cell_type == "code" and ((comment and resembles) or near or shouts):
                best = near or difflib.get_close_matches(text.upper(), MARKERS, n=1, cutoff=0.0)
                yield f"{text!r} resembles a marker but is none; write {best[0]!r} exactly"
            elif cell.cell_type == "markdown" and near:
                yield f"{text!r} resembles a marker but is none; write {near[0]!r} exactly"
            continue
        _, edge, region = text.split(" ", 2)
        if edge == "BEGIN":
            if open_region:
                yield f"'{text}' inside the region {open_region}, which has no END yet"
            open_region = region
            if cell.kind not in REGIONS[region]:
                yield f"'{text}' may stand only in a cell with {' or '.join(REGIONS[region])} metadata"
        elif open_region != region:
            yield f"'{text}' without its '### BEGIN {region}'"
            open_region = None
        else:
            open_region = None
    if open_region:
        yield f"'### BEGIN {open_region}' without its '### END {open_region}'"


def _syntax_problem(cell: Cell) -> str | None:
    try:
        ast.parse(TransformerManager().transform_cell(cell.source))
    except SyntaxError as error:
        return f"not valid Python: {error.msg} (line {error.lineno})"
    return None


def _metadata_problems(cell: Cell) -> Iterator[str]:
    for key in sorted(set(cell.metadata) - KNOWN_METADATA):
        near = difflib.get_close_matches(key, KNOWN_METADATA, n=1)
        yield f"unknown metadata {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    for tag in sorted(set(cell.tags) - KNOWN_TAGS):
        near = difflib.get_close_matches(tag, KNOWN_TAGS, n=1)
        yield f"unknown tag {tag!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    if sum(key in cell.metadata for key in GRADED_KEYS) > 1:
        yield f"a cell can be only one of {', '.join(GRADED_KEYS)}"
    if cell.kind is None:
        if "points" in cell.metadata:
            yield "points on a cell that is neither a check nor an explain cell"
        return
    if not GRADED_NAME.match(cell.name or ""):
        yield f"{cell.kind} needs a name of small letters, digits and underscores, not {cell.metadata[cell.kind]!r}"
    points = cell.metadata.get("points")
    if cell.kind == "exercise":
        if points is not None:
            yield "points belong on the check cell, not on the exercise"
        if not any(region == "SOLUTION" for region, _, _ in regions(cell.source)):
            yield "an exercise needs a region from '### BEGIN SOLUTION' to '### END SOLUTION'"
    elif not isinstance(points, int | float) or isinstance(points, bool) or points <= 0:
        yield f"a {cell.kind} cell needs points, a number above 0, not {points!r}"
    if (cell.kind == "explain") != (cell.cell_type == "markdown"):
        yield f"{cell.kind} metadata on a {cell.cell_type} cell"


def _cell_problems(cell: Cell) -> Iterator[str]:
    yield from _metadata_problems(cell)
    yield from _marker_problems(cell)
    if "quiz" in cell.metadata:
        yield from quiz_problems(cell.source)
    if cell.cell_type == "code":
        problem = _syntax_problem(cell)
        if problem:
            yield problem


def _graded(cells: list[Cell], track: str) -> list[Cell]:
    return [cell for cell in cells if cell.kind and track in cell.tracks]


def _track_problems(cells: list[Cell], track: str) -> Iterator[tuple[Cell, str]]:
    seen: dict[str, Cell] = {}
    exercises = {c.name for c in _graded(cells, track) if c.kind == "exercise"}
    checks = {c.name for c in _graded(cells, track) if c.kind == "check"}
    done: set[str | None] = set()
    for cell in _graded(cells, track):
        key = str(cell.grade_id)
        if key in seen:
            yield cell, f"the id {key!r} is taken already, by {seen[key].place}, in the {track} track"
        seen[key] = cell
        if cell.kind == "exercise":
            done.add(cell.name)
            if cell.name not in checks:
                yield cell, f"a graded exercise without a check in the {track} track"
        if cell.kind == "check":
            if cell.name not in exercises:
                yield cell, f"a check without its exercise in the {track} track"
            elif cell.name not in done:
                yield cell, "the check stands before its exercise"


def _between_tracks(cells: list[Cell]) -> Iterator[tuple[Cell, str]]:
    first, second = ({str(c.grade_id): c for c in _graded(cells, track)} for track in TRACKS)
    for mine, other, track in ((first, second, TRACKS[1]), (second, first, TRACKS[0])):
        for key, cell in mine.items():
            if key not in other:
                yield cell, f"missing in the {track} track: both tracks have the same exercises"
    for key in first.keys() & second.keys():
        ours, theirs = (c.metadata.get("points") for c in (first[key], second[key]))
        if ours != theirs:
            yield second[key], f"the tracks give different points: pytorch {ours}, keras {theirs}"
    shared = [[k for k in one if k in first and k in second] for one in (first, second)]
    if shared[0] != shared[1]:
        key = next(a for a, b in zip(*shared, strict=True) if a != b)
        yield first[key], "the tracks have their graded cells in different orders"


def _stray_text(cells: list[Cell]) -> Iterator[tuple[Cell, str]]:
    """Find text for both tracks that stands inside a passage of one: its tag was forgotten."""
    for before, cell, after in zip(cells, cells[1:], cells[2:], strict=False):
        alone = len(before.tracks) == 1 and before.tracks == after.tracks
        if alone and cell.cell_type == "markdown" and len(cell.tracks) > 1 and not cell.source.startswith("#"):
            track = before.tracks[0]
            yield cell, f"text for both tracks between cells of {track} only; begin it with a line that tags it"


def _header_problems(name: str, header: dict[str, Any], cells: list[Cell]) -> Iterator[str]:
    if not LESSON_NAME.match(name):
        yield f"a lesson's file is named NN_topic.md in small letters, not {name}.md"
    for key, kind in (("title", str), ("minutes", int)):
        if not isinstance(header.get(key), kind):
            yield f"the front matter needs lesson.{key} ({kind.__name__}), found {header.get(key)!r}"
    points = [c.metadata.get("points", 0) for c in _graded(cells, TRACKS[0]) if c.kind != "exercise"]
    total = sum(p for p in points if isinstance(p, int | float))
    if header.get("points", 0) != total:
        yield f"lesson.points is {header.get('points', 0)}, yet the pytorch track's cells add up to {total}"


def read_lesson(path: Path) -> Lesson:
    """Read a lesson's text and hold it against every rule.

    Parameters
    ----------
    path : Path
        Such as ``solutions/03_tracking_loops.md``.

    Returns
    -------
    Lesson

    Raises
    ------
    LessonProblems
        With one line for each broken rule: file, cell, reason.

    Examples
    --------
    >>> lesson = read_lesson(Path("solutions/03_tracking_loops.md"))  # doctest: +SKIP
    >>> sorted(lesson.solutions("pytorch"))  # doctest: +SKIP
    ['epoch_loss', 'fit_and_track', 'order_the_loop', 'train_one_epoch']
    """
    try:
        text = path.read_text(encoding="utf-8")
        notebook: NotebookNode = jupytext.reads(text, fmt="md:myst")
    except UnicodeDecodeError as error:
        raise LessonProblems([LessonProblem(str(path), "file", f"not UTF-8 text: {error.reason}")]) from None
    except Exception as error:  # jupytext and yaml raise their own kinds for a malformed text
        reason = " ".join(str(error).split())
        raise LessonProblems([LessonProblem(str(path), "file", f"not a MyST notebook: {reason}")]) from None
    cells = [
        Cell(number, cell.cell_type, cell.source, dict(cell.metadata))
        for number, cell in enumerate(notebook.cells, start=1)
    ]
    header = dict(notebook.metadata.get("lesson", {}))
    problems = [LessonProblem(path.name, "front matter", r) for r in _header_problems(path.stem, header, cells)]
    problems += [LessonProblem(path.name, c.place, r) for c in cells for r in _cell_problems(c)]
    found: dict[tuple[int, str], LessonProblem] = {}
    by_track = [check(cells, track) for check in (_track_problems, reveal_problems) for track in TRACKS]
    for pairs in (*by_track, _between_tracks(cells), _stray_text(cells)):
        for cell, reason in pairs:
            found.setdefault((cell.number, reason), LessonProblem(path.name, cell.place, reason))
    problems += found.values()
    if problems:
        raise LessonProblems(problems)
    return Lesson(
        name=path.stem,
        title=header["title"],
        minutes=header["minutes"],
        points=float(header.get("points", 0)),
        cells=cells,
        kernelspec=dict(notebook.metadata.get("kernelspec", {})),
        metadata=header,
    )
