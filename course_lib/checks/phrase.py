"""Saying what is right and what was given in an exercise's own words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_lib.checks.plain import Plain, show_apart

__all__ = ["Phrase"]


@dataclass(frozen=True)
class Phrase:
    """The two halves of the sentence that a learner reads of a wrong result.

    Parameters
    ----------
    right : str or callable(expected) -> str
        What is right. In a text, ``{}`` is replaced by the value.
    yours : str or callable(Plain) -> str
        What the answer gave, read into plain data.

    Examples
    --------
    >>> from course_lib.checks.plain import describe
    >>> def yours(given):
    ...     return "yours never stopped" if given["kind"] == "text" else f"yours stopped after {given['value']:g}"
    >>> Phrase("it should have stopped after epoch {}", yours).sentence(describe("never"), 4)
    'it should have stopped after epoch 4; yours never stopped'
    """

    right: str | Callable[[Any], str]
    yours: str | Callable[[Plain], str]

    def sentence(self, given: Plain, expected: Any) -> str:
        """Return both halves, without a capital letter and without a full stop."""
        shown = show_apart(given, expected)
        yours = self.yours.replace("{}", shown[0]) if isinstance(self.yours, str) else self.yours(given)
        right = self.right.replace("{}", shown[1]) if isinstance(self.right, str) else self.right(expected)
        return f"{right}; {yours}"
