"""Calling a learner's code so that nothing it does ends the check or costs points by accident.

Standard output and standard error are caught (also what native libraries write), warnings and logging
are silenced, every exception is caught, global settings and random states are put back.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import logging
import os
import random
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Outcome", "TooMuchOutput", "call", "silence"]

_MOST_OUTPUT = 1_000_000
_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
#: Cases that were sent to a grading kernel keep the names of the files that they were written in.
_SENT = tuple(os.path.join("course_lib", *parts) + os.sep for parts in (("lessons",), ("instructor", "hidden")))
_STANDARD = os.path.dirname(os.path.abspath(os.__file__)) + os.sep


class TooMuchOutput(BaseException):
    """The answer printed more than a million characters."""


class _Sink(io.TextIOBase):
    """Keeps the beginning of what is written and refuses an endless stream."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        text = str(text)
        if self.written < 2_000:
            self.kept.append(text[:2_000])
        self.written += len(text)
        if self.written > _MOST_OUTPUT:
            raise TooMuchOutput
        return len(text)


@dataclass(frozen=True)
class Outcome:
    """What came of a call: a value or an error, and what was printed."""

    value: Any
    error: dict[str, Any] | None
    printed: str


@contextlib.contextmanager
def _native_output_hidden() -> Iterator[None]:
    """Send what native code writes to file descriptors 1 and 2 nowhere."""
    saved: list[tuple[int, int]] = []
    try:
        sink = os.open(os.devnull, os.O_WRONLY)
    except OSError:
        yield
        return
    try:
        for descriptor in (1, 2):
            with contextlib.suppress(OSError):
                saved.append((descriptor, os.dup(descriptor)))
                os.dup2(sink, descriptor)
        yield
    finally:
        for descriptor, copy in saved:
            with contextlib.suppress(OSError):
                os.dup2(copy, descriptor)
                os.close(copy)
        os.close(sink)


@contextlib.contextmanager
def _settings_kept() -> Iterator[None]:
    """Put back what a learner's code may leave changed for the next case."""
    states = random.getstate(), np.random.get_state(), np.geterr()  # noqa: NPY002
    limit, stdout, stderr, disabled = sys.getrecursionlimit(), sys.stdout, sys.stderr, logging.root.manager.disable
    trace, profile, folder = sys.gettrace(), sys.getprofile(), os.getcwd()
    torch = sys.modules.get("torch")
    if torch is not None:
        grad, dtype, draws = torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_rng_state()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logging.disable(logging.CRITICAL)
            yield
    finally:
        logging.disable(disabled)
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        np.seterr(**states[2])
        sys.stdout, sys.stderr = stdout, stderr
        sys.setrecursionlimit(limit)
        with contextlib.suppress(TypeError):  # a C profiler hands out no function to put back
            sys.settrace(trace)
            sys.setprofile(profile)
        if os.path.isdir(folder):
            os.chdir(folder)
        if torch is not None:
            torch.set_grad_enabled(grad)
            torch.set_default_dtype(dtype)
            torch.set_rng_state(draws)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Let nothing that is done inside be read on a standard stream, as a warning or as a log line.

    nbgrader gives no points to a cell that writes to standard error, so that judging must not either: a
    faulty variant that a diagnosis tries on an answer's inputs may well divide by zero.

    Examples
    --------
    >>> with silence():
    ...     print("nobody reads this")
    """
    nowhere = io.StringIO()
    with (
        _settings_kept(),
        _native_output_hidden(),
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


def _error(error: BaseException) -> dict[str, Any]:
    """Describe an exception as plain data, with the learner's own line where it happened."""
    line = ""
    with contextlib.suppress(Exception):
        frames = traceback.extract_tb(error.__traceback__)
        for frame in reversed(frames):
            inside = frame.filename.startswith((_OWN, _STANDARD)) or "site-packages" in frame.filename
            inside = inside or any(place in frame.filename for place in _SENT)
            if not inside and not frame.filename.startswith("<frozen"):
                line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
                break
    try:
        message = " ".join(str(error).split())[:300]
    except BaseException:
        message = ""
    return {"type": type(error).__name__[:80], "message": message, "line": line[:200]}


def call(work: Callable[[], Any]) -> Outcome:
    """Run ``work`` and return what came of it, whatever it does.

    Parameters
    ----------
    work : callable without arguments
        The call of the learner's code, with reading its result.

    Returns
    -------
    Outcome
        ``error`` is ``None``, or a dictionary with the exception's type, message and the learner's line.

    Examples
    --------
    >>> call(lambda: 1 / 0).error["type"]
    'ZeroDivisionError'
    """
    sink = _Sink()
    value, error = None, None
    with _settings_kept(), _native_output_hidden(), contextlib.redirect_stdout(sink), contextlib.redirect_stderr(sink):
        try:
            value = work()
        except BaseException as problem:
            error = _error(problem)
    return Outcome(value, error, "".join(sink.kept)[:2_000])
