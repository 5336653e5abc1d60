"""What one notebook may use while it is graded: generous for torch and TensorFlow, and finite."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import Any

from course_lib.trouble import CourseError

__all__ = ["Limits", "add_limit_options", "limits_of"]


@dataclass(frozen=True)
class Limits:
    """Limits for one notebook's kernel and all its processes.

    Parameters
    ----------
    memory_mb : int
        Memory of the kernel and its processes together.
    processes : int
        Processes and threads at once.
    file_mb : int
        The largest file that can be written.
    scratch_mb : int
        What the working folder and the temporary folder hold, each; they lie in memory.
    shared_memory_mb : int
        What /dev/shm holds, for data loaders.
    cell_seconds : int
        Time for one cell.
    notebook_seconds : int
        Time for all cells together.
    output_mb : float
        Output kept for one cell; what is beyond is dropped, and twenty times as much ends the cell.
    submission_mb : int
        The largest file that is read as a notebook.
    judge_seconds : float
        Processor time for judging one check.
    judge_mb : int
        Memory for judging one check, beyond what the judge itself holds.
    """

    memory_mb: int = 4096
    processes: int = 512
    file_mb: int = 256
    scratch_mb: int = 512
    shared_memory_mb: int = 512
    cell_seconds: int = 120
    notebook_seconds: int = 900
    output_mb: float = 1.0
    submission_mb: int = 200
    judge_seconds: float = 30
    judge_mb: int = 1024

    @property
    def stalled_seconds(self) -> int:
        """After how long a worker that finishes nothing at all is ended: no notebook can take this long."""
        return self.notebook_seconds + 2 * self.cell_seconds + 600


#: The sections of nbgrader_config.py that set a cell's time, as nbgrader's own `Execute` reads them.
_SECTIONS = ("Execute", "ExecutePreprocessor", "NotebookClient")
#: The options of a command: the name, the least value and what it is.
_OPTIONS = {
    "cell_seconds": (
        "--cell-seconds",
        1,
        "time for one cell; else c.ExecutePreprocessor.timeout of nbgrader_config.py",
    ),
    "notebook_seconds": (
        "--notebook-seconds",
        1,
        f"time for all cells of a notebook; default: {Limits.notebook_seconds}",
    ),
    "memory_mb": ("--memory-mb", 256, f"memory of a notebook's kernel, in MB; default: {Limits.memory_mb}"),
}


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if value < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, got {text!r}")
        return value

    return number


def add_limit_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that set limits: they win over the course's configuration."""
    for name, (option, least, text) in _OPTIONS.items():
        parser.add_argument(option, dest=name, type=_at_least(least), metavar="N", help=text)


def limits_of(config: Any, args: argparse.Namespace | None = None) -> Limits:
    """Return the limits that a course's configuration and a command's options set.

    Parameters
    ----------
    config : traitlets.config.Config
        The course's nbgrader_config.py. ``c.ExecutePreprocessor.timeout``, or what else nbgrader reads it from, is
        the time for one cell; where it is ``None`` or -1, which mean no limit, a cell may take all of the notebook's.
    args : argparse.Namespace, optional
        With the options of `add_limit_options`.

    Raises
    ------
    CourseError
        If the configuration's time is no number of seconds.
    """
    given = {name: value for name in _OPTIONS if (value := getattr(args, name, None)) is not None}
    limits = replace(Limits(), **given)
    if "cell_seconds" in given or not any("timeout" in config.get(section, {}) for section in _SECTIONS):
        return limits
    seconds = _configured_seconds(config)
    return replace(limits, cell_seconds=limits.notebook_seconds if seconds is None else seconds)


def _configured_seconds(config: Any) -> int | None:
    """Return the time for one cell as nbgrader itself would read it; None for no limit."""
    from nbgrader.preprocessors import Execute
    from traitlets import TraitError

    try:
        seconds = Execute(config=config).timeout
    except TraitError as error:
        raise CourseError(f"nbgrader_config.py: the timeout of a cell is no number of seconds ({error})") from None
    if seconds is None or seconds == -1:
        return None
    if seconds < 1:
        raise CourseError(f"nbgrader_config.py: expected a timeout of at least 1 second for a cell, got {seconds}")
    return int(seconds)
