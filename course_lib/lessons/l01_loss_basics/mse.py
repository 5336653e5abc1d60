"""Lesson 01, `mse`: its visible cases, and what can go wrong between two arrays and one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
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


ONE_ELEMENT = Diagnosis(
    "one_element_array",
    "what came back is an array with one element; a number was asked for.",
    probe=_one_element,
    look="the shape of what you add up",
)


def _by_errors(key: str, says: str, of: Callable[[np.ndarray], Any], look: str) -> Diagnosis:
    return Diagnosis(key, says, faulty=lambda p, t: of(_errors(p, t)), look=look)


def _by_both(key: str, says: str, of: Callable[[np.ndarray, np.ndarray], Any], look: str) -> Diagnosis:
    def faulty(p: Any, t: Any) -> Any:
        with np.errstate(all="ignore"):
            return of(np.ravel(p).astype(float), np.ravel(t).astype(float))

    return Diagnosis(key, says, faulty=faulty, look=look)


def _some_squares(errors: np.ndarray) -> OneOf:
    """Return the mean squares where the first or the last row is left out, or the last one is the only one."""
    parts = (errors[1:], errors[:-1], errors[-1:]) if len(errors) > 1 else ()
    return OneOf(*(float(np.sum(part**2)) / n for part in parts for n in (len(part), len(errors))))


MORE_ERRORS = (
    _by_errors(
        "rows_left_out",
        "not every row is in the mean: the first or the last one is left out, or the last one is the only one.",
        _some_squares,
        "where the loop over the rows begins and ends, and what is kept of the rows before the last one",
    ),
    _by_errors(
        "divided_by_n_plus_1",
        "the sum of squares is divided by n + 1.",
        lambda errors: float(np.sum(errors**2)) / (len(errors) + 1),
        "what the sum is divided by",
    ),
    _by_errors(
        "largest_or_median",
        "this is the largest, the smallest or the middle one of the squared errors; asked was their mean.",
        lambda errors: OneOf(*(float(of(errors**2)) for of in (np.max, np.min, np.median))),
        "how the rows become one number",
    ),
    _by_errors(
        "other_power",
        "the errors are raised to another power than 2, or a root is taken of the mean.",
        lambda errors: OneOf(
            *(float(np.mean(np.abs(errors) ** power)) for power in (0.5, 3, 4)), float(np.mean(errors**2)) ** 0.25
        ),
        "the exponent",
    ),
    _by_errors(
        "huber",
        "large errors count by their size, not by their square: this is a Huber loss or one like it.",
        lambda errors: OneOf(
            float(np.mean(np.where(np.abs(errors) <= 1, 0.5 * errors**2, np.abs(errors) - 0.5))),
            float(np.mean(np.logaddexp(errors, -errors) - math.log(2))),
        ),
        "which loss of a library it is",
    ),
    _by_errors(
        "zeros_left_out",
        "rows without an error are left out of the mean.",
        lambda errors: float(np.mean(errors[errors != 0] ** 2)) if np.any(errors != 0) else None,
        "what the sum is divided by",
    ),
    _by_both(
        "relative_errors",
        "the errors were divided by the targets, or by the predictions, so they have no units any more.",
        lambda p, t: OneOf(*(float(np.mean(((p - t) / by) ** 2)) for by in (p, t) if np.all(by != 0))),
        "what is squared",
    ),
    _by_both(
        "of_logarithms",
        "the errors are those of the logarithms.",
        lambda p, t: OneOf(*(float(np.mean((log(np.abs(p)) - log(np.abs(t))) ** 2)) for log in (np.log1p, np.log))),
        "what is subtracted",
    ),
    _by_both(
        "rows_not_matched",
        "the rows were put into another order: row i of one no longer meets row i of the other.",
        lambda p, t: OneOf(float(np.mean((np.sort(p) - np.sort(t)) ** 2)), float(np.mean((p[::-1] - t) ** 2))),
        "what is done with the arrays before the subtraction",
    ),
    _by_both(
        "squares_subtracted",
        "predictions and targets were squared first and subtracted afterwards.",
        lambda p, t: OneOf(
            *(sign * float(np.mean(p**2 - t**2)) for sign in (1, -1)), float(np.mean(np.abs(p**2 - t**2)))
        ),
        "the order of subtracting and squaring",
    ),
    _by_both(
        "added",
        "predictions and targets were added; asked was their difference.",
        lambda p, t: float(np.mean((p + t) ** 2)),
        "the sign between the two",
    ),
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
        Diagnosis(
            "arrays_for_tensors",
            "one of PyTorch's losses was handed NumPy arrays; it takes tensors.",
            probe=lambda e: said(e, "'int' object is not callable") and "loss" in (e.error or {})["line"].lower(),
            look="what the loss is given",
        ),
        Diagnosis(
            "exclusive_or",
            "in Python `^` is no power but an exclusive or, which works on whole numbers, bit by bit.",
            probe=lambda e: said(e, "bitwise_xor"),
            look="how an error is squared",
        ),
        WRAPS_AROUND,
        Diagnosis(
            "always_three_rows",
            "the sum of squares is divided by 3, whatever the number of rows; 3 is that of one example.",
            faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2)) / 3,
            look="what the sum is divided by",
        ),
        Diagnosis(
            "root_divided_by_rows",
            "the sum of squares had its root taken and was then divided by the number of rows: the length of the "
            "vector of errors is no mean of squares.",
            faulty=lambda p, t: float(np.sqrt(np.sum(_errors(p, t) ** 2))) / np.size(t),
            look="what is computed before the division",
        ),
        Diagnosis(
            "first_row_only",
            "only the first row was counted: the function returns while it still goes through the rows.",
            faulty=lambda p, t: OneOf(*(float(_errors(p, t)[0] ** 2) / by for by in {1, len(t)})),
            look="how far the `return` is indented",
        ),
        Diagnosis(
            "targets_cut_to_whole_numbers",
            "fractions were cut off before the subtraction: one of the two arrays was given the other's kind of "
            "numbers, and whole numbers hold no fractions.",
            faulty=lambda p, t: OneOf(
                *(float(np.mean(_errors(a, b) ** 2)) for a in (p, np.trunc(p)) for b in (t, np.trunc(t)))
            ),
            look="what kind of numbers are subtracted from each other",
        ),
        Diagnosis(
            "errors_cut_to_whole_numbers",
            "fractions were cut off the errors, after the subtraction and before they were squared.",
            faulty=lambda p, t: float(np.mean(np.trunc(_errors(p, t)) ** 2)),
            look="the kind of numbers that the errors are turned into",
        ),
        Diagnosis(
            "broadcast",
            "each prediction was compared with every target: shapes (n, 1) and (n,) broadcast to n rows of n.",
            # Of the two, the predictions alone may have been flattened, or the targets: a case may be right by that.
            faulty=lambda p, t: (
                OneOf(
                    float(np.mean((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)),
                    float(np.mean((np.ravel(p) - np.ravel(t)) ** 2)),
                )
                if np.shape(p) != np.shape(t)
                else None
            ),
            look="the shapes just before the subtraction",
        ),
        Diagnosis(
            "broadcast_sum",
            "each prediction was compared with every target, and the n × n squares were added up or divided by n.",
            faulty=lambda p, t: (
                OneOf(*(float(np.sum((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)) / by for by in (1, len(t))))
                if np.shape(p) != np.shape(t) and len(t) > 1
                else None
            ),
            look="the shapes just before the subtraction",
        ),
        Diagnosis(
            "sum",
            "this is the sum of the squared errors, which grows with the number of rows.",
            faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2)),
            look="the last step, from the sum to the mean",
        ),
        Diagnosis(
            "mae",
            "these are absolute errors; asked were squared ones.",
            faulty=lambda p, t: float(np.mean(np.abs(_errors(p, t)))),
            look="what is done with each error before the mean",
        ),
        Diagnosis(
            "rmse",
            "this is the square root of the mean squared error.",
            faulty=lambda p, t: float(np.sqrt(np.mean(_errors(p, t) ** 2))),
            look="what happens after the mean",
        ),
        Diagnosis(
            "half",
            "this is half the mean squared error, a form that is used where only the gradient matters.",
            faulty=lambda p, t: float(np.mean(_errors(p, t) ** 2)) / 2,
            look="what the sum is divided by",
        ),
        Diagnosis(
            "square_of_mean",
            "the errors are averaged first and squared afterwards, so that errors of opposite sign cancel.",
            faulty=lambda p, t: float(np.mean(_errors(p, t))) ** 2,
            look="the order of squaring and averaging",
        ),
        Diagnosis(
            "mean_error",
            "the errors are not squared, so those of opposite sign cancel.",
            faulty=lambda p, t: float(np.mean(_errors(p, t))),
            look="what is done with each error before the mean",
        ),
        Diagnosis(
            "mean_error_turned",
            "the errors are not squared, so those of opposite sign cancel.",
            faulty=lambda p, t: -float(np.mean(_errors(p, t))),
            look="what is done with each error before the mean",
        ),
        Diagnosis(
            "variance_of_errors",
            "this is the variance of the errors: their mean is subtracted first, so a constant error costs nothing.",
            faulty=lambda p, t: float(np.var(_errors(p, t))) if np.size(t) > 1 else None,
            look="what is subtracted before squaring",
        ),
        Diagnosis(
            "divided_by_n_minus_1",
            "the sum of squares is divided by n - 1, which belongs to the variance of a sample.",
            faulty=lambda p, t: float(np.sum(_errors(p, t) ** 2)) / (np.size(t) - 1) if np.size(t) > 1 else None,
            look="what the sum is divided by",
        ),
        Diagnosis(
            "cut_to_whole_number",
            "the result was cut to a whole number. What is computed from whole numbers can stay whole, and `//` cuts.",
            claim=lambda e: Claim(
                e.given, OneOf(float(math.floor(e.expected)), *whole_inputs(e, e.expected)), e.expected
            ),
            look="what kind of numbers are averaged, and how they are divided",
        ),
        Diagnosis(
            "more_than_the_mean",
            "several things came back, the mean among them; a single number was asked for.",
            probe=_mean_among_others,
            look="what is returned",
        ),
        ONE_ELEMENT,
        *MORE_ERRORS,
        Diagnosis(
            "one_value_a_row",
            "there is one value for each row; the mean over the rows is missing.",
            probe=lambda e: len(list_of(e.result) or []) == len(e.inputs[1]) and not _mean_among_others(e),
            look="the last step, from the rows to one number",
        ),
    ),
)
