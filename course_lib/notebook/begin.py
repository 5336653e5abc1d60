"""What each lesson's first cell sets up: quiet frameworks, the page's style, notes in place of long tracebacks."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from course_lib.notebook.explanations import use_lesson
from course_lib.notebook.page_style import show_page_style
from course_lib.notebook.quiet import quiet_import
from course_lib.notebook.quizzes import open_quizzes
from course_lib.notebook.undone import install_notes
from course_lib.tracks import FRAMEWORKS, TRACKS, installed_tracks

__all__ = ["TrackMissing", "begin_lesson"]


def begin_lesson(lesson: str, track: str) -> None:
    """Set up the notebook of one lesson.

    Parameters
    ----------
    lesson : str
        Such as ``03_tracking_loops``.
    track : {"pytorch", "keras"}
        For ``keras``, TensorFlow is imported here, without its notices; PyTorch is left to the lesson.

    Raises
    ------
    ValueError
        If `track` is neither of the two.
    TrackMissing
        If the track's framework is not installed, with what to do about it.

    Examples
    --------
    >>> begin_lesson("03_tracking_loops", "pytorch")
    """
    if track not in TRACKS:
        raise ValueError(f"track is 'pytorch' or 'keras', not {track!r}")
    _hold_installed(track)
    # The models of this course are small: a second thread costs more in waiting than it gives, most of
    # all on a machine that does other things too.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if track == "keras":
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        quiet_import("tensorflow")
        # A lesson fits many small models on purpose; TensorFlow would warn that it traces each anew.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
    use_lesson(lesson, track)
    shell = _shell()
    if shell is not None:
        install_notes(shell, lesson, track)
        open_quizzes()
    show_page_style()


class TrackMissing(ImportError):
    """The track's framework is not installed. A notebook shows the message and no traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def _hold_installed(track: str) -> None:
    if track in installed_tracks():
        return
    missing, again = " or ".join(FRAMEWORKS[track]), f"{sys.executable} -m pip install -e '.[{track}]'"
    said = f"This notebook is of the {track} track, and {missing} is not installed. In the course's folder, run "
    said += f"`make lab TRACK={track}`, or: {again}."
    raise TrackMissing(" ".join([said, *(f"Lessons of the {other} track run here." for other in installed_tracks())]))


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    return get_ipython()  # type: ignore[no-untyped-call]
