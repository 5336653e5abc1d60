"""Tells pictures apart without drawing them: two that ask the same of an empty figure are the same.

Making a figure's artists takes matplotlib longer than all else in a recording, and many states differ in their words
alone. So a picture is first run on a figure that only notes what it is asked to do. What cannot be noted, such as a
picture that reads limits back, is drawn each time.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any

from course_lib.notebook.explorer.base import Scene, canvas

__all__ = ["sketched"]


class _CannotNote(Exception):
    """What is asked has an answer that only matplotlib knows."""


class _Notes(pickle.Pickler):
    """Everything that was asked, as bytes; a lambda by where it is written, which is enough if it holds nothing."""

    def __init__(self) -> None:
        self.file = io.BytesIO()
        super().__init__(self.file, protocol=5)
        self.count = 0

    def note(self, *what: Any) -> _Part:
        self.clear_memo()
        self.dump(what)
        self.count += 1
        return _Part(self, self.count)

    def persistent_id(self, thing: Any) -> Any:
        if isinstance(thing, _Part):
            return object.__getattribute__(thing, "_number")
        if isinstance(thing, FunctionType) and "<" in thing.__qualname__:
            if thing.__closure__ or thing.__defaults__ or thing.__kwdefaults__:
                raise _CannotNote(f"{thing.__qualname__} holds values of its own")
            return f"{thing.__module__} {thing.__qualname__} {thing.__code__.co_firstlineno}"
        return None


def _refuse(name: str) -> Callable[..., Any]:
    def refused(self: _Part, *_: Any, **__: Any) -> Any:
        raise _CannotNote(f"{name} of something that matplotlib returns")

    return refused


class _Part:
    """Stands for a figure, its Axes, and what their methods return."""

    def __init__(self, notes: _Notes, number: int):
        object.__setattr__(self, "_notes", notes)
        object.__setattr__(self, "_number", number)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            raise _CannotNote(f"the attribute {name}")
        return _noted(self, "get", name)

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _noted(self, "call", args, options)

    def __getitem__(self, place: Any) -> Any:
        return _noted(self, "item", place)

    def __setattr__(self, name: str, value: Any) -> None:
        _noted(self, "set", name, value)

    for _name in ("iter", "len", "bool", "float", "int", "index", "str", "repr", "format", "eq", "ne", "lt", "le", "gt",
                  "ge", "hash", "contains", "array", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv",
                  "neg", "abs", "enter", "exit", "setitem", "delattr", "reduce_ex", "instancecheck"):  # fmt: skip
        locals()[f"__{_name}__"] = _refuse(_name)


def _noted(part: _Part, *what: Any) -> _Part:
    notes: _Notes = object.__getattribute__(part, "_notes")
    return notes.note(object.__getattribute__(part, "_number"), *what)


def sketched(picture: Callable[[Any], Scene], values: Mapping[str, Any]) -> tuple[str, Scene] | None:
    """Return a number for all that a picture asks of its figure, and its scene, whose figure is none.

    Parameters
    ----------
    picture : callable
        An explorer's; it gets its figures from the name ``canvas`` of its module.
    values : mapping
        The controls' values.

    Returns
    -------
    tuple or None
        None if it has to be drawn.

    Examples
    --------
    >>> from course_lib.explorers import fault_bench
    >>> explorer = fault_bench()
    >>> one, other = (sketched(explorer.picture, {**explorer.defaults, "jitter": jitter}) for jitter in (1.5, 8.0))
    >>> one[0] == other[0], one[1].words == other[1].words
    (True, False)
    """
    module = picture.__globals__ if isinstance(picture, FunctionType) else {}
    if module.get("canvas") is not canvas:
        return None
    notes = _Notes()

    def sketch(columns: int = 1, **size: float) -> tuple[Any, list[Any]]:
        figure = notes.note("canvas", columns, size)
        return figure, [notes.note("axes", place) for place in range(columns)]

    module["canvas"] = sketch
    try:
        scene = picture(values)
    except Exception:  # whatever it stumbled over, the real figure may know
        return None
    finally:
        module["canvas"] = canvas
    return hashlib.sha256(notes.file.getvalue()).hexdigest(), scene
