"""What a check is made of: an exercise is a list of named cases, each with inputs and what is right."""

from __future__ import annotations

import copy
import inspect
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from course_lib.checks.compare import Compare, close
from course_lib.checks.diagnosis import Diagnosis, both_numbers
from course_lib.checks.phrase import Phrase
from course_lib.checks.plain import Plain, describe, show

__all__ = ["Case", "Evidence", "Exercise", "Observe"]

#: ``observe(answer, record, *inputs)`` calls the answer, notes plain data in ``record`` as it goes, and
#: returns what the answer returned.
Observe = Callable[..., Any]

Kind = Literal["function", "class", "value"]


@dataclass(frozen=True)
class Evidence:
    """What is known after a case ran: its inputs, what was seen, and what is right.

    Parameters
    ----------
    inputs : tuple
        The case's inputs, made anew: nothing the answer did to its copies is in them.
    seen : dict
        Plain data only: "result", "error", "printed", "changed", the "names" of the answer's arguments and what the
        case's observer noted.
    expected : object
        What is right, if the case has one answer that is.
    compares : str
        The name in ``seen`` of what is held against ``expected``.
    phrase : Phrase, optional
        How both are spoken of.
    truth : object
        What the case's judge and the diagnoses hold what was seen against, if the case has such a thing.
    """

    inputs: tuple[Any, ...]
    seen: dict[str, Any]
    expected: Any = None
    compares: str = "result"
    phrase: Phrase | None = None
    truth: Any = None

    def read_as(self, kind: Callable[[Evidence], Any]) -> Any:
        """Return what was seen read in one way, such as a `course_lib.checks.reading.Reading`.

        It is made once for all that ask for it: evidence never changes.
        """
        made = self.__dict__.setdefault("_readings", {})
        if kind not in made:
            made[kind] = kind(self)
        return made[kind]

    @property
    def result(self) -> Plain:
        """What the answer returned, read into plain data."""
        return self.seen.get("result") or {"kind": "none", "type": "NoneType"}

    @property
    def given(self) -> Plain:
        """What is held against ``expected``: the answer's result, or what the observer noted."""
        if self.compares == "result":
            return self.result
        return describe(self.seen.get(self.compares))

    @property
    def error(self) -> dict[str, Any] | None:
        """The exception the answer ended in: its "type", "message" and the learner's "line"."""
        return self.seen.get("error")

    @property
    def numbers(self) -> str:
        """The learner's value beside the right one, as a sentence."""
        return both_numbers(self)

    def __getitem__(self, name: str) -> Any:
        """Return what the observer noted under ``name``."""
        return self.seen[name]

    @cached_property
    def shown_inputs(self) -> str:
        """The inputs as a learner should read them: where there are several, with the answer's names for them."""
        shown = [show(value) for value in self.inputs]
        names = self.seen.get("names")
        if isinstance(names, list) and len(names) == len(shown) and all(map(_is_name, names)):
            shown = [f"{name}={value}" for name, value in zip(names, shown, strict=True)]
        return ", ".join(shown)


def _is_name(name: Any) -> bool:
    """Return whether it is a name that code can have and a person can read; what was seen may be forged."""
    return isinstance(name, str) and name.isidentifier() and len(name) <= 30


def _names(answer: Any) -> list[str]:
    """Return what the answer calls its positional arguments, or nothing where that can't be known."""
    try:
        parameters = inspect.signature(answer).parameters.values()
    except Exception:  # a learner's own object may raise anything when it is asked
        return []
    plain = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in plain]


@dataclass(frozen=True)
class Case:
    """One thing that is tried, and how it is judged.

    Parameters
    ----------
    name : str
        A few words; the learner reads it in the table, also for a hidden case.
    inputs : tuple, or callable(numpy.random.Generator) -> tuple
        The arguments of the answer. A callable makes them from the seed: the same seed, the same inputs.
    expected : object, or callable(*inputs) -> object
        The right result. A plain value, list or dictionary; numbers are compared with a tolerance.
    hint : str
        What a learner reads of a hidden case that failed: no inputs, no expected values.
    observe : callable(answer, record, *inputs) -> object, optional
        How the answer is called, where ``answer(*inputs)`` is not enough: build a spy, call, note plain
        data in ``record``. It returns the answer's result.
    judge : callable(Evidence) -> str or None, optional
        What is wrong, as a sentence, or ``None``, asked after the comparison with ``expected``.
    compares : str, optional
        What is held against ``expected``: "result", or a name under which ``observe`` noted something.
    compare : Compare, optional
        How it is compared.
    weight : float, optional
        The case's share of the exercise's points, beside the other cases' weights.
    diagnoses : tuple of Diagnosis, optional
        Misconceptions that only this case can tell, asked before those of the exercise.
    phrase : Phrase, optional
        How what is right and what was given are spoken of, if not in the exercise's way.
    denies : bool, optional
        Whether the case can speak against a misconception. ``False`` for a case with a difficulty of its own, such as a
        small type whose numbers wrap: an answer that stumbles there may have any other fault as well. It has no say
        either in which of several misconceptions explains the most.
    run : str, optional
        Cases that give the same name here have the same ``inputs`` and ``observe``, and judge one and the
        same run of the answer: its losses, say, and its weights. The answer is then called once for them.
    """

    name: str
    inputs: tuple[Any, ...] | Callable[[np.random.Generator], tuple[Any, ...]] = ()
    expected: Any = None
    hint: str = ""
    observe: Observe | None = None
    judge: Callable[[Evidence], str | None] | None = None
    compares: str = "result"
    compare: Compare = close
    weight: float = 1.0
    diagnoses: tuple[Diagnosis, ...] = ()
    run: str = ""
    phrase: Phrase | None = None
    denies: bool = True
    hidden: bool = False
    truth: Any = None

    @property
    def key(self) -> str:
        """The name of the run that this case judges."""
        return self.run or self.name

    def make_inputs(self, seed: int) -> tuple[Any, ...]:
        """Return the inputs for a seed, made anew at each call."""
        if not callable(self.inputs):
            return copy.deepcopy(self.inputs)
        return self.inputs(np.random.default_rng([seed, zlib.crc32(self.key.encode())]))

    def right(self, inputs: tuple[Any, ...]) -> Any:
        """Return the expected result for these inputs."""
        return self.expected(*copy.deepcopy(inputs)) if callable(self.expected) else self.expected

    def true(self, inputs: tuple[Any, ...]) -> Any:
        """Return what `judge` and the diagnoses go by for these inputs."""
        return self.truth(*copy.deepcopy(inputs)) if callable(self.truth) else self.truth

    def perform(self, answer: Any, record: dict[str, Any], inputs: tuple[Any, ...]) -> None:
        """Call the answer on ``inputs`` and note in ``record`` what was seen, as plain data."""
        before = [describe(value) for value in inputs] if self.observe is None else []
        if self.observe is None:
            if len(inputs) > 1 and (names := _names(answer)):
                record["names"] = names[: len(inputs)]
            result = answer(*inputs)
        else:
            result = self.observe(answer, record, *inputs)
        record["result"] = describe(result)
        record["changed"] = [i for i, plain in enumerate(before) if describe(inputs[i]) != plain]


@dataclass(frozen=True)
class Exercise:
    """One graded exercise in one track.

    Parameters
    ----------
    name : str
        Its id, as in the lesson and in the gradebook.
    points : float
        The most it can give; the notebook's cell must say the same.
    cases : tuple of Case
        Tried in this order, from plain to intricate.
    diagnoses : tuple of Diagnosis
        The known misconceptions, from the most specific to the least.
    kind : {"function", "class", "value"}
        What the learner writes. A value is handed to the cases' observers as it is.
    answer : str, optional
        The name the learner's answer has in the notebook; the exercise's own name by default.
    may_be_empty : bool, optional
        Whether an empty list is an answer ("none of them"), and not an exercise that is still to be done.
    phrase : Phrase, optional
        How what is right and what was given are spoken of; "yours is 2, right is 3" by default.
    """

    name: str
    points: float
    cases: tuple[Case, ...]
    diagnoses: tuple[Diagnosis, ...] = ()
    kind: Kind = "function"
    answer: str = ""
    may_be_empty: bool = False
    phrase: Phrase | None = None
    canary: Any = field(default=None, compare=False)

    def __post_init__(self) -> None:
        names = [case.name for case in self.cases]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two cases of {self.name!r} are named {twice[0]!r}; give each its own name")
        if self.points <= 0 or not self.cases:
            raise ValueError(f"exercise {self.name!r} needs points above 0 and at least one case")

    @property
    def answer_name(self) -> str:
        """The name the learner's answer has in the notebook."""
        return self.answer or self.name

    def with_hidden(self, cases: tuple[Case, ...]) -> Exercise:
        """Return the exercise as it is graded: visible cases, then ``cases``, marked hidden."""
        return replace(self, cases=self.cases + tuple(replace(case, hidden=True) for case in cases))
