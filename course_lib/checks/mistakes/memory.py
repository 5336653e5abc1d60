"""What an answer keeps from one call to the next, in a case that is observed with `course_lib.checks.watch.twice`."""

from __future__ import annotations

from dataclasses import replace

from course_lib.checks.case import Case, Evidence
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import Plain, number_of
from course_lib.checks.reading import alike
from course_lib.checks.watch import twice

__all__ = ["REMEMBERS", "called_again"]


def _numbers_in(plain: Plain) -> list[float]:
    """Return all numbers in a result, whatever it is made of; NaN in place of what is none."""
    if plain["kind"] == "array":
        return [float(v) for v in plain["values"]]
    inner = [item for _, item in plain["items"]] if plain["kind"] == "dict" else plain.get("items")
    if inner is not None:
        return [number for item in inner for number in _numbers_in(item)]
    number = number_of(plain)
    return [float("nan") if number is None else number]


def _calls_differ(e: Evidence) -> bool:
    return e.error is None and not alike(_numbers_in(e["first_call"]), _numbers_in(e.result), 1e-3)


REMEMBERS = mistake("remembers_earlier_call", probe=_calls_differ)


def called_again(case: Case) -> Case:
    """Return the case with the answer called two times in the same way; the second is judged, and weighs little."""
    assert case.observe is not None
    return replace(case, observe=twice(case.observe), diagnoses=(REMEMBERS, *case.diagnoses), weight=0.25)
