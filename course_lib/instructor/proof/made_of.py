"""What an object is made of: a number for its data, and the code that it refers to.

An exercise is a tree of cases and diagnoses with functions at its ends. Two exercises with the same data, whose
functions' sources are the same, check the same.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import pickle
import types
from collections.abc import Iterable
from typing import Any

import numpy as np

from course_lib.instructor.proof.sources import PACKAGE, Name

__all__ = ["MadeOf"]


class MadeOf:
    """Walks objects; afterwards ``digest`` stands for their data, and ``names`` are the code they refer to.

    Examples
    --------
    >>> first, second = MadeOf([1, "a"]), MadeOf([1, "b"])
    >>> first.digest == second.digest, first.digest == MadeOf([1, "a"]).digest
    (False, True)
    """

    def __init__(self, *objects: Any):
        self.names: set[Name] = set()
        self._hash = hashlib.sha256()
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # what is walked must not be freed, or its id would serve another
        self._walk(objects)

    @property
    def digest(self) -> str:
        """A number for the data."""
        return self._hash.hexdigest()

    def _say(self, *words: object) -> None:
        self._hash.update(repr(words).encode())

    def _walk(self, value: Any) -> None:
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes, type(...))):
            return self._say(type(value).__name__, value)
        if id(value) in self._numbers:
            return self._say("again", self._numbers[id(value)])
        self._numbers[id(value)] = len(self._numbers)
        self._kept.append(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, type):
            self._say("class", value.__module__, value.__qualname__)
            return self._refers(value.__module__, value.__qualname__)
        if isinstance(value, types.ModuleType):
            self._say("module", value.__name__)
            self.names.add((value.__name__, None))
            return None
        return self._container(value)

    def _refers(self, module: str, qualname: str) -> None:
        if module.split(".")[0] == PACKAGE:
            self.names.add((module, qualname.split(".")[0]))

    def _function(self, value: types.FunctionType) -> None:
        module, qualname = value.__globals__.get("__name__", ""), value.__code__.co_qualname
        self._say("function", module, qualname)
        if module.split(".")[0] != PACKAGE:
            return
        self._refers(module, qualname)
        cells = [cell.cell_contents for cell in value.__closure__ or () if cell != types.CellType()]
        self._walk_all("held", [*cells, value.__defaults__, value.__kwdefaults__, vars(value)])

    def _walk_all(self, what: str, parts: Iterable[Any]) -> None:
        found = list(parts)
        self._say(what, len(found))
        for part in found:
            self._walk(part)

    def _container(self, value: Any) -> None:
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        self._refers(type(value).__module__, type(value).__qualname__)
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype != object:
            self._say(kind, str(value.dtype), value.shape, value.tobytes())
        elif isinstance(value, (list, tuple)):
            self._walk_all(kind, value)
        elif isinstance(value, (set, frozenset)):
            self._walk_all(kind, sorted(value, key=repr))
        elif isinstance(value, dict):
            self._walk_all(kind, [part for item in value.items() for part in item])
        elif isinstance(value, functools.partial):
            self._walk_all(kind, [value.func, value.args, value.keywords])
        elif isinstance(value, types.MethodType):
            self._walk_all(kind, [value.__func__, value.__self__])
        elif hasattr(value, "__wrapped__"):  # what `functools.cache` makes of a function
            self._walk_all(kind, [value.__wrapped__])
        elif dataclasses.is_dataclass(value):
            self._walk_all(kind, [getattr(value, field.name) for field in dataclasses.fields(value)])
        elif type(value).__module__.split(".")[0] == PACKAGE:
            slots = [getattr(value, name, None) for one in type(value).__mro__ for name in _slots(one)]
            self._walk_all(kind, [getattr(value, "__dict__", {}), slots])
        else:
            self._foreign(kind, value)

    def _foreign(self, kind: str, value: Any) -> None:
        """Note an object of another package: by its name if it is a function, else by what pickle makes of it."""
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        self._say(kind, getattr(value, "__module__", ""), name or pickle.dumps(value, protocol=4))


def _slots(one: type) -> tuple[str, ...]:
    found = getattr(one, "__slots__", ())
    return (found,) if isinstance(found, str) else tuple(found)
