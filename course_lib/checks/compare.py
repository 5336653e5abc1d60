"""Comparing what was given with what is right, in words: ``None`` when it fits, else a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.checks.plain import Plain, dict_of, has_graph, list_of, number_of, show, show_apart

__all__ = ["Compare", "Matches", "close", "form_key", "kind_problem", "near"]

#: A comparison takes the plain answer and the expected value; it returns what is wrong, or ``None``.
Compare = Callable[[Plain, Any], str | None]


def near(given: float | None, expected: float, rel: float = 1e-4, abs_: float = 1e-6) -> bool:
    """Whether two numbers agree; NaN agrees with NaN only.

    Examples
    --------
    >>> near(1.00001, 1.0), near(1.01, 1.0), near(None, 1.0)
    (True, False, False)
    """
    if given is None:
        return False
    if math.isnan(expected) or math.isnan(given):
        return math.isnan(expected) and math.isnan(given)
    return math.isclose(given, expected, rel_tol=rel, abs_tol=abs_)


@dataclass(frozen=True)
class Matches:
    """Compare structure and numbers: lists element by element, mappings key by key.

    Parameters
    ----------
    rel, abs_ : float
        The relative and the absolute tolerance of numbers. The default, four digits, is what single
        precision keeps after a few hundred sums.
    extra_keys : bool
        Whether a mapping may hold more keys than were asked for.
    names : tuple of str
        What the elements of the outermost list are called in messages.
    dtype : str
        How an array's dtype must begin, such as ``"int"``; any dtype by default. Lists have none.
    """

    rel: float = 1e-4
    abs_: float = 1e-6
    extra_keys: bool = True
    names: tuple[str, ...] = ()
    dtype: str = ""

    def __call__(self, given: Plain, expected: Any, where: str = "") -> str | None:
        """Return what is wrong with ``given``, or ``None``."""
        if isinstance(expected, np.ndarray):
            expected = expected.tolist()
        if isinstance(expected, np.generic):
            expected = expected.item()
        if expected is None:
            return None if given["kind"] == "none" else f"{where}it should be None; yours is {_kind(given)}"
        if isinstance(expected, bool):
            fits = given.get("value") in (expected, float(expected)) and given["kind"] in ("bool", "number")
            return None if fits else f"{where}right is {expected}; yours is {_kind(given)}"
        if isinstance(expected, str):
            fits = given["kind"] == "text" and given["value"] == expected
            return None if fits else f"{where}right is {expected!r}; yours is {_kind(given)}"
        if isinstance(expected, Mapping):
            return self._mapping(given, expected, where)
        if given["kind"] == "array":
            problem = self._array(given, expected, where)
            if problem:
                return problem
        if isinstance(expected, (list, tuple)):
            return self._list(given, expected, where)
        number = number_of(given)
        if number is None:
            return f"{where}it should be the number {show(expected)}; yours is {_kind(given)}"
        if near(number, float(expected), self.rel, self.abs_):
            return None
        yours, right = show_apart(given, expected)
        return f"{where}yours is {yours}, right is {right}"

    def _array(self, given: Plain, expected: Any, where: str) -> str | None:
        """Return what is wrong with an array's shape or dtype, or ``None``."""
        try:
            shape = np.shape(expected)
        except ValueError:  # a ragged list has no shape; its elements are compared one by one
            return None
        if tuple(given["shape"]) != shape and len(shape) > 0:
            return f"{where}the shape should be {shape}; yours has the shape {tuple(given['shape'])}: {show(given)}"
        if self.dtype and not given["dtype"].startswith(self.dtype):
            return f"{where}it should be an array of {self.dtype}; yours is one of {given['dtype']}"
        return None

    def _list(self, given: Plain, expected: Any, where: str) -> str | None:
        items = list_of(given)
        if items is None and given["kind"] == "dict" and not where and given["type"] != "dict":
            items = [item for _, item in given["items"]]
        if given["kind"] == "dict" and given["type"] == "pandas.DataFrame":
            items = _rows(given)
        if items is None:
            return f"{where}it should be {self._count(expected, where)}; yours is {_kind(given)}"
        if len(items) != len(expected):
            return f"{where}it should have {self._count(expected, where)}; yours has {len(items)}: {show(given)}"
        for i, (item, want) in enumerate(zip(items, expected, strict=True)):
            name = self.names[i] if self.names and not where else f"{where.removesuffix(': ')}[{i}]"
            problem = self(item, want, f"{name}: ")
            if problem:
                return problem
        return None

    def _count(self, expected: Any, where: str) -> str:
        names = f" ({', '.join(self.names)})" if self.names and not where else ""
        return f"{len(expected)} value{'s' * (len(expected) != 1)}{names}"

    def _mapping(self, given: Plain, expected: Mapping[str, Any], where: str) -> str | None:
        items = dict_of(given)
        if items is None:
            return f"{where}it should be a dictionary with the keys {', '.join(expected)}; yours is {_kind(given)}"
        missing = [key for key in expected if key not in items]
        if missing:
            has = ", ".join(items) or "no keys"
            return f"{where}the key {missing[0]!r} is missing; your dictionary has {has}"
        extra = [key for key in items if key not in expected]
        if extra and not self.extra_keys:
            return f"{where}the key {extra[0]!r} was not asked for"
        for key, want in expected.items():
            problem = self(items[key], want, f"{where.removesuffix(': ')}{'.' if where else ''}{key}: ")
            if problem:
                return problem
        return None


def _rows(frame: Plain) -> list[Plain]:
    """Return the rows of a table that was read column by column."""
    columns = [list_of(column) or [] for _, column in frame["items"]]
    return [{"kind": "list", "items": list(row), "type": "list"} for row in zip(*columns, strict=True)]


close = Matches()


def _kind(plain: Plain) -> str:
    kind = plain["kind"]
    if kind == "none":
        return "nothing (None)"
    if kind == "dict":
        return f"{_article(plain['type'])}: {show(plain)}"
    if kind in ("list", "array"):
        shape = plain.get("shape")
        shape_text = f" of shape {tuple(shape)}" if shape is not None else f" of {len(list_of(plain) or [])}"
        return f"{_article(plain['type'])}{shape_text}: {show(plain)}"
    if kind == "text":
        return f"the text {show(plain)}"
    if kind in ("number", "bool"):
        return show(plain)
    if kind == "function":
        return "a function that was not called; look for missing parentheses"
    return _article(str(plain.get("type", kind)))


_NAMES = {"dict": "a dictionary", "numpy.ndarray": "an array", "torch.Tensor": "a tensor", "str": "a text"}


def _article(name: str) -> str:
    """Return the name of a type as it is spoken of: "a list", "an array"."""
    return _NAMES.get(name, f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}")


def form_key(given: Plain, expected: Any) -> str | None:
    """Return the key of what is wrong with the form of an answer whose kind can be read, if that is what is wrong.

    Examples
    --------
    >>> from course_lib.checks.plain import describe
    >>> form_key(describe("0.5"), 0.5), form_key(describe({"ce": 1.0}), {"mse": 1.0}), form_key(describe(2.0), 3.0)
    ('returned_text', 'missing_key', None)
    """
    items = list_of(given)
    if isinstance(expected, Mapping):
        entries = dict_of(given)
        if entries is None:
            return "returned_no_dictionary"
        return "missing_key" if any(key not in entries for key in expected) else None
    if isinstance(expected, (list, tuple, np.ndarray)):
        if items is None:
            return "returned_no_list"
        return "wrong_length" if len(items) != len(expected) else None
    if isinstance(expected, (bool, str)) or expected is None:
        return None
    if given["kind"] == "text":
        return "returned_text"
    return "returned_list" if items is not None else None


def kind_problem(given: Plain) -> tuple[str, str] | None:
    """Return the key and the sentence of what is wrong in kind with an answer, whatever was expected.

    Examples
    --------
    >>> from course_lib.checks.plain import describe
    >>> kind_problem(describe(None))[0]
    'returned_none'
    """
    if given["kind"] == "none":
        return "returned_none", "it returned nothing (None). Look for the `return` at the end of the function."
    if has_graph(given):
        return "graph_attached", (
            "a number was asked for, and what came back is a tensor that still carries its graph of gradients. "
            "Every stored loss then keeps its whole batch in memory. Look at where the loss is stored, and "
            "turn it into a plain number there."
        )
    if given["kind"] == "too_big":
        return "too_big", "what came back has too many elements to read. Look at what is collected, and how often."
    if given["kind"] == "function":
        return "returned_function", "what came back is a function, not its result. Look for missing parentheses."
    return None
