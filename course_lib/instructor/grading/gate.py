"""The gate: every text that a kernel had a hand in passes it, before anybody reads or stores it.

It works in the judge's process, never in the kernel. What passes is one short line of visible characters. What shows
hidden inputs, in whatever order and notation, or holds long runs that are no words, is left out, and told.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from course_lib.instructor.hidden import graded_exercises
from course_lib.printable import printable

__all__ = ["MOST_TEXT", "Gate", "hidden_numbers"]

#: No message of a check is longer.
MOST_TEXT = 1_500
#: From this many digits on, a single number that is an input tells.
TELLING = 7
#: So unlikely must it be that so many numbers are inputs by chance.
BY_CHANCE = 1e-6
#: The longest run of characters without a space that a person's code or a message may have.
MOST_WORD = 60
#: Runs of digits, letters and signs as base 64 and hexadecimal write them.
_RUN = re.compile(rf"[A-Za-z0-9+/=_\-]{{{MOST_WORD},}}")
_DIGITS = re.compile(r"\d+")
_POINT = re.compile(r"(?<=\d)[.,](?=\d)")
#: What may stand between the digits of a number that is spelt out.
_SPELT = re.compile(r"(?<=\d)[\s_'|:;/-](?=\d)")
#: Control and format characters, half characters, marks above others: nothing of it separates digits.
_UNSEEN = ("Cc", "Cf", "Cs", "Mn", "Me")
_NAMED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WORDS = {name: str(digit) for digit, name in enumerate(_NAMED)}
_NAMES = re.compile("|".join(_WORDS), re.IGNORECASE)
_EXPONENT = re.compile(r"(?<=\d)[eE][+-]?\d{1,3}")
_HEX = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-]?\d{1,4}", re.IGNORECASE)


def _numbers(value: Any) -> Iterator[float]:
    """Yield the numbers with decimals in inputs, in their order."""
    if isinstance(value, float | np.floating):
        if np.isfinite(value) and value != int(value):
            yield float(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, np.ndarray):
        yield from _numbers(value.ravel().tolist())
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _numbers(item)


def _written(number: float, digits: int) -> str:
    """Return a number's leading digits, without sign, point and exponent."""
    return f"{abs(number):.{digits - 1}e}".split("e")[0].replace(".", "")


@cache
def hidden_numbers(lesson: str, track: str, seed: int = 0) -> tuple[float, ...]:
    """Return the numbers of a lesson's hidden inputs, without those that are visible as well."""
    return tuple(number for numbers in _by_case(lesson, track, seed) for number in numbers)


@cache
def _by_case(lesson: str, track: str, seed: int) -> tuple[tuple[float, ...], ...]:
    cases = [case for exercise in graded_exercises(lesson, track).values() for case in exercise.cases]
    visible = {n for case in cases if not case.hidden for n in _numbers(case.make_inputs(seed))}
    hidden = [tuple(_numbers(case.make_inputs(seed))) for case in cases if case.hidden]
    return tuple(tuple(n for n in numbers if n not in visible) for numbers in hidden)


@cache
def _beginnings(lesson: str, track: str, seed: int, digits: int) -> tuple[frozenset[str], ...]:
    """Return how hidden inputs begin, cut and rounded, by case and all together.

    Those of few digits, such as 0.5, are nobody's secret.
    """
    found = []
    for numbers in (*_by_case(lesson, track, seed), hidden_numbers(lesson, track, seed)):
        long = {n for n in numbers if len(repr(abs(n)).strip("0.")) > 3}
        found.append(frozenset(text for n in long for text in (_written(n, digits), _written(n, 17)[:digits])))
    return tuple(found)


def _tail(tries: int, hits: int, chance: float) -> float:
    """Return the probability of at least so many hits."""
    if hits <= 0:
        return 1.0
    return sum(math.comb(tries, k) * chance**k * (1 - chance) ** (tries - k) for k in range(hits, min(tries, 60) + 1))


class Gate:
    """The gate for one check's texts.

    Whatever is written in a code that nobody would write by accident is beyond it, such as numbers multiplied by a
    factor, or words that stand for digits by agreement.

    Parameters
    ----------
    lesson, track : str
        Whose hidden inputs must not be shown.
    seed : int, optional
        Of the random inputs.
    """

    def __init__(self, lesson: str, track: str, seed: int = 0):
        self.lesson, self.track, self.seed = lesson, track, seed

    @staticmethod
    def shown(text: object, most: int = MOST_TEXT) -> str:
        """Return text as it may be shown and stored: one line, visible characters, not too long."""
        return printable(text if isinstance(text, str) else repr(text)[: 2 * most], most)

    def problem(self, texts: Iterable[str]) -> str | None:
        """Say what keeps texts, taken together, from being shown, or return None.

        Parameters
        ----------
        texts : iterable of str
            As they came, except that the caller has cut what is longer than it shows.
        """
        whole = unicodedata.normalize("NFKD", "\n".join(text[: 2 * MOST_TEXT] for text in texts)[: 40 * MOST_TEXT])
        plain = "".join(c for c in whole if c.isspace() or unicodedata.category(c) not in _UNSEEN)
        if self._shows_inputs(plain):
            return "its messages repeated inputs of a hidden case"
        if any(len(set(run)) > 6 for run in _RUN.findall(plain)) or _unreadable(plain):
            return "its messages held text that nobody can read"
        return None

    def _shows_inputs(self, plain: str) -> bool:
        floats = _HEX.sub(lambda found: repr(float.fromhex(found[0])), plain)
        joined = _POINT.sub("", _EXPONENT.sub("", floats))
        spelt = _NAMES.sub(lambda found: _WORDS[found[0].lower()], re.sub(r"\b(?:point|dot|comma)\b", "", floats))
        spelt = _POINT.sub("", re.sub(r"(?<=\d)\s+(?=\d)", "", spelt))
        readings = {joined, joined[::-1], _SPELT.sub("", joined), spelt, spelt[::-1]}
        return any(self._too_many([run.lstrip("0") for run in _DIGITS.findall(text)]) for text in readings)

    def _too_many(self, runs: list[str]) -> bool:
        """Tell whether more of these numbers begin like hidden inputs than chance would have it."""
        by_length: dict[int, set[str]] = {}
        for run in runs:
            if len(run) >= 4:
                by_length.setdefault(min(len(run), 9), set()).add(run[: min(len(run), 9)])
            if len(run) > 24:  # many numbers in one run of digits
                for start in range(min(len(run), 2_000) - 8):
                    by_length.setdefault(9, set()).add(run[start : start + 9])
        of = {digits: _beginnings(self.lesson, self.track, self.seed, digits) for digits in by_length}
        if any(by_length[digits] & of[digits][-1] for digits in by_length if digits >= TELLING):
            return True
        for group in range(max(map(len, of.values()), default=0)):
            unlikely = 1.0
            for digits, shown in by_length.items():
                hidden = of[digits][group] if group < len(of[digits]) else frozenset()
                unlikely *= _tail(len(shown), len(shown & hidden), len(hidden) / (9 * 10 ** (digits - 1)))
            if unlikely < BY_CHANCE:
                return True
        return False


def _unreadable(text: str) -> bool:
    """Tell whether long stretches have neither spaces nor the look of words or of code."""
    odd = sum(unicodedata.category(c) in ("Co", "So", "Lo", "Sk") for c in text)
    return odd > 200
