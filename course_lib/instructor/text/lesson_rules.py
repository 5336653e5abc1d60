"""The rules that a lesson's text is held against: each finds what is wrong, as a reason."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

from course_lib.instructor.text.lesson_cells import GRADED_KEYS, Cell, regions
from course_lib.instructor.text.quiz_text import quiz_problems
from course_lib.instructor.text.reveal_text import reveal_problems
from course_lib.tracks import TRACKS

__all__ = ["cell_problems", "header_problems", "problems_between"]

#: The region markers of nbgrader, and in which kind of graded cell each may stand.
REGIONS = {"SOLUTION": ("exercise", "explain"), "HIDDEN TESTS": ("check",)}
MARKERS = tuple(f"### {edge} {name}" for name in REGIONS for edge in ("BEGIN", "END"))

KNOWN_TAGS = {*TRACKS, "NBVAL_CHECK_OUTPUT", "raises-exception"}
KNOWN_METADATA = {"tags", "points", "map", "quiz", "reveal", "right", "slideshow", *GRADED_KEYS}
GRADED_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
LESSON_NAME = re.compile(r"\d\d_[a-z0-9_]+\Z")

_EDGE_WORD = re.compile(r"\b(BEGIN|START|END)\b", re.IGNORECASE)
_SUBJECT_WORD = re.compile(r"\b(SOLUTIONS?|HIDDEN|TESTS?|MARK ?SCHEME)\b", re.IGNORECASE)


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


def cell_problems(cell: Cell) -> Iterator[str]:
    """Yield what is wrong with one cell by itself."""
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


def header_problems(name: str, header: dict[str, Any], cells: list[Cell]) -> Iterator[str]:
    """Yield what is wrong with the file's name and its front matter."""
    if not LESSON_NAME.match(name):
        yield f"a lesson's file is named NN_topic.md in small letters, not {name}.md"
    for key, kind in (("title", str), ("minutes", int)):
        if not isinstance(header.get(key), kind):
            yield f"the front matter needs lesson.{key} ({kind.__name__}), found {header.get(key)!r}"
    points = [c.metadata.get("points", 0) for c in _graded(cells, TRACKS[0]) if c.kind != "exercise"]
    total = sum(p for p in points if isinstance(p, int | float))
    if header.get("points", 0) != total:
        yield f"lesson.points is {header.get('points', 0)}, yet the pytorch track's cells add up to {total}"


def problems_between(cells: list[Cell]) -> Iterator[tuple[Cell, str]]:
    """Yield what is wrong with cells as they stand to each other, in one track and between both."""
    for check in (_track_problems, reveal_problems):
        for track in TRACKS:
            yield from check(cells, track)
    yield from _between_tracks(cells)
    yield from _stray_text(cells)
