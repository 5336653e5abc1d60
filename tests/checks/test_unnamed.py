"""Why a misconception was not named is told to whoever writes the check: each reason, made on purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks import Case, Diagnosis, Exercise, run_exercise
from course_lib.checks.judging import seen_in
from course_lib.checks.unnamed import why_unnamed

SUM = Diagnosis("sum", "this is the sum.", faulty=lambda values: float(sum(values)))
MEDIAN = Diagnosis("median", "this is the median.", faulty=lambda values: float(np.median(values)))
DOUBLED = Diagnosis("doubled", "this is twice the mean.", faulty=lambda values: 2 * float(np.mean(values)))


def why(answer: Callable[[Any], Any], key: str, *inputs: tuple[float, ...], known: tuple[Diagnosis, ...]) -> str:
    cases = tuple(Case(f"mean of {values}", (list(values),), sum(values) / len(values)) for values in inputs)
    exercise = Exercise("mean", 1, cases, known)
    result = run_exercise(exercise, answer, lesson="x", track="keras", graded=True)
    assert key not in [case.diagnosis for case in result.cases]
    runs = {str(one["run"]): one["seen"] for one in result.evidence}
    return why_unnamed([seen_in(exercise, case, runs, 0) for case in cases], key)


def test_a_key_that_the_exercise_does_not_know() -> None:
    assert why(lambda v: 7.5, "mode", (2.0, 6.5), known=(SUM,)) == "no mistake of this exercise is called mode"


def test_a_mistake_that_fits_no_failed_case() -> None:
    assert why(lambda v: 7.5, "sum", (2.0, 6.5), known=(SUM,)) == "sum fits none of the cases that failed"


def test_a_mistake_that_another_case_contradicts() -> None:
    told = why(lambda v: 8.5, "sum", (2.0, 6.5), (1.0, 2.0, 6.0), known=(SUM,))
    assert told == "sum is contradicted by “mean of (1.0, 2.0, 6.0)”"


def test_values_that_many_faults_give() -> None:
    told = why(lambda v: 3.0, "median", (1.0, 3.0, 8.5), known=(MEDIAN,))  # how many there are, too
    assert told.startswith("only values that many faults give")


def test_two_mistakes_with_the_same_values() -> None:
    told = why(sum, "sum", (2.0, 6.5), (1.5, 3.0), known=(SUM, DOUBLED))
    assert told == "doubled explains as many of the failed cases or more; let their values differ"
