"""Lesson 12, `report_numbers`: the numbers of the report, each of them out of the run that it speaks of.

A learner's own check asks whether the numbers follow from each other. Whether they are those of this student's run is
asked where answers are graded: the run is the same on every machine and in both frameworks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake

__all__ = ["FOLLOWS", "MEASURED", "REPORT_NUMBERS", "given", "numbers_case", "run_of_another", "same"]

#: What was measured, and what follows from it.
MEASURED = ("test_rows", "baseline", "val_loss", "test_loss", "test_error")
FOLLOWS = ("better_by", "errors_apart")


def _observe(answer: Any, record: dict[str, Any], which: str) -> Any:
    """Note the numbers of an answer by name; return how many."""
    record["mapping"] = isinstance(answer, Mapping)
    record["numbers"] = {}
    for key, value in list(answer.items())[:20] if record["mapping"] else ():
        try:
            record["numbers"][str(key)[:40]] = float(value)
        except (TypeError, ValueError):
            record["numbers"][str(key)[:40]] = math.nan
    return len(record["numbers"])


def given(e: Evidence, key: str) -> float:
    """Return a number of the answer, NaN where it is missing."""
    return float((e.seen.get("numbers") or {}).get(key, math.nan))


def same(one: float, other: float, rel: float = 0.003) -> bool:
    """Tell whether two numbers agree; a run differs a little from machine to machine."""
    return abs(one - other) <= rel * abs(other) + 1e-9


def _better_by(e: Evidence) -> float:
    baseline = given(e, "baseline")
    return 1 - given(e, "test_loss") / baseline if baseline else math.nan


def _apart(e: Evidence) -> float:
    error = given(e, "test_error")
    return (given(e, "test_loss") - given(e, "val_loss")) / error if error else math.nan


_RULES: dict[str, Callable[[Evidence], float]] = {"better_by": _better_by, "errors_apart": _apart}


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 0.011  # both may be rounded


def _form(e: Evidence, keys: tuple[str, ...]) -> str | None:
    if not e["mapping"]:
        return "`report_numbers` is no dictionary"
    missing = [key for key in keys if not math.isfinite(given(e, key))]
    return f"{missing[0]!r} is missing or not a number" if missing else None


def _judge_measured(e: Evidence) -> str | None:
    if problem := _form(e, MEASURED):
        return problem
    if e.truth is None:
        if not 0 < given(e, "test_error") < given(e, "test_loss"):
            return "`test_error` is no standard error of this `test_loss`"
        return None
    wrong = [key for key in MEASURED if not same(given(e, key), e.truth[key])]
    return f"{wrong[0]!r} is not what your run gives" if wrong else None


def _judge_follows(e: Evidence) -> str | None:
    if problem := _form(e, (*MEASURED, *FOLLOWS)):
        return problem
    loose = [key for key, rule in _RULES.items() if not _near(given(e, key), rule(e))]
    if loose:
        return f"{loose[0]!r} does not follow from the other numbers"
    if e.truth is None:
        return None
    wrong = [key for key in FOLLOWS if abs(given(e, key) - e.truth[key]) > 0.02 + 0.05 * abs(e.truth[key])]
    return f"{wrong[0]!r} is not what your run gives" if wrong else None


_JUDGES: dict[str, Callable[[Evidence], str | None]] = {"measured": _judge_measured, "follows": _judge_follows}


def numbers_case(name: str, which: str, truth: Any = None, diagnoses: tuple[Diagnosis, ...] = ()) -> Case:
    """Return the case that judges what was "measured" or what "follows": its form, and with a truth what is right."""
    return Case(name, (which,), None, "", _observe, _JUDGES[which], run=which, truth=truth, diagnoses=diagnoses)


def run_of_another(probe: Callable[[Evidence], bool], whose: str) -> Diagnosis:
    """Return the mistake of an answer for another variant; whose was due, it says."""
    return mistake("another_variant/run", probe=probe, fields={"whose": whose})


def _is(key: str, value: Callable[[Evidence], float]) -> Callable[[Evidence], bool]:
    def sign(e: Evidence) -> bool:
        found = value(e)
        return math.isfinite(found) and not _near(found, _RULES[key](e)) and _near(given(e, key), found)

    return sign


def _validation_for_test(e: Evidence) -> bool:
    return e.truth is not None and same(given(e, "test_loss"), e.truth.get("val_loss", math.nan))


def _spread(e: Evidence) -> bool:
    if e.truth is None or "test_error" not in e.truth:
        return False
    return same(given(e, "test_error"), e.truth["test_error"] * math.sqrt(e.truth["test_rows"]))


def _all_rows(e: Evidence) -> bool:
    return e.truth is not None and given(e, "test_rows") in e.truth.get("other_rows", ())


REPORT_NUMBERS = Exercise(
    name="report_numbers",
    points=1,
    kind="value",
    cases=(
        numbers_case("the measured numbers are there", "measured"),
        numbers_case("the others follow from them", "follows"),
    ),
    diagnoses=(
        mistake("no_dictionary/numbers", probe=lambda e: not e["mapping"]),
        mistake("percent_for_share", probe=_is("better_by", lambda e: 100 * _better_by(e))),
        mistake("share_of_the_baseline", probe=_is("better_by", lambda e: 1 - _better_by(e))),
        mistake("sign/errors_apart", probe=_is("errors_apart", lambda e: -_apart(e))),
        mistake(
            "difference_for_errors", probe=_is("errors_apart", lambda e: given(e, "test_loss") - given(e, "val_loss"))
        ),
        mistake("validation_loss_as_test/report", probe=_validation_for_test),
        mistake("spread_not_error/report", probe=_spread),
        mistake("other_rows_counted", probe=_all_rows),
    ),
)
