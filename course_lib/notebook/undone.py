"""A cell that needs an exercise which is not done yet says so in a note.

Where a person runs the notebook, in JupyterLab, Notebook 7 or VS Code, the note is calm: the kernel reports no error,
so that "Run All" goes on to what can run. Programs that run notebooks (nbgrader, nbclient, nbval) get the error,
in one line: nothing that is unsolved may earn points or pass for a lesson that runs. Every other error stays as it is.
"""

from __future__ import annotations

import ast
import html
import linecache
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from course_lib.checks.rooms import load
from course_lib.notebook.host import running_cell

__all__ = ["install_notes"]

_EXERCISE_LINE = re.compile(r"#\s*Exercise:?\s+`?(\w+)")
_CHECK_CALL = re.compile(r"""check\(\s*["'](\w+)["']\s*,""")
_STUB_LINE = re.compile(r"raise NotImplementedError(\(\))?\s*(#.*)?\Z")


@dataclass
class _Undone:
    """What is known in one notebook of the exercises that are not done.

    Parameters
    ----------
    missing : dict of str to str
        A name that no cell could make yet, and the exercise for which it waits.
    done : set of str
        The exercises that were done since.
    noted : list of BaseException
        The errors of the running cell that were told in a note.
    """

    lesson: str
    track: str
    missing: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    noted: list[BaseException] = field(default_factory=list)

    def line(self, error: BaseException, tb: TracebackType, source: str) -> str | None:
        """Word the note for an error; None where the error is something else than an undone exercise."""
        if isinstance(error, NotImplementedError):
            exercise = self._stub_of(tb)
            return None if exercise is None else self._needs(exercise, source)
        name = getattr(error, "name", None) or ""
        exercise = self.missing.get(name)
        if exercise in self.done:
            return f"`{name}` is not made yet. Run the cell above again that makes it: exercise {exercise} is done now."
        if exercise is not None:
            return self._needs(exercise, source)
        return self._not_run(name, source)

    def _needs(self, exercise: str, source: str) -> str:
        for name in _assigned(source):
            self.missing[name] = exercise
        self.done.discard(exercise)
        if (own := _EXERCISE_LINE.match(source.lstrip())) and own[1] == exercise:
            return f"Exercise {exercise} is not done yet. Replace `raise NotImplementedError()` with your answer."
        return f"This cell needs exercise {exercise}, which is not done yet. Write it above, then run this cell again."

    def _not_run(self, name: str, source: str) -> str | None:
        """Word the note for a name that an exercise's cell defines, and that cell was not run."""
        if (call := _CHECK_CALL.search(source)) and name:
            return f"Exercise {call[1]}: `{name}` is not defined. Run the cell in which you write it, then this one."
        for exercise, answer in self._exercises():
            if answer == name:
                return f"`{name}` is not defined. Run the cell of exercise {exercise} first, then this one."
        return None

    def _exercises(self) -> Iterator[tuple[str, str]]:
        """Yield the lesson's exercises and what the answer of each is called."""
        try:
            exercises = load(self.lesson, self.track).values()
        except LookupError:  # a lesson without graded exercises
            return
        for exercise in exercises:
            yield exercise.name, exercise.answer_name

    def _stub_of(self, tb: TracebackType) -> str | None:
        """Name the exercise whose stub raised: the innermost frame's cell says it on its first line.

        What a library has not implemented is an error like any other, and so is what a learner raises with a message.
        """
        while tb.tb_next is not None:
            tb = tb.tb_next
        code = tb.tb_frame.f_code
        lines = linecache.getlines(code.co_filename)
        raising = lines[tb.tb_lineno - 1].strip() if 0 < tb.tb_lineno <= len(lines) else ""
        if not _STUB_LINE.match(raising):
            return None
        first = next((text for text in lines if text.strip()), "")
        if match := _EXERCISE_LINE.match(first.lstrip()):
            return match[1]
        outer = code.co_qualname.split(".")[0]
        return next((exercise for exercise, answer in self._exercises() if answer == outer), None)


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


def _source(shell: Any) -> str:
    return str(shell.user_ns.get("In", [""])[-1])


def install_notes(shell: Any, lesson: str, track: str) -> None:
    """Show an undone exercise, and what follows from it, as a note; leave the score under a check's words out.

    Parameters
    ----------
    shell : InteractiveShell
    lesson, track : str
    """
    undone = _Undone(lesson, track)

    def show(shell: Any, kind: type, error: BaseException, tb: TracebackType, tb_offset: int | None = None) -> None:
        line = undone.line(error, tb, _source(shell))
        if line is not None and running_cell():
            _show_note(line)
            undone.noted.append(error)
            return
        if line is not None:
            error._render_traceback_ = lambda: [line]  # type: ignore[attr-defined]
        shell.showtraceback((kind, error, tb), tb_offset=tb_offset)

    def calm(result: Any) -> None:
        """Report a cell as run that ended in nothing but a note; Jupyter's "Run All" stops at a reported error."""
        source = _source(shell)
        if result is not None and any(result.error_in_exec is error for error in undone.noted):
            result.error_in_exec = None
        elif result is not None and result.success and (own := _EXERCISE_LINE.match(source.lstrip())):
            undone.done |= set() if _stubs(source) else {own[1]}
        undone.noted.clear()

    shell.set_custom_exc((NotImplementedError, NameError), show)
    for before in [f for f in shell.events.callbacks["post_run_cell"] if f.__qualname__ == calm.__qualname__]:
        shell.events.unregister("post_run_cell", before)  # the first cell was run again
    shell.events.register("post_run_cell", calm)
    _keep_scores_quiet(shell)


def _stubs(source: str) -> bool:
    return any(_STUB_LINE.match(line.strip()) for line in source.splitlines())


def _show_note(line: str) -> None:
    from IPython.display import publish_display_data

    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(line))
    style = "border-left:4px solid;padding:2px 0 2px 10px"
    publish_display_data({"text/plain": line, "text/html": f'<p role="note" style="{style}">{words}</p>'})


def _keep_scores_quiet(shell: Any) -> None:
    """Leave the number at the end of a check's cell out where a person reads the words above it.

    Programs that grade notebooks go by that number, so they get it.
    """

    def show(value: float) -> None:
        lines = _source(shell).strip().splitlines()
        if running_cell() and len(lines) > 1 and lines[-1] == "score" and "check(" in lines[0]:
            return
        raise NotImplementedError  # IPython then shows the number as it does any other

    shell.display_formatter.ipython_display_formatter.for_type(float, show)
