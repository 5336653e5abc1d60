"""No pattern that grading uses takes more than in proportion on text made to keep it busy."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import course_lib.checks
import course_lib.instructor.grading
import course_lib.instructor.platforms
from course_lib import lessons as exercises
from course_lib import printable
from course_lib.instructor.desk import feedback
from course_lib.instructor.grading.slicing import _compiled, _words
from course_lib.instructor.grading.suspicion import _in_code

pytestmark = pytest.mark.slow

#: What quadratic patterns choke on: long runs of blanks, of one kind of character, and of beginnings without an end.
PIECES = [
    "\n", " ", "\t\n", " \n", "!", "%", "#", "`", '"', "'", "1", "1.", "1e", "0x1.", "-", "a", "a ", "a.", ",", ", ",
    "{", "{{", "[", "[]", "\x1b[", "\x1b[1", "<", "=", "= ", "a\n", "!a\n", "# Exercise", "zero", "ä", "0" * 30 + " ",
    '"cells":', '"loss_curves": {', "Exception encountered when calling ", ">", "|", "<<<<<<< ", "\\", "a=", ";",
]  # fmt: skip
SIZE = 20_000


#: How names in a platform's files begin; what follows is a student's.
BEGINNINGS = ["", "1-1 - a - ", "a_1_", "Participant_1_", "a Points Grade <", "Title ("]


def modules_of(*packages: ModuleType) -> Iterator[ModuleType]:
    for package in packages:
        for found in pkgutil.iter_modules(package.__path__):
            if found.name != "inside":
                yield importlib.import_module(f"{package.__name__}.{found.name}")


def patterns_of(*modules: ModuleType) -> list[Any]:
    return [
        pytest.param(value, id=f"{module.__name__}.{name}")
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    ]


def out_of_proportion(work: object, text: str) -> bool:
    """Whether four times the text takes far more than four times as long."""

    def seconds(times: int) -> float:
        begun = time.process_time()
        work(text * times)  # type: ignore[operator]
        return time.process_time() - begun

    return seconds(4) > 0.5 and min(seconds(4), seconds(4)) > 7 * max(min(seconds(1), seconds(1)), 0.001)


def found(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


@pytest.mark.parametrize(
    "pattern",
    patterns_of(*modules_of(course_lib.instructor.grading, course_lib.checks, exercises), printable, feedback),
)
def test_patterns_are_linear(pattern: re.Pattern[str]) -> None:
    assert not [p for p in PIECES if out_of_proportion(lambda text: found(pattern, text), p * (SIZE // len(p)))]


@pytest.mark.parametrize("pattern", patterns_of(*modules_of(course_lib.instructor.platforms)))
def test_patterns_for_whole_names_are_linear(pattern: re.Pattern[str]) -> None:
    """Only ever asked whether a whole name fits: searching from every place would be another question."""
    for begin in BEGINNINGS:
        bad = [
            p
            for p in PIECES
            if out_of_proportion(lambda text, begin=begin: pattern.fullmatch(begin + text), p * (SIZE // len(p)))
        ]
        assert not bad, begin


@pytest.mark.slow
def test_a_quadratic_pattern_would_be_noticed() -> None:
    old = re.compile(r"^\s*(?:!|%%bash)", re.MULTILINE)
    assert out_of_proportion(lambda text: found(old, text), "\n" * (SIZE // 4))


@pytest.mark.slow
@pytest.mark.parametrize("work", [_in_code, _words, _compiled], ids=lambda work: work.__name__)
def test_reading_a_cell_is_linear(work: object) -> None:
    bad = [p for p in PIECES if out_of_proportion(work, p * (SIZE // 4 // len(p)))]
    assert not bad
