"""From a lesson's text to notebooks, in memory: nbgrader's source and what learners open."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.instructor.text.course_map import CURVES, START, WAY_CELLS, Stop, course_map, curves_picture, stops, way
from course_lib.instructor.text.lesson_cells import Cell
from course_lib.instructor.text.lesson_text import Lesson, LessonProblem, LessonProblems, read_lesson
from course_lib.instructor.text.minutes import minutes_problem
from course_lib.instructor.text.render_cell import render_cell
from course_lib.instructor.text.reveal_text import explanations_file
from course_lib.notebook.explanations import reveals_path
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["course_root", "lesson_texts", "render", "render_release", "render_source", "to_bytes"]


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
        top, end = WAY_CELLS
        notebook.cells.insert(0, new_markdown_cell(line, id=top))
        notebook.cells.append(new_markdown_cell(line, id=end))
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
