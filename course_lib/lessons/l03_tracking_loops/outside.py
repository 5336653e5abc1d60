"""Lesson 03: what an answer takes from outside itself, noted for the hints: names, helpers, messages."""

from __future__ import annotations

import contextlib
import re
import sysconfig
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from course_lib.checks.case import Evidence
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake

__all__ = ["from_outside", "names_from_outside", "noting_the_outside", "unwritten_helper"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_STANDARD = sysconfig.get_paths()["stdlib"].replace("\\", "/") + "/"
_BORING = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)


def _codes(answer: Any) -> Iterator[tuple[types.CodeType, dict[str, Any]]]:
    """Yield the code of a function, or of a class's methods, with what is nested in it, and its globals."""
    functions = vars(answer).values() if isinstance(answer, type) else [answer]
    for function in functions:
        if not isinstance(function, types.FunctionType):
            continue
        waiting = [function.__code__]
        while waiting:
            code = waiting.pop()
            waiting += [part for part in code.co_consts if isinstance(part, types.CodeType)]
            yield code, function.__globals__


def names_from_outside(answer: Any) -> list[str]:
    """Return which of the notebook's objects a function or class reads by name, in alphabetic order.

    Modules, functions and classes do not count: to call those is how code is written.

    Examples
    --------
    >>> rows = [1, 2]
    >>> names_from_outside(lambda values: sum(values) / len(rows)) in (["rows"], [])
    True
    """
    found = set()
    for code, outside in _codes(answer):
        names = {name for name in code.co_names if name in outside and not name.startswith("__")}
        found |= {name for name in names if not isinstance(outside[name], _BORING)}
    return sorted(found)


def _is_library(path: str) -> bool:
    path = path.replace("\\", "/")
    return "/course_lib/" in path or "site-packages" in path or path.startswith(("<frozen", _STANDARD))


def _own_frames(error: BaseException) -> list[str]:
    """Return the names of the learner's functions in which an error was on its way, the outermost first.

    None, if it was not raised in one of them but in a library's function.
    """
    names, frame, library = [], error.__traceback__, False
    while frame is not None:
        code = frame.tb_frame.f_code
        library = _is_library(code.co_filename)
        if not library and not code.co_name.startswith("<"):
            names.append(code.co_name)
        frame = frame.tb_next
    return [] if library else names


@contextlib.contextmanager
def noting_the_outside(answer: Any, record: dict[str, Any]) -> Iterator[None]:
    """Note the names an answer takes from outside, and the unwritten function it called, if it stops there.

    A stub that the answer calls must not pass for the answer's own stub. Control codes of a terminal are
    taken out of error messages.
    """
    with contextlib.suppress(Exception):
        record["outside"] = names_from_outside(answer)
    try:
        yield
    except NotImplementedError as error:
        frames = _own_frames(error)
        if len(frames) < 2 or frames[-1] == frames[0]:
            raise
        record["unwritten"] = frames[-1]
        raise RuntimeError(f"{frames[-1]} is not written yet") from error
    except Exception as error:
        text = str(error)
        if "\x1b" not in text:
            raise
        clean = _COLOURS.sub("", text).split("Arguments received by")[0]
        raise RuntimeError(
            re.sub(r"\{\{.*?\}\}|Exception encountered when calling \w+\.call\(\)\.", "", clean)
        ) from error


def unwritten_helper() -> Diagnosis:
    """Return the diagnosis of an answer that calls a function which is still a stub."""
    return mistake(
        "unwritten_helper",
        says=lambda e: (
            f"`{e['unwritten']}`, which your function calls, is not written yet: it stopped with NotImplementedError. "
            f"Write {e['unwritten']} first, run its cell, then run this check again."
        ),
        probe=lambda e: bool(e.seen.get("unwritten")),
    )


def _say(e: Evidence) -> str:
    names = [f"`{name}`" for name in e["outside"]]
    listed, what = ", ".join(names), "is no argument" if len(names) == 1 else "are no arguments"
    if e["outside"] == ["epoch"]:
        return "`epoch` is no argument of the method that reads it, so it is an old one of the notebook."
    return (
        f"{listed} {what} of your function: it reads what the notebook holds under that name, which is not what it "
        "was called with. A function must work with what it is given."
    )


def from_outside(diagnoses: Sequence[Diagnosis], probe: Callable[[Evidence], bool] = lambda e: True) -> Diagnosis:
    """Return a diagnosis that speaks if an answer reads the notebook's objects and none of ``diagnoses`` fits."""
    return mistake(
        "names_from_outside",
        says=_say,
        probe=lambda e: bool(e.seen.get("outside")) and probe(e) and not any(d.fits(e) for d in diagnoses),
    )
