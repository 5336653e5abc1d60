"""From a lesson's text to notebooks, in memory: nbgrader's source and what learners open."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.instructor.text.course_map import CURVES, START, Stop, course_map, curves_picture, stops, way
from course_lib.instructor.text.lesson_text import (
    Cell,
    Lesson,
    LessonProblem,
    LessonProblems,
    read_lesson,
    regions,
)
from course_lib.instructor.text.minutes import minutes_problem
from course_lib.instructor.text.quiz_text import expand_quiz
from course_lib.instructor.text.reveal_text import explanations_file
from course_lib.notebook.explanations import reveals_path
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["course_root", "lesson_texts", "region_tokens", "render", "render_release", "render_source", "to_bytes"]


TOKEN_PREFIX = "only-in-solutions-"


_GRADED_CALL = """### BEGIN HIDDEN TESTS
# {token}
from course_lib.instructor.hidden import graded_check
score = graded_check({lesson!r}, {track!r}, {name!r}, {answer})
### END HIDDEN TESTS"""


def course_root(start: Path | None = None) -> Path:
    """Find the course's folder: the nearest one upwards that holds ``nbgrader_config.py``.

    Raises
    ------
    CourseError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "nbgrader_config.py").is_file() and (folder / "solutions").is_dir():
            return folder
    raise CourseError(f"no course here: {here} and its parents hold no nbgrader_config.py beside solutions/")


def lesson_texts(root: Path, names: list[str] | None = None) -> list[Path]:
    """List the texts of the named lessons, of all by default, in order.

    A name may be short: ``03`` stands for ``03_tracking_loops``.

    Raises
    ------
    CourseError
        If a name fits no lesson.
    """
    texts = sorted((root / "solutions").glob("[0-9][0-9]_*.md"))
    if not names:
        return texts
    chosen = []
    for name in names:
        wanted = Path(name).name.removesuffix(".md")
        fitting = [t for t in texts if t.stem == wanted or t.stem.startswith(f"{wanted}_")]
        if not fitting:
            known = ", ".join(t.stem for t in texts)
            raise CourseError(f"no lesson {name!r}; the lessons are: {known}")
        chosen += fitting
    return chosen


def _token(*place: str) -> str:
    """Make a text that stands nowhere else, from the place that it marks."""
    return TOKEN_PREFIX + hashlib.sha256("/".join(place).encode()).hexdigest()[:20]


def region_tokens(lesson: Lesson) -> list[str]:
    """List the tokens of a lesson's hidden regions: none may reach a learner."""
    sources = (render_cell(lesson, track, cell)[0] for track in TRACKS for cell in lesson.track(track))
    words = (word for source in sources for word in source.split())
    return sorted({word for word in words if word.startswith(TOKEN_PREFIX)})


def _check_source(lesson: Lesson, track: str, cell: Cell) -> str:
    """Expand ``check("NAME", answer)`` to a cell whose value is the score.

    Learners see the call and the score; the region between them, with the hidden cases, is nbgrader's
    to remove.
    """
    call = cell.source.strip()
    answer = call.removeprefix(f'check("{cell.name}",').removesuffix(")").strip()
    if call != f'check("{cell.name}", {answer})' or not answer:
        reason = f'a check cell without its own regions reads check("{cell.name}", ANSWER), not {call!r}'
        raise LessonProblems([LessonProblem(f"{lesson.name}.md", cell.place, reason)])
    hidden = _GRADED_CALL.format(
        token=_token(lesson.name, track, str(cell.grade_id)),
        lesson=lesson.name,
        track=track,
        name=cell.name,
        answer=answer,
    )
    return f"score = {call}\n{hidden}\nscore"


def _marked(lesson: Lesson, track: str, cell: Cell) -> str:
    """Put a token after each BEGIN line, and into a text cell that is a sample answer."""
    if cell.kind == "explain":
        return f"{cell.source}\n\n<!-- {_token(lesson.name, track, str(cell.grade_id))} -->"
    lines = cell.source.split("\n")
    for count, (_, first, _) in enumerate(reversed(list(regions(cell.source)))):
        indent = lines[first][: len(lines[first]) - len(lines[first].lstrip())]
        lines.insert(first + 1, f"{indent}# {_token(lesson.name, track, str(cell.grade_id), str(count))}")
    return "\n".join(lines)


def render_cell(lesson: Lesson, track: str, cell: Cell) -> tuple[str, dict[str, Any]]:
    """Expand one cell of the text.

    Returns
    -------
    source : str
    metadata : dict
        With nbgrader's schema (version 3) where the cell is graded.
    """
    metadata: dict[str, Any] = {}
    tags = [tag for tag in cell.tags if tag not in (*TRACKS, "NBVAL_CHECK_OUTPUT")]
    if tags:
        metadata["tags"] = tags
    if "quiz" in cell.metadata:
        return expand_quiz(cell.source), metadata
    if not cell.kind:
        return cell.source, metadata
    graded = cell.kind != "exercise"
    metadata["nbgrader"] = {
        "grade": graded,
        "grade_id": cell.grade_id,
        "locked": cell.kind == "check",
        "schema_version": 3,
        "solution": cell.kind != "check",
        "task": False,
    }
    if graded:
        metadata["nbgrader"]["points"] = float(cell.metadata["points"])
    if cell.kind == "check" and not list(regions(cell.source)):
        return _check_source(lesson, track, cell), metadata
    heading = f"# Exercise {cell.name} ({_points(lesson, track, cell)})\n" if cell.kind == "exercise" else ""
    return heading + _marked(lesson, track, cell), metadata


def _points(lesson: Lesson, track: str, exercise: Cell) -> str:
    check = next(c for c in lesson.track(track) if c.kind == "check" and c.name == exercise.name)
    points = check.metadata["points"]
    return f"{points:g} point{'s' * (points != 1)}"


def _cell_ids(cells: list[tuple[Cell, str]]) -> Iterator[str]:
    """Give each cell an id that stays when other cells come and go: its name, or a digest of its text."""
    seen: dict[str, int] = {}
    for cell, source in cells:
        base = (cell.grade_id or hashlib.sha256(source.encode()).hexdigest()[:12]).replace("_", "-")
        seen[base] = seen.get(base, 0) + 1
        yield base if seen[base] == 1 else f"{base}-{seen[base]}"


def render_source(lesson: Lesson, track: str, course: list[Stop] | None = None) -> nbformat.NotebookNode:
    """Make nbgrader's source notebook of one track: with solutions and hidden cases, without outputs.

    Parameters
    ----------
    lesson : Lesson
    track : {"pytorch", "keras"}
    course : list of Stop, optional
        All lessons. With them the notebook gets its map, and a line that leads to its neighbors at top and end.

    Returns
    -------
    NotebookNode
    """
    cells = lesson.track(track)
    rendered = [render_cell(lesson, track, cell) for cell in cells]
    ids = _cell_ids([(cell, source) for cell, (source, _) in zip(cells, rendered, strict=True)])
    notebook = new_notebook()
    notebook.metadata = {
        "kernelspec": lesson.kernelspec,
        "language_info": {"name": "python"},
        "loss_curves": {"lesson": lesson.name, "track": track},
    }
    for cell, (source, metadata), cell_id in zip(cells, rendered, ids, strict=True):
        new = new_code_cell if cell.cell_type == "code" else new_markdown_cell
        if course and "map" in cell.metadata:
            source = f"{source}\n\n{course_map(course, track)}"
        notebook.cells.append(new(source, metadata=metadata, id=cell_id))
    if course:
        line = way(course, lesson.name, track)
        notebook.cells.insert(0, new_markdown_cell(line, id="way-top"))
        notebook.cells.append(new_markdown_cell(line, id="way-end"))
    return notebook


def to_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """Write a notebook the way this course commits it: sorted keys, one final newline."""
    text = nbformat.writes(notebook, version=4, indent=1, sort_keys=True, ensure_ascii=False)
    return (text.rstrip("\n") + "\n").encode()


def render_release(sources: dict[str, dict[str, nbformat.NotebookNode]]) -> dict[str, dict[str, bytes]]:
    """Run nbgrader's generate_assignment on source notebooks, without any gradebook.

    Parameters
    ----------
    sources : dict
        ``{lesson: {track: notebook}}``.

    Returns
    -------
    dict
        ``{lesson: {track: bytes of the released notebook}}``.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    released: dict[str, dict[str, bytes]] = {}
    logger = logging.getLogger("course.build")
    logger.setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for lesson, tracks in sources.items():
            place = root / "source" / lesson
            place.mkdir(parents=True)
            for track, notebook in tracks.items():
                (place / f"{track}.ipynb").write_bytes(to_bytes(notebook))
            config = Config()
            config.CourseDirectory.root = str(root)
            config.CourseDirectory.assignment_id = lesson
            config.SaveCells.enabled = False
            config.GenerateAssignment.no_database = True
            config.GenerateAssignment.force = True
            converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
            converter.log = logger
            converter.start()
            released[lesson] = {
                track: to_bytes(nbformat.read(root / "release" / lesson / f"{track}.ipynb", as_version=4))
                for track in tracks
            }
    return released


def _stray_files(root: Path, lesson: str) -> list[Path]:
    """Find what lies beside the source notebooks: nbgrader would copy it into the release."""
    folder = root / "solutions" / lesson
    if not folder.is_dir():
        return []
    expected = {f"{track}.ipynb" for track in TRACKS}
    return sorted(p for p in folder.iterdir() if p.name not in expected and p.name != ".ipynb_checkpoints")


def _points_problems(lesson: Lesson) -> list[LessonProblem]:
    """Hold the points of the cells against those of the checks they call."""
    from course_lib.lessons import load

    problems = []
    for track in TRACKS:
        for cell in lesson.track(track):
            if cell.kind != "check":
                continue
            try:
                expected = load(lesson.name, track)[str(cell.name)].points
            except LookupError:
                reason = f"course_lib.lessons has no check {cell.name!r} for the {track} track of this lesson"
            else:
                if expected == cell.metadata["points"]:
                    continue
                reason = f"the cell gives {cell.metadata['points']} points, its check {expected} ({track})"
            problems.append(LessonProblem(f"{lesson.name}.md", cell.place, reason))
    return problems


def render(root: Path, texts: list[Path]) -> dict[Path, bytes]:
    """Build lessons in memory.

    Parameters
    ----------
    root : Path
        The course's folder.
    texts : list of Path
        The lesson texts.

    Returns
    -------
    dict
        ``{path relative to root: bytes}``, for ``solutions/``, ``lessons/`` and the lessons' rooms.

    Raises
    ------
    LessonProblems
        If any text breaks a rule; the message names all of them.
    """
    problems: list[LessonProblem] = []
    lessons: list[Lesson] = []
    for text in texts:
        try:
            lessons.append(read_lesson(text))
        except LessonProblems as error:
            problems += error.problems
            continue
        problems += _points_problems(lessons[-1])
        if reason := minutes_problem(root, lessons[-1]):
            problems.append(LessonProblem(text.name, "front matter", reason))
        for stray in _stray_files(root, text.stem):
            reason = "nbgrader would copy this file into the release; move it elsewhere"
            problems.append(LessonProblem(str(stray.relative_to(root)), "file", reason))
    if problems:
        raise LessonProblems(problems)
    course = stops(lesson_texts(root))
    sources = {lesson.name: {track: render_source(lesson, track, course) for track in TRACKS} for lesson in lessons}
    kept = {Path("course_lib") / reveals_path(lesson.name): explanations_file(lesson) for lesson in lessons}
    built = {path: content for path, content in kept.items() if content is not None}
    if START in sources:
        built[CURVES] = curves_picture().encode()
    for lesson_name, released in render_release(sources).items():
        for track in TRACKS:
            built[Path("solutions", lesson_name, f"{track}.ipynb")] = to_bytes(sources[lesson_name][track])
            built[Path("lessons", lesson_name, f"{track}.ipynb")] = released[track]
    return built
