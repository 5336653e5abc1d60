"""Lesson 03: how answers are watched: on a spied model, and what they take from the notebook around them."""

from __future__ import annotations

import contextlib
import re
import sysconfig
import traceback
import types
from collections.abc import Iterator, Sequence
from typing import Any

from course_lib.checks.case import Evidence
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.reading import Reading

__all__ = ["named_with_outside", "names_from_outside", "noting_the_outside", "noting_what_is_left", "remembers"]

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: What Keras adds to an error's message about how it came there.
_WRAPPED = re.compile(r"\{\{.*?\}\}|Exception encountered when calling \w+\.call\(\)\.")
_STANDARD = sysconfig.get_paths()["stdlib"].replace("\\", "/") + "/"
_BORING = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, type)


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from _codes(part)


def names_from_outside(answer: Any) -> list[str]:
    """Return which of the notebook's objects a function or class reads by name, in alphabetic order.

    Modules, functions and classes do not count: to call those is how code is written.

    Examples
    --------
    >>> rows = [1, 2]
    >>> names_from_outside(lambda values: sum(values) / len(rows)) in (["rows"], [])
    True
    """
    found: set[str] = set()
    for function in vars(answer).values() if isinstance(answer, type) else [answer]:
        if isinstance(function, types.FunctionType):
            outside = {name: v for name, v in function.__globals__.items() if not name.startswith("__")}
            read = {name for code in _codes(function.__code__) for name in code.co_names if name in outside}
            found |= {name for name in read if not isinstance(outside[name], _BORING)}
    return sorted(found)


def _is_library(path: str) -> bool:
    path = path.replace("\\", "/")
    return "/course_lib/" in path or "site-packages" in path or path.startswith(("<frozen", _STANDARD))


def _own_frames(error: BaseException) -> list[str]:
    """Return the names of the learner's functions in which an error was on its way, the outermost first.

    None, if it was not raised in one of them but in a library's function.
    """
    codes = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    if _is_library(codes[-1].co_filename):
        return []
    own = [code.co_name for code in codes if not _is_library(code.co_filename)]
    return [name for name in own if not name.startswith("<")]


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
        raise RuntimeError(_WRAPPED.sub("", clean)) from error


@contextlib.contextmanager
def noting_what_is_left(answer: Any, record: dict[str, Any], model: Any) -> Iterator[None]:
    """Note whether a PyTorch answer switches gradients off, for the notebook or for a parameter; see to the notebook.

    What it takes from outside is noted as well.
    """
    import torch

    was_on, arrived = torch.is_grad_enabled(), [p.requires_grad for p in model.parameters()]
    try:
        with noting_the_outside(answer, record):
            yield
    finally:
        record["gradients_left_off"] = was_on and not torch.is_grad_enabled()
        record["flags_changed"] = [p.requires_grad for p in model.parameters()] != arrived
        torch.set_grad_enabled(was_on)


def remembers(seen: Reading) -> bool:
    """Whether the same arguments gave another result before."""
    earlier = seen.noted("earlier_result")
    return seen.e.compares == "result" and earlier is not None and earlier != seen.e.result


def _no_arguments(e: Evidence) -> str:
    names = ", ".join(f"`{name}`" for name in e["outside"])
    return f"{names} {'is no argument' if len(e['outside']) == 1 else 'are no arguments'}"


def named_with_outside(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the mistakes, before them that an answer calls a stub, after them that it reads the notebook's objects.

    The last one speaks only where no other fits.
    """

    def reads(e: Evidence, epoch: bool) -> bool:
        outside = e.seen.get("outside")
        return bool(outside) and (outside == ["epoch"]) == epoch and not any(one.fits(e) for one in diagnoses)

    return (
        mistake(
            "unwritten_helper",
            probe=lambda e: bool(e.seen.get("unwritten")),
            fields={"helper": lambda e: e["unwritten"]},
        ),
        *diagnoses,
        mistake("names_from_outside/epoch", probe=lambda e: reads(e, True)),
        mistake("names_from_outside", probe=lambda e: reads(e, False), fields={"names": _no_arguments}),
    )
