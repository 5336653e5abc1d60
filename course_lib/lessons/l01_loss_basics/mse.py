"""Lesson 01, `mse`: its visible cases, and what can go wrong between two arrays and one number."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.losses import ROUNDED, WRAPS_AROUND, said, whole_inputs

__all__ = ["MSE"]


def _errors(p: Any, t: Any) -> np.ndarray:
    return np.ravel(p).astype(float) - np.ravel(t).astype(float)


def _some_squares(errors: np.ndarray) -> OneOf:
    """Return the mean squares where the first or the last row is left out, or the last one is the only one."""
    parts = (errors[1:], errors[:-1], errors[-1:]) if len(errors) > 1 else ()
    return OneOf(*(np.sum(part**2) / n for part in parts for n in (len(part), len(errors))))


def _other_powers(errors: np.ndarray) -> OneOf:
    return OneOf(*(np.mean(np.abs(errors) ** power) for power in (0.5, 3, 4)), np.mean(errors**2) ** 0.25)


def _huber(errors: np.ndarray) -> OneOf:
    """Return Huber's loss, and the logarithm of the hyperbolic cosine."""
    size = np.abs(errors)
    return OneOf(
        np.mean(np.where(size <= 1, 0.5 * size**2, size - 0.5)), np.mean(np.logaddexp(errors, -errors) - math.log(2))
    )


#: What the mistakes give on the errors of all rows.
_OF_ERRORS: tuple[tuple[str, Callable[[np.ndarray], Any]], ...] = (
    ("always_three_rows", lambda errors: np.sum(errors**2) / 3),
    ("root_divided_by_rows", lambda errors: np.sqrt(np.sum(errors**2)) / len(errors)),
    ("first_row_only", lambda errors: OneOf(*(errors[0] ** 2 / n for n in {1, len(errors)}))),
    ("errors_cut_to_whole_numbers", lambda errors: np.mean(np.trunc(errors) ** 2)),
    ("not_divided/squares", lambda errors: np.sum(errors**2)),
    ("mae", lambda errors: np.mean(np.abs(errors))),
    ("rmse", lambda errors: np.sqrt(np.mean(errors**2))),
    ("half", lambda errors: np.mean(errors**2) / 2),
    ("square_of_mean", lambda errors: np.mean(errors) ** 2),
    ("mean_error", np.mean),
    ("mean_error", lambda errors: -np.mean(errors)),  # targets minus predictions
    ("variance_of_errors", lambda errors: np.var(errors) if len(errors) > 1 else None),
    ("divided_by_n_minus_1", lambda errors: np.sum(errors**2) / (len(errors) - 1) if len(errors) > 1 else None),
    ("divided_by_n_plus_1", lambda errors: np.sum(errors**2) / (len(errors) + 1)),
    ("rows_left_out", _some_squares),
    ("largest_or_median", lambda errors: OneOf(*(of(errors**2) for of in (np.max, np.min, np.median)))),
    ("other_power", _other_powers),
    ("huber", _huber),
    ("zeros_left_out", lambda errors: np.mean(errors[errors != 0] ** 2) if np.any(errors != 0) else None),
)


def _relative(p: np.ndarray, t: np.ndarray) -> OneOf:
    return OneOf(*(np.mean(((p - t) / by) ** 2) for by in (p, t) if np.all(by != 0)))


def _of_logarithms(p: np.ndarray, t: np.ndarray) -> OneOf:
    with np.errstate(all="ignore"):
        return OneOf(*(np.mean((log(np.abs(p)) - log(np.abs(t))) ** 2) for log in (np.log1p, np.log)))


def _squares_subtracted(p: np.ndarray, t: np.ndarray) -> OneOf:
    mean = np.mean(p**2 - t**2)
    return OneOf(mean, -mean, np.mean(np.abs(p**2 - t**2)))


def _inputs_cut(p: np.ndarray, t: np.ndarray) -> OneOf:
    return OneOf(*(np.mean((a - b) ** 2) for a in (p, np.trunc(p)) for b in (t, np.trunc(t))))


#: What they give on both arrays, flat and of floats.
_OF_BOTH: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], Any]], ...] = (
    ("inputs_cut_to_whole_numbers/arrays", _inputs_cut),
    ("relative_errors", _relative),
    ("of_logarithms", _of_logarithms),
    ("rows_not_matched", lambda p, t: OneOf(np.mean((np.sort(p) - np.sort(t)) ** 2), np.mean((p[::-1] - t) ** 2))),
    ("squares_subtracted", _squares_subtracted),
    ("added", lambda p, t: np.mean((p + t) ** 2)),
)


def _broadcast(p: Any, t: Any) -> OneOf | None:
    pairs = (np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2
    return OneOf(np.mean(pairs), np.mean(_errors(p, t) ** 2)) if np.shape(p) != np.shape(t) else None


def _broadcast_sum(p: Any, t: Any) -> OneOf | None:
    total = np.sum((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)
    return OneOf(total, total / len(t)) if np.shape(p) != np.shape(t) and len(t) > 1 else None


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


def _one_value_a_row(e: Evidence) -> bool:
    return len(list_of(e.result) or []) == len(e.inputs[1]) and not _mean_among_others(e)


def _cut(e: Evidence) -> Claim:
    return Claim(e.given, OneOf(float(math.floor(e.expected)), *whole_inputs(e, e.expected)), e.expected)


def _floats(p: Any, t: Any) -> tuple[np.ndarray, np.ndarray]:
    return np.ravel(p).astype(float), np.ravel(t).astype(float)


def _on(of: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda p, t: of(*_floats(p, t))


def _tensors_expected(e: Evidence) -> bool:
    return said(e, "'int' object is not callable") and "loss" in (e.error or {})["line"].lower()


def _case(name: str, predictions: Any, targets: Any, right: float, **how: Any) -> Case:
    return Case(name, (np.array(predictions), np.array(targets)), right, **how)


_BYTES = [np.array(values, dtype=np.uint8) for values in ([250, 3, 100], [230, 10, 101])]

#: The weight of a case that the one line everybody writes first gets right: the exercise is about shapes and types.
_PLAIN = 0.2

MSE = Exercise(
    name="mse",
    points=2,
    cases=(
        _case("three rows", [1.0, 2.0, 4.0], [1.0, 4.0, 1.0], 4.3333333, weight=_PLAIN),
        _case("a single row", [2.5], [1.0], 2.25, weight=_PLAIN),
        _case("predictions of shape (n, 1), targets of shape (n,)", [[1.0], [2.0], [4.0]], [1.0, 4.0, 1.0], 4.3333333),
        _case("predictions of shape (n,), targets of shape (n, 1)", [4.0, 2.0], [[1.0], [2.5]], 4.625),
        _case("four rows of whole numbers", [3, -2, 7, 4], [1, 1, 2, -9], 51.75, weight=_PLAIN),
        _case("whole numbers predicted, targets with fractions", [1, 2], [0.5, 2.75], 0.40625, weight=_PLAIN),
        _case("predictions with fractions, whole targets", [0.5, 2.75], [1, 2], 0.40625, weight=_PLAIN),
        _case("small whole numbers, of type uint8", _BYTES[0], _BYTES[1], 150.0, denies=False),
    ),
    diagnoses=(
        mistake("arrays_for_tensors", probe=_tensors_expected),
        mistake("exclusive_or", probe=lambda e: said(e, "bitwise_xor")),
        WRAPS_AROUND,
        *by_value((name, _on(lambda p, t, of=of: of(p - t))) for name, of in _OF_ERRORS),
        *by_value((("broadcast", _broadcast), ("broadcast_sum", _broadcast_sum))),
        *by_value((name, _on(of)) for name, of in _OF_BOTH),
        mistake("cut_to_whole_number", claim=_cut),
        ROUNDED,
        mistake("more_than_the_mean", probe=_mean_among_others),
        mistake("one_element_array", probe=_one_element),
        mistake("one_value_a_row", probe=_one_value_a_row),
    ),
)
