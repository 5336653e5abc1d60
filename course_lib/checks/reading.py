"""Reading the notes of a watched run by name: passes of the model, what is not as it was, the numbers returned."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.compare import near
from course_lib.checks.plain import dict_of, list_of, number_of

__all__ = ["Event", "Reading", "alike", "floats", "numbers_in", "rows_of"]

#: One note: under "what" its kind, such as "forward", "loss" or "step".
Event = dict[str, Any]


def rows_of(x: Any) -> set[float]:
    """Return what rows are told by: their first feature, to four digits, from an array or from a pass's notes."""
    firsts = x["rows"] if isinstance(x, dict) else x[:, 0]
    return {round(float(v), 4) for v in firsts}


def floats(values: Any) -> np.ndarray:
    """Return noted numbers as an array; NaN and infinities are noted as texts."""
    return np.array([float(v) for v in values])


def numbers_in(plain: dict[str, Any] | None) -> list[float | None]:
    """Return a number as a list of one, a list's numbers, and ``None`` for what is none.

    Examples
    --------
    >>> from course_lib.checks.plain import describe
    >>> numbers_in(describe(2)), numbers_in(describe([1, "a"]))
    ([2.0], [1.0, None])
    """
    items = list_of(plain)
    return [number_of(plain)] if items is None else [number_of(item) for item in items]


def alike(given: Sequence[float | None], right: Sequence[float], rel: float = 1e-4, abs_: float = 1e-5) -> bool:
    """Whether these numbers are those, one by one.

    Examples
    --------
    >>> alike([1.0, 2.0], [1.0, 2.00001]), alike([None], [1.0]), alike([1.0], [1.0, 1.0])
    (True, False, False)
    """
    return len(given) == len(right) and all(near(g, r, rel, abs_) for g, r in zip(given, right, strict=True))


class Reading:
    """What was seen in one case.

    Parameters
    ----------
    e : Evidence
        Its notes hold "events", those of `course_lib.checks.watch`, and "touched", the names in ``state`` of what is
        not as it was. The last of its inputs says how the answer was called.
    """

    def __init__(self, e: Evidence):
        self.e, self.inputs, self.how = e, e.inputs, e.inputs[-1]
        self.touched: list[str] = e.seen.get("touched") or []

    @property
    def events(self) -> list[Event]:
        """All that was noted, in its order."""
        return self.e.seen.get("events") or []

    def of(self, *what: str) -> list[Event]:
        """Return the notes of some kinds, in their order."""
        return [event for event in self.events if event["what"] in what]

    @cached_property
    def passes(self) -> list[Event]:
        """The passes through the model: "rows", "grad", and "modes" of the model's parts or "training"."""
        return self.of("forward")

    def noted(self, name: str) -> Any:
        """Return what the observer noted under a name; ``None`` where the run ended before it could."""
        return self.e.seen.get(name)

    def raised(self, kind: str, *words: str) -> bool:
        """Whether it ended in this kind of exception (any, if empty), with one of these words in its message."""
        error = self.e.error
        if error is None or kind not in ("", error.get("type")):
            return False
        return any(word in str(error.get("message")) for word in words)

    def passed(self, rows: Any) -> bool:
        """Whether each of these rows, an array of features, went through the model."""
        return rows_of(rows) <= {row for event in self.passes for row in rows_of(event)}

    def updated_on(self, rows: Any, what: str = "step") -> bool:
        """Whether a step, or a note of another kind, followed on a pass of some of these rows."""
        wanted, last = rows_of(rows), False
        for event in self.of("forward", what):
            if event["what"] == what and last:
                return True
            last = bool(wanted & rows_of(event)) if event["what"] == "forward" else last
        return False

    def numbers(self, at: str | int | None = None) -> list[float | None]:
        """Return the numbers that came back, or those under a key or at a place of what came back."""
        found: Any = self.e.given
        if at is not None:
            parts: dict[Any, Any] = dict_of(found) or dict(enumerate(list_of(found) or []))
            if at not in parts:
                return []
            found = parts[at]
        return numbers_in(found)
