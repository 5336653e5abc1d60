"""Naming a misconception by how an answer behaves.

A diagnosis recognises a fault in one of two ways: ``faulty`` computes what the misconception would
give on the case's own input, and ``probe`` looks at what was seen while the answer ran. Neither reads
the answer's source.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from course_lib.checks.compare import Compare, close, near
from course_lib.checks.plain import Plain, as_plain, describe, dict_of, list_of, number_of, show_apart

if TYPE_CHECKING:
    from course_lib.checks.case import Evidence

__all__ = ["AGAIN", "Claim", "Diagnosis", "OneOf", "Stand", "both_numbers"]

#: How a misconception stands to what was seen in one case: the answer gave its value ("shown"), or did, but the value
#: is one that many a fault gives ("weak"); the answer gave another value ("denied"); or the case can't tell ("silent").
Stand = Literal["shown", "weak", "denied", "silent"]

#: How the message of a case begins whose mistake an earlier case has named already.
AGAIN = "The same again."

#: So many characters of numbers are shown after `AGAIN`.
MOST_AGAIN = 120


class OneOf:
    """Several values that one misconception may give on the same inputs: its variants.

    Examples
    --------
    >>> OneOf(1.0, None, 2.0).values
    (1.0, 2.0)
    """

    def __init__(self, *values: Any) -> None:
        self.values = tuple(value for value in values if value is not None)


class Claim(NamedTuple):
    """What was given somewhere in what was seen, what a misconception gives there (or `OneOf`), and what is right."""

    given: Any
    faulty: Any
    right: Any


@dataclass(frozen=True)
class Diagnosis:
    """One known misconception.

    Parameters
    ----------
    key : str
        Its name in the bank of answers, such as ``mean_of_means``.
    says : str or callable(Evidence) -> str
        One or two sentences to the learner: what was done instead of what was asked, and what comes of
        it. The learner's number and the right one are added by themselves.
    faulty : callable(*inputs) -> value or OneOf, optional
        What the misconception gives on the case's inputs. It fits when the answer gave that, and that is
        not what is right. Where the answer gave something else, the misconception is denied.
    claim : callable(Evidence) -> Claim or None, optional
        The same for a number that lies deeper in what was seen, or hangs on more than the inputs: what was given
        there, what the misconception gives, and what is right. ``None`` where the case has no such number.
    probe : callable(Evidence) -> bool, optional
        Whether what was seen shows the misconception. An exception in a probe counts as no.
    denied : callable(Evidence) -> bool, optional
        Whether what was seen in a case, right or wrong, speaks against the misconception. Only a probe
        needs it.
    look : str, optional
        Where to look, without giving the solution away.
    compare : Compare, optional
        How the answer is compared with the faulty value.
    """

    key: str
    says: str | Callable[[Evidence], str]
    faulty: Callable[..., Any] | None = None
    probe: Callable[[Evidence], bool] | None = None
    look: str = ""
    compare: Compare = close
    denied: Callable[[Evidence], bool] | None = None
    claim: Callable[[Evidence], Claim | None] | None = None

    @property
    def by_value(self) -> bool:
        """Whether it is recognised by a value, and not by a probe."""
        return self.faulty is not None or self.claim is not None

    def stand(self, evidence: Evidence, *, passed: bool = False) -> Stand:
        """Return how the misconception stands to what was seen in a case, failed or ``passed``."""
        try:
            if self.denied is not None and self.denied(evidence):
                return "denied"
            if self.probe is not None:
                return "shown" if not passed and self.probe(evidence) else "silent"
            claim = self._claim(evidence) if self.by_value and evidence.error is None else None
            return "silent" if claim is None else self._stand_by_value(claim, evidence, passed)
        except Exception:
            return "silent"

    def _claim(self, evidence: Evidence) -> Claim | None:
        if self.claim is not None:
            return self.claim(evidence)
        assert self.faulty is not None
        return Claim(evidence.given, self.faulty(*evidence.inputs), evidence.expected)

    def _stand_by_value(self, claim: Claim, evidence: Evidence, passed: bool) -> Stand:
        values = claim.faulty.values if isinstance(claim.faulty, OneOf) else OneOf(claim.faulty).values
        right, given = claim.right, as_plain(claim.given)
        telling = [value for value in values if right is None or close(describe(value), right) is not None]
        if values and not telling and not passed and _has_form(given, values[0]):
            return "denied"  # with this misconception alone the case would have passed
        if not telling or (passed and len(telling) < len(values)):
            return "silent"
        fitting = [value for value in telling if self.compare(given, value) is None]
        if fitting and passed:  # the case judges something else
            return "silent"
        if fitting:
            return "weak" if all(_degenerate(value, evidence.inputs) for value in fitting) else "shown"
        # Something of another form, such as a list of another length, has another fault, perhaps on top of this one.
        denies = any(_alike(value, right) and _has_form(given, value) for value in telling)
        return "denied" if denies else "silent"

    def fits(self, evidence: Evidence) -> bool:
        """Whether the evidence of a failed case fits this misconception."""
        return self.stand(evidence) in ("shown", "weak")

    def text(self, evidence: Evidence) -> str:
        """Return the misconception in words, without numbers."""
        text = self.says if isinstance(self.says, str) else self.says(evidence)
        return text[:1].upper() + text[1:]

    def message(self, evidence: Evidence, problem: str = "", *, again: bool = False) -> str:
        """Return what the learner reads: the misconception, both numbers, where to look.

        Where the case has no single right value, the numbers are those of the judge's sentence,
        ``problem``, if it has the form "name: yours 2, right 1". With ``again``, the learner has read the
        same of an earlier case, and only the numbers are new; of long ones the comparison's sentence alone is
        shown.
        """
        parts = [AGAIN] if again else [self.text(evidence)]
        if again and problem and evidence.phrase is None and len(evidence.numbers) > MOST_AGAIN:
            parts.append(f"{problem}.")
        elif evidence.numbers:
            parts.append(evidence.numbers)
        elif ": yours " in problem:
            parts.append(f"{problem}.")
        if self.look and not again:
            parts.append(f"Look at {self.look}.")
        return " ".join(parts)


def _degenerate(value: Any, inputs: tuple[Any, ...]) -> bool:
    """Whether so many faults give a value that it tells nothing: 0, 1, no number, all the same, or an input.

    Examples
    --------
    >>> _degenerate(0.0, ()), _degenerate([2.0, 2.0], ()), _degenerate(3.0, ([1.0, 3.0], 3)), _degenerate(2.5, (3,))
    (True, True, True, False)
    """
    if isinstance(value, Mapping):
        return all(_degenerate(item, inputs) for item in value.values())
    plain = describe(value)
    number = number_of(plain)
    if number is not None:
        single = [number_of(describe(given)) for given in inputs if isinstance(given, (int, float, np.number))]
        sizes = [float(len(given)) for given in inputs if isinstance(given, (list, tuple, np.ndarray))]
        return number in (0, 1, -1) or not math.isfinite(number) or any(near(one, number) for one in (*single, *sizes))
    flat = _flat(value)
    same = flat is not None and len(flat) > 1 and all(item == flat[0] for item in flat)
    return same or any(_form(given) == _form(value) and close(plain, given) is None for given in inputs if _form(given))


def _flat(value: Any) -> list[Any] | None:
    """Return the elements of lists within lists, or ``None`` of what is no list."""
    if isinstance(value, np.ndarray):
        return value.ravel().tolist() if value.ndim else None
    if not isinstance(value, (list, tuple)):
        return None
    return [one for item in value for one in (_flat(item) or [item])]


def _form(value: Any) -> list[Any] | None:
    """Return a value's form: ``None`` of a single one, the forms of its elements of a list or an array."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return [_form(item) for item in value] if isinstance(value, (list, tuple)) else None


def _alike(value: Any, right: Any) -> bool:
    """Whether two values are of one form, so that one of them can be given in place of the other."""
    if isinstance(value, Mapping) or isinstance(right, Mapping):
        return isinstance(value, Mapping) and isinstance(right, Mapping) and bool(set(value) & set(right))
    return right is not None and _form(value) == _form(right)


def _has_form(given: Plain, value: Any) -> bool:
    """Whether what was given is a single number where the value is one, and a list of as many where it is a list."""
    if isinstance(value, Mapping):
        entries = dict_of(given) or {}
        return any(_has_form(entries[key], item) for key, item in value.items() if key in entries)
    form, items = _form(value), list_of(given)
    if form is None or items is None:
        return form is None and items is None
    return len(items) == len(form) and all(map(_has_form, items, value))


def _apart(given: Plain, expected: Any) -> tuple[Plain, Any]:
    """Leave out of two dictionaries what the case does not compare, and what is the same in both."""
    entries = dict_of(given)
    if entries is None or not isinstance(expected, Mapping):
        return given, expected
    keys = [key for key in expected if key not in entries or close(entries[key], expected[key]) is not None]
    items = [[key, entries[key]] for key in keys if key in entries]
    return ({**given, "items": items}, {key: expected[key] for key in keys}) if keys else (given, expected)


def both_numbers(evidence: Evidence) -> str:
    """Return the sentence with the learner's value beside the right one, or an empty one."""
    if evidence.expected is None or evidence.error is not None:
        return ""
    if evidence.phrase is not None:
        sentence = evidence.phrase.sentence(evidence.given, evidence.expected)
        return f"{sentence[:1].upper()}{sentence[1:]}."
    given, expected = _apart(evidence.given, evidence.expected)
    yours, right = show_apart(given, expected)
    if evidence.compares != "result":
        return f"The {evidence.compares.replace('_', ' ')}: yours {yours}, right {right}."
    inputs = evidence.shown_inputs
    start = f"For {inputs}: yours is" if inputs and len(inputs) <= 100 else "Yours is"
    return f"{start} {yours}, right is {right}."
