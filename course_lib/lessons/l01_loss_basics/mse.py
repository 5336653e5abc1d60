"""Lesson 01, `mse`: its visible cases, and what can go wrong between two arrays and one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.number_range import WRAPS_AROUND, rounded, said, whole_inputs

__all__ = ["MSE"]


def _errors(p: Any, t: Any) -> np.ndarray:
    return np.ravel(p).astype(float) - np.ravel(t).astype(float)


def _one_element(e: Evidence) -> bool:
    """Whether the right number came back inside an array of one element."""
    items = list_of(e.result)
    while items is not None and len(items) == 1 and number_of(items[0]) is None:
        items = list_of(items[0])
    return items is not None and len(items) == 1


def _mean_among_others(e: Evidence) -> bool:
    """Whether the right number came back beside something that is a list or an array itself."""
    items = list_of(e.result) or []
    return any(list_of(item) is not None for item in items) and any(
        near(number_of(item), float(e.expected)) for item in items
    )


ONE_ELEMENT = mistake("one_element_array", probe=_one_element)


def _by_errors(name: str, of: Callable[[np.ndarray], Any]) -> Diagnosis:
    return mistake(name, faulty=lambda p, t: of(_errors(p, t)))


def _by_both(name: str, of: Callable[[np.ndarray, np.ndarray], Any]) -> Diagnosis:
    def faulty(p: Any, t: Any) -> Any:
        with np.errstate(all="ignore"):
            return of(np.ravel(p).astype(float), np.ravel(t).astype(float))

    return mistake(name, faulty=faulty)


def _some_squares(errors: np.ndarray) -> OneOf:
    """Return the mean squares where the first or the last row is left out, or the last one is the only one."""
    parts = (errors[1:], errors[:-1], errors[-1:]) if len(errors) > 1 else ()
    return OneOf(*(float(np.sum(part**2)) / n for part in parts for n in (len(part), len(errors))))


MORE_ERRORS = (
    _by_errors("rows_left_out/mse", _some_squares),
    _by_errors("divided_by_n_plus_1", lambda errors: float(np.sum(errors**2)) / (len(errors) + 1)),
    _by_errors(
        "largest_or_median", lambda errors: OneOf(*(float(of(errors**2)) for of in (np.max, np.min, np.median)))
    ),
    _by_errors(
        "other_power",
        lambda errors: OneOf(
            *(float(np.mean(np.abs(errors) ** power)) for power in (0.5, 3, 4)), float(np.mean(errors**2)) ** 0.25
        ),
    ),
    _by_errors(
        "huber",
        lambda errors: OneOf(
            float(np.mean(np.where(np.abs(errors) <= 1, 0.5 * errors**2, np.abs(errors) - 0.5))),
            float(np.mean(np.logaddexp(errors, -errors) - math.log(2))),
        ),
    ),
    _by_errors(
        "zeros_left_out", lambda errors: float(np.mean(errors[errors != 0] ** 2)) if np.any(errors != 0) else None
    ),
    _by_both(
        "relative_errors",
        lambda p, t: OneOf(*(float(np.mean(((p - t) / by) ** 2)) for by in (p, t) if np.all(by != 0))),
    ),
    _by_both(
        "of_logarithms",
        lambda p, t: OneOf(*(float(np.mean((log(np.abs(p)) - log(np.abs(t))) ** 2)) for log in (np.log1p, np.log))),
    ),
    _by_both(
        "rows_not_matched",
        lambda p, t: OneOf(float(np.mean((np.sort(p) - np.sort(t)) ** 2)), float(np.mean((p[::-1] - t) ** 2))),
    ),
    _by_both(
        "squares_subtracted/mse",
        lambda p, t: OneOf(
            *(sign * float(np.mean(p**2 - t**2)) for sign in (1, -1)), float(np.mean(np.abs(p**2 - t**2)))
        ),
    ),
    _by_both("added", lambda p, t: float(np.mean((p + t) ** 2))),
    rounded(),
)

MSE = Exercise(
    name="mse",
    points=2,
    cases=(
        Case("three rows", (np.array([1.0, 2.0, 4.0]), np.array([1.0, 4.0, 1.0])), 4.3333333),
        Case("a single row", (np.array([2.5]), np.array([1.0])), 2.25),
        Case(
            "predictions of shape (n, 1), targets of shape (n,)",
            (np.array([[1.0], [2.0], [4.0]]), np.array([1.0, 4.0, 1.0])),
            4.3333333,
        ),
        Case(
            "predictions of shape (n,), targets of shape (n, 1)",
            (np.array([4.0, 2.0]), np.array([[1.0], [2.5]])),
            4.625,
            weight=0.5,
        ),
        Case("four rows of whole numbers", (np.array([3, -2, 7, 4]), np.array([1, 1, 2, -9])), 51.75),
        Case(
            "whole numbers predicted, targets with fractions",
            (np.array([1, 2]), np.array([0.5, 2.75])),
            0.40625,
            weight=0.5,
        ),
        Case(
            "predictions with fractions, whole targets", (np.array([0.5, 2.75]), np.array([1, 2])), 0.40625, weight=0.5
        ),
        Case(
            "small whole numbers, of type uint8",
            (np.array([250, 3, 100], dtype=np.uint8), np.array([230, 10, 101], dtype=np.uint8)),
            150.0,
            weight=0.5,
            denies=False,
        ),
    ),
    diagnoses=(
        mistake(
            "arrays_for_tensors",
            probe=lambda e: said(e, "'int' object is not callable") and "loss" in (e.error or {})["line"].lower(),
        ),
        mistake("exclusive_or", probe=lambda e: said(e, "bitwise_xor")),
        WRAPS_AROUND,
        mistake("always_three_rows", faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2)) / 3),
        mistake("root_divided_by_rows", faulty=lambda p, t: float(np.sqrt(np.sum(_errors(p, t) ** 2))) / np.size(t)),
        mistake(
            "first_row_only/mse", faulty=lambda p, t: OneOf(*(float(_errors(p, t)[0] ** 2) / by for by in {1, len(t)}))
        ),
        mistake(
            "inputs_cut_to_whole_numbers/targets_cut_to_whole_numbers",
            faulty=lambda p, t: OneOf(
                *(float(np.mean(_errors(a, b) ** 2)) for a in (p, np.trunc(p)) for b in (t, np.trunc(t)))
            ),
        ),
        mistake("errors_cut_to_whole_numbers", faulty=lambda p, t: float(np.mean(np.trunc(_errors(p, t)) ** 2))),
        mistake(
            "broadcast",
            faulty=lambda p, t: (
                OneOf(
                    float(np.mean((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)),
                    float(np.mean((np.ravel(p) - np.ravel(t)) ** 2)),
                )
                if np.shape(p) != np.shape(t)
                else None
            ),
        ),
        mistake(
            "broadcast_sum",
            faulty=lambda p, t: (
                OneOf(*(float(np.sum((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)) / by for by in (1, len(t))))
                if np.shape(p) != np.shape(t) and len(t) > 1
                else None
            ),
        ),
        mistake("not_divided/squares", faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2))),
        mistake("mae", faulty=lambda p, t: float(np.mean(np.abs(_errors(p, t))))),
        mistake("rmse", faulty=lambda p, t: float(np.sqrt(np.mean(_errors(p, t) ** 2)))),
        mistake("half", faulty=lambda p, t: float(np.mean(_errors(p, t) ** 2)) / 2),
        mistake("square_of_mean/mse", faulty=lambda p, t: float(np.mean(_errors(p, t))) ** 2),
        mistake("mean_error", faulty=lambda p, t: float(np.mean(_errors(p, t)))),
        mistake("mean_error/mean_error_turned", faulty=lambda p, t: -float(np.mean(_errors(p, t)))),
        mistake("variance_of_errors", faulty=lambda p, t: float(np.var(_errors(p, t))) if np.size(t) > 1 else None),
        mistake(
            "divided_by_n_minus_1/mse",
            faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2)) / (np.size(t) - 1) if np.size(t) > 1 else None,
        ),
        mistake(
            "cut_to_whole_number/mse",
            claim=lambda e: Claim(
                e.given, OneOf(float(math.floor(e.expected)), *whole_inputs(e, e.expected)), e.expected
            ),
        ),
        mistake("more_than_the_mean", probe=_mean_among_others),
        ONE_ELEMENT,
        *MORE_ERRORS,
        mistake(
            "one_value_a_row",
            probe=lambda e: len(list_of(e.result) or []) == len(e.inputs[1]) and not _mean_among_others(e),
        ),
    ),
)
