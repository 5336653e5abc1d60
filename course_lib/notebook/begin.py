"""What each lesson's first cell sets up: quiet frameworks, the page's style, and one-line messages.

A cell that needs an exercise which is not done yet says so in one line. It is still an error, so that
"Run All" stops there and nothing that is unsolved earns points; only the long traceback is left out.
"""

from __future__ import annotations

import ast
import linecache
import logging
import os
import re
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from course_lib.notebook.explanations import use_lesson
from course_lib.notebook.page_style import show_page_style
from course_lib.notebook.quiet import quiet_import
from course_lib.tracks import TRACKS

__all__ = ["begin_lesson"]

_EXERCISE_LINE = re.compile(r"#\s*Exercise:?\s+`?(\w+)")
_CHECK_CALL = re.compile(r"""check\(\s*["'](\w+)["']\s*,""")


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

    Examples
    --------
    >>> begin_lesson("03_tracking_loops", "pytorch")
    """
    if track not in TRACKS:
        raise ValueError(f"track is 'pytorch' or 'keras', not {track!r}")
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
        _install_messages(shell, lesson, track)
    show_page_style()


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        return None
    return get_ipython()  # type: ignore[no-untyped-call]


def _install_messages(shell: Any, lesson: str, track: str) -> None:
    """Show an unsolved exercise, and what follows from it, as one line."""
    missing: dict[str, str] = {}  # a name that no cell could make yet -> the exercise it waits for

    def show(shell: Any, kind: type, error: BaseException, tb: TracebackType, tb_offset: int | None = None) -> None:
        source = str(shell.user_ns.get("In", [""])[-1])
        line = _unsolved_line(kind, error, tb, source, missing) or _not_run_line(error, lesson, track)
        if line is not None:
            error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, tb), tb_offset=tb_offset)

    shell.set_custom_exc((NotImplementedError, NameError), show)


def _unsolved_line(
    kind: type, error: BaseException, tb: TracebackType, source: str, missing: dict[str, str]
) -> str | None:
    """Word the one line, or None where the error is something else."""
    exercise: str | None = None
    if issubclass(kind, NotImplementedError):
        exercise = _stub_of(tb)
        if exercise is None:
            return None
    else:
        name = getattr(error, "name", None) or ""
        call = _CHECK_CALL.search(source)
        exercise = missing.get(name)
        if exercise is None and call:
            return f"Exercise {call[1]}: `{name}` is not defined. Run the cell in which you write it, then this one."
        if exercise is None:
            return None
    for name in _assigned(source):
        missing[name] = exercise
    if (own := _EXERCISE_LINE.match(source.lstrip())) and own[1] == exercise:
        return f"Exercise {exercise} is not done yet. Replace `raise NotImplementedError()` with your answer."
    return f"This cell needs exercise {exercise}, which is not done yet. Write it above, then run this cell again."


def _not_run_line(error: BaseException, lesson: str, track: str) -> str | None:
    """Word the line for a name that an exercise's cell defines, and that cell was not run."""
    name = getattr(error, "name", None)
    if not isinstance(error, NameError) or not name:
        return None
    from course_lib.lessons import load

    try:
        exercises = load(lesson, track).values()
    except LookupError:  # a lesson without graded exercises
        return None
    for exercise in exercises:
        if exercise.answer_name == name:
            return f"`{name}` is not defined. Run the cell of exercise {exercise.name} first, then this one."
    return None


def _stub_of(tb: TracebackType) -> str | None:
    """Name the exercise whose stub raised: the innermost frame's cell says it on its first line."""
    while tb.tb_next is not None:
        tb = tb.tb_next
    code = tb.tb_frame.f_code
    lines = linecache.getlines(code.co_filename)
    raising = lines[tb.tb_lineno - 1] if 0 < tb.tb_lineno <= len(lines) else ""
    if "NotImplementedError" not in raising:
        return None
    first = next((text for text in lines if text.strip()), "")
    if match := _EXERCISE_LINE.match(first.lstrip()):
        return match[1]
    outer = code.co_qualname.split(".")[0]
    return None if outer.startswith("<") else outer


def _assigned(source: str) -> Iterator[str]:
    """Name everything that a cell would have made at its top level."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
