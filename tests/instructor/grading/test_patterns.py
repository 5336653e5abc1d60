"""No pattern that grading uses takes more than in proportion on text made to keep it busy."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator

import pytest

import course_lib.checks
import course_lib.instructor.grading
from course_lib import lessons as exercises
from course_lib import printable
from course_lib.instructor.desk import feedback
from course_lib.instructor.grading.slicing import _compiled, _words
from course_lib.instructor.grading.suspicion import _in_code

#: What quadratic patterns choke on: long runs of blanks, of one kind of character, and of beginnings without an end.
PIECES = [
    "\n", " ", "\t\n", " \n", "!", "%", "#", "`", '"', "'", "1", "1.", "1e", "0x1.", "-", "a", "a ", "a.", ",", ", ",
    "{", "{{", "[", "[]", "\x1b[", "\x1b[1", "<", "=", "= ", "a\n", "!a\n", "# Exercise", "zero", "ä", "0" * 30 + " ",
    '"cells":', '"loss_curves": {', "Exception encountered when calling ", ">", "|", "<<<<<<< ", "\\", "a=", ";",
]  # fmt: skip
SIZE = 20_000


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    modules = [
        importlib.import_module(f"{package.__name__}.{found.name}")
        for package in (course_lib.instructor.grading, course_lib.checks, exercises)
        for found in pkgutil.iter_modules(package.__path__)
        if found.name not in ("inside",)
    ]
    for module in (*modules, printable, feedback):
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                yield f"{module.__name__}.{name}", value


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
    ("name", "pattern"), list(patterns()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_patterns_are_linear(name: str, pattern: re.Pattern[str]) -> None:
    bad = [p for p in PIECES if out_of_proportion(lambda text: found(pattern, text), p * (SIZE // len(p)))]
    assert not bad, name


@pytest.mark.slow
def test_a_quadratic_pattern_would_be_noticed() -> None:
    old = re.compile(r"^\s*(?:!|%%bash)", re.MULTILINE)
    assert out_of_proportion(lambda text: found(old, text), "\n" * (SIZE // 4))


@pytest.mark.slow
@pytest.mark.parametrize("work", [_in_code, _words, _compiled], ids=lambda work: work.__name__)
def test_reading_a_cell_is_linear(work: object) -> None:
    bad = [p for p in PIECES if out_of_proportion(work, p * (SIZE // 4 // len(p)))]
    assert not bad
