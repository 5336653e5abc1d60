"""Answers that are a choice of letters, however they are written, and hunts for the letters of code that does harm."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise, Observe
from course_lib.checks.mistakes import Fields, mistake

__all__ = ["Hunt", "read_letters"]


def read_letters(answer: Any) -> list[str]:
    """Return the letters of an answer: a list of letters or one string, in any case.

    Examples
    --------
    >>> read_letters("d, a b"), read_letters(["D", "a"])
    (['D', 'A', 'B'], ['D', 'A'])
    """
    items = [answer] if isinstance(answer, str) or not hasattr(answer, "__iter__") else answer
    text = " ".join(str(item) for item in items)
    return re.findall(r"[^\s,;.>\[\]()'\"-]", text.upper())


def _observer(known: str) -> Observe:
    """Return what notes the letters of an answer, and the first thing in it that is none of those that are known."""

    def observe(answer: Any, record: dict[str, Any], letters: str) -> Any:
        record["dictionary"] = isinstance(answer, Mapping)
        record["letters"] = read_letters(answer)[:40]
        items = answer.split() if isinstance(answer, str) else answer if hasattr(answer, "__iter__") else [answer]
        strange = [str(item)[:40] for item in items if set(read_letters([item])) - set(known)]
        record["strange"] = (strange or [letter for letter in record["letters"] if letter not in known])[:1]
        return record["letters"]

    return observe


@dataclass(frozen=True)
class Hunt:
    """An exercise that asks which of some pieces of code do harm. No list of right letters is kept: each is tried.

    Parameters
    ----------
    name, answer : str
        The exercise's id, and the name that learners give their answer.
    pieces, harm : str
        What the pieces are called, such as "pipelines", and what those do that are asked for, such as "leak".
    harms : callable(str) -> bool
        Whether the piece with a letter does harm.
    measured : callable(str) -> str
        What was measured of it, as a sentence without its full stop.
    """

    name: str
    answer: str
    pieces: str
    harm: str
    harms: Callable[[str], bool]
    measured: Callable[[str], str]

    def _wrong(self, e: Evidence) -> list[str]:
        """Return the letters of the case that were judged wrongly."""
        return [letter for letter in e.inputs[0] if (letter in e["letters"]) != self.harms(letter)]

    def _judge(self, e: Evidence) -> str | None:
        if e["dictionary"]:
            return f"`{self.answer}` is a dictionary"
        if e["strange"]:
            return f"{e['strange'][0]!r} is none of the {self.pieces}; they are A to F"
        wrong = self._wrong(e)
        return self.measured(wrong[0]) if wrong else None

    def _measured(self, letter: str, e: Evidence) -> str:
        """Return what was measured of a letter, and of the others of its case that were judged wrongly, too."""
        others = [other for other in self._wrong(e) if other != letter]
        told = [f"{other} was judged wrongly, too. {self.measured(other)}" for other in others]
        return ". ".join([self.measured(letter), *told])

    def case(self, name: str, letters: str, hint: str = "") -> Case:
        """Return the case that judges several pieces together.

        In pairs of which one does harm, neither naming all nor naming none is worth points.
        """
        return Case(name, (letters,), None, hint, _observer("ABCDEF"), self._judge)

    def exercise(self, points: float, mistakes: Iterable[tuple[str, str] | tuple[str, str, str]]) -> Exercise:
        """Return the exercise.

        Of ``mistakes``, each is the name of what is said of one letter, the letter, and where to look, if its words
        have ``{where}``.
        """
        names = {"answer": self.answer, "pieces": self.pieces, "harm": self.harm}
        quoted: Fields = {"quoted": lambda e: repr(e["strange"][0]), **names}

        def misjudged(name: str, letter: str, where: str = "") -> Any:
            # What it measures is worked out only where it is said.
            fields: Fields = {"letter": letter, "measured": lambda e: self._measured(letter, e), "where": where}
            return mistake(name, probe=lambda e: letter in self._wrong(e), fields=fields)

        return Exercise(
            name=self.name,
            points=points,
            kind="value",
            answer=self.answer,
            may_be_empty=True,
            cases=tuple(self.case(f"{self.pieces} {pair[0]} and {pair[1]}", pair) for pair in ("AB", "CD", "EF")),
            diagnoses=(
                mistake("dictionary", probe=lambda e: bool(e["dictionary"]), fields=names),
                mistake("unknown_letter/hunt", probe=lambda e: bool(e["strange"]), fields=quoted),
                *(misjudged(*row) for row in mistakes),
            ),
        )
