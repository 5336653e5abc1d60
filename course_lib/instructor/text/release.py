"""Release one lesson as an nbgrader assignment, of both tracks or of one.

An assignment of one track has only that notebook, so that nbgrader's own totals are those of the
track. The gradebook (grading/gradebook.db) then knows the assignment, and the notebooks for learners
lie in grading/release/LESSON, ready to be handed out; lessons/ keeps both tracks as they are.

Examples
--------
  course release 03_tracking_loops
  course release 03 --track keras
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
from pathlib import Path

from traitlets.config import Config

from course_lib.instructor.places import RELEASE
from course_lib.instructor.text.course_map import WAY_CELLS
from course_lib.instructor.text.render import course_root, lesson_texts, render
from course_lib.tracks import TRACKS
from course_lib.trouble import CourseError

__all__ = ["add_arguments", "load_config", "main", "release"]


def load_config(root: Path) -> Config:
    """Read the course's ``nbgrader_config.py``.

    Parameters
    ----------
    root : Path
        The course's folder.

    Returns
    -------
    traitlets.config.Config
        With ``CourseDirectory.root`` set to `root`.
    """
    from traitlets.config.loader import PyFileConfigLoader

    # nbgrader starts alembic by its name, which is found only with this environment's folder on the path.
    tools = str(Path(sys.executable).parent)
    if tools not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", "")])
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    config.CourseDirectory.root = str(root)
    database = config.CourseDirectory.db_url
    if isinstance(database, str) and database.startswith("sqlite:///") and not database.startswith("sqlite:////"):
        config.CourseDirectory.db_url = f"sqlite:///{root / database.removeprefix('sqlite:///')}"
    return config


def release(root: Path, lesson: str, track: str = "both") -> Path:
    """Make `lesson` an assignment with the notebooks of `track`, in the gradebook and on disk.

    Parameters
    ----------
    root : Path
        The course's folder.
    lesson : str
        Such as ``03_tracking_loops``.
    track : {"pytorch", "keras", "both"}

    Returns
    -------
    Path
        The folder that holds the released notebooks.

    Raises
    ------
    CourseError
        If the built notebooks differ from the text, or the gradebook holds submissions for another
        choice of tracks.
    """
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    # A course that uses an installed package has no course_lib of its own; what is in there was built with the package.
    built = render(root, lesson_texts(root, [lesson])).items()
    stale = [p for p, b in built if (root / p.parts[0]).is_dir() and _differs(root / p, b)]
    if stale:
        raise CourseError(f"{stale[0]} differs from its text; run `course build` first")
    config = load_config(root)
    config.CourseDirectory.assignment_id = lesson
    config.CourseDirectory.release_directory = RELEASE
    if track != "both":
        config.CourseDirectory.notebook_id = track
        _narrow(root, config, lesson, track)
    config.GenerateAssignment.force = True
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), config=config)
    converter.log = logging.getLogger("course.release")
    converter.log.setLevel(logging.CRITICAL)
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise _refused(lesson, track, error or "see its log") from None
    return root / RELEASE / lesson


def _refused(lesson: str, track: str, why: object) -> CourseError:
    return CourseError(
        f"nbgrader refused to release {lesson} with track {track}: {why}. "
        "An assignment that has submissions keeps its tracks; "
        "remove it with `nbgrader db assignment remove` to start anew."
    )


def _narrow(root: Path, config: Config, lesson: str, track: str) -> None:
    """Take the other track out of an earlier release, of which nothing has been handed in.

    Asked for one notebook, nbgrader leaves all others as they are, in the gradebook and in the folder.
    """
    from nbgrader.api import MissingEntry

    from course_lib.instructor.grading.gradebook import has_gradebook, open_gradebook

    submitted = root / config.CourseDirectory.submitted_directory
    handed_in = any(submitted.glob(f"*/{lesson}"))  # graded or not: the gradebook hears of it only then
    if has_gradebook(config):
        with open_gradebook(config) as gradebook, contextlib.suppress(MissingEntry):
            assignment = gradebook.find_assignment(lesson)
            others = sorted({notebook.name for notebook in assignment.notebooks} - {track})
            if others and (handed_in or assignment.submissions):
                raise _refused(lesson, track, f"it was released with {' and '.join(others)}, and has submissions")
            for name in others:
                gradebook.remove_notebook(name, lesson)
    for name in set(TRACKS) - {track}:
        (root / RELEASE / lesson / f"{name}.ipynb").unlink(missing_ok=True)


def _differs(path: Path, content: bytes) -> bool:
    """Whether a built file is not what its text gives. Links to other lessons do not count: those may be absent."""
    if not path.is_file():
        return True
    found = path.read_bytes()
    if found == content or path.suffix != ".ipynb":
        return found != content
    return _without_way(found) != _without_way(content)


def _without_way(notebook: bytes) -> object:
    try:
        read = json.loads(notebook)
        read["cells"] = [cell for cell in read["cells"] if cell.get("id") not in WAY_CELLS]
    except (ValueError, TypeError, KeyError, AttributeError):
        return notebook
    return read


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``course release``."""
    parser.add_argument("lesson", metavar="LESSON", help="such as 03 or 03_tracking_loops")
    parser.add_argument("--track", choices=(*TRACKS, "both"), default="both", help="default: both")


def main(args: argparse.Namespace) -> int:
    """Run ``course release``."""
    root = course_root()
    lesson = lesson_texts(root, [args.lesson])[0].stem
    folder = release(root, lesson, args.track)
    tracks = TRACKS if args.track == "both" else (args.track,)
    print(f"released {lesson} ({', '.join(tracks)}); hand out {folder.relative_to(root)}")
    return 0
