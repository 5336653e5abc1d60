"""The pages' sources: a folder of MyST files, pictures and downloads, from which Sphinx makes the site."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from course_lib.instructor.site import explorers
from course_lib.instructor.site.explorer_block import RECORDINGS
from course_lib.instructor.site.guides import (
    PLAYING,
    guide,
    invitation,
    map_of,
    page_names,
    playground_page,
    start_page,
)
from course_lib.instructor.site.lesson_page import LessonPage
from course_lib.instructor.site.markup import PICTURES, Places
from course_lib.instructor.site.outputs import CACHE, execute_missing, kept
from course_lib.instructor.site.playground import playground_files, states
from course_lib.instructor.site.shown import FIGURES, Shower
from course_lib.instructor.text.bundle import pack
from course_lib.instructor.text.course_map import CURVES, START, stops
from course_lib.instructor.text.lesson_text import Lesson, read_lesson
from course_lib.instructor.text.render import lesson_texts, render_source
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["Sources", "write_sources"]

DOWNLOADS = "_downloads"


@dataclass
class Sources:
    """What was written: the folder of Sphinx's sources, that of files to be copied, and how much was executed."""

    pages: Path
    files: Path
    executed: int = 0
    lessons: list[str] = field(default_factory=list)


def _quiet(text: str) -> None:
    """Tell nobody."""


def write_sources(
    root: Path,
    names: list[str] | None,
    folder: Path,
    *,
    repository: str = "",
    progress: Callable[[str], None] = _quiet,
    plan: Callable[[int], None] = lambda steps: None,
) -> Sources:
    """Write everything that Sphinx needs, after executing what has not been executed before.

    Parameters
    ----------
    root : Path
        The course's folder.
    names : list of str, optional
        The lessons that get a page; all by default.
    folder : Path
        An empty folder.
    repository : str
        The address of the course's files on the web.
    progress : callable
        Told what has been done.
    plan : callable
        Told how many steps there will be.

    Raises
    ------
    CourseError
        If a lesson's notebooks differ from its text, a recording from its explorer, or a cell fails.
    """
    lessons = [read_lesson(text) for text in lesson_texts(root, names)]
    notebooks = {lesson.name: {track: render_source(lesson, track) for track in TRACKS} for lesson in lessons}
    missing = [n for tracks in notebooks.values() for n in tracks.values() if kept(root, n) is None]
    plan(len(missing) + len(lessons) + 2)
    execute_missing(root, missing, progress=progress)
    recordings = {
        lesson.name: {one: explorers.read_recording(one) for one in explorers.names(lesson.name)} for lesson in lessons
    }
    progress("explorers")
    sources = Sources(folder / "pages", folder / "files", len(missing), [lesson.name for lesson in lessons])
    sources.pages.mkdir(parents=True)
    places = Places(page_names(root, sources.lessons), repository)
    shower = Shower(root, root / CACHE / "figures", places)
    course = stops(lesson_texts(root))
    for lesson in lessons:
        page = _lesson_page(root, lesson, notebooks[lesson.name], shower, places)
        page.recordings = recordings[lesson.name]
        if lesson.name[:2] in states():
            page.invitation = invitation(states()[lesson.name[:2]])
        if lesson.name == START:
            page.map = map_of(course, places, here=True)
        (sources.pages / f"{lesson.name}.md").write_text(page.text(), encoding="utf-8")
        progress(f"{lesson.name}, page")
    own = {"index": start_page(course, places), PLAYING: playground_page(course, places, states())}
    _write_guides(root, sources, places, own)
    _write_files(root, sources, shower)
    explorers.write([one for found in recordings.values() for one in found.values()], sources.files / RECORDINGS)
    progress("guides and downloads")
    return sources


def _lesson_page(
    root: Path, lesson: Lesson, notebooks: dict[str, nbformat.NotebookNode], shower: Shower, places: Places
) -> LessonPage:
    released: dict[tuple[str, int], str] = {}
    ids: dict[tuple[str, int], str] = {}
    outputs = {}
    for track, notebook in notebooks.items():
        path = root / "lessons" / lesson.name / f"{track}.ipynb"
        given = {cell.id: cell.source for cell in nbformat.read(path, as_version=4).cells}
        for cell, rendered in zip(lesson.track(track), notebook.cells, strict=True):
            if rendered.id not in given:
                raise CourseError(f"{path.relative_to(root)} differs from its text; run `course build` first")
            released[track, cell.number], ids[track, cell.number] = given[rendered.id], rendered.id
        outputs[track] = kept(root, notebook) or {}
    return LessonPage(lesson, released, ids, outputs, shower, places)


def _write_guides(root: Path, sources: Sources, places: Places, own: dict[str, str]) -> None:
    """Write the texts of the course, the pages that the site has of its own, and the pictures of both."""
    pictures = {CURVES}
    for text, name in places.pages.items():
        if text.endswith(".md") and name not in own:
            source = (root / text).read_text(encoding="utf-8")
            pictures |= set(places.images(source, str(Path(text).parent)))
            (sources.pages / f"{name}.md").write_text(guide(root, text, places), encoding="utf-8")
    for name, page in own.items():
        (sources.pages / f"{name}.md").write_text(page, encoding="utf-8")
    target = sources.pages / PICTURES
    target.mkdir()
    for picture in sorted(pictures):
        shutil.copyfile(root / picture, target / picture.name)


def _write_files(root: Path, sources: Sources, shower: Shower) -> None:
    """Write what is copied as it is: pictures of outputs, notebooks, and the learner's zip."""
    for folder, contents in (
        (FIGURES, shower.pictures),
        (
            DOWNLOADS,
            {
                f"{lesson}-{track}.ipynb": (root / "lessons" / lesson / f"{track}.ipynb").read_bytes()
                for lesson in sources.lessons
                for track in TRACKS
            },
        ),
    ):
        (sources.files / folder).mkdir(parents=True)
        for name, content in contents.items():
            (sources.files / folder / name).write_bytes(content)
    for place, path in playground_files().items():
        target = sources.files / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    texts = [text.stem for text in lesson_texts(root)]
    pack(root, sources.files / DOWNLOADS / "loss-curves-course.zip", texts)
