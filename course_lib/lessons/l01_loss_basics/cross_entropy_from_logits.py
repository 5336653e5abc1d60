"""Lesson 01, `cross_entropy_from_logits`: its visible cases, and what can go wrong from logits to a loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.first_loss_diagnosis import ONE_HOT, as_probabilities
from course_lib.lessons.l01_loss_basics.number_range import (
    CLIPPED,
    INFINITY_REPLACED,
    LOGITS_CLIPPED,
    OVERFLOW,
    ROUNDED,
    not_finite,
    said,
    wrong_within_range,
)

__all__ = ["CROSS_ENTROPY"]


def _softmax(z: Any, axis: int = 1) -> np.ndarray:
    e = np.exp(np.asarray(z, dtype=float) - np.max(z, axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def _of_right(values: np.ndarray, targets: Any) -> np.ndarray:
    """Return what each row holds for its right class."""
    return np.array([row[t] for row, t in zip(values, targets, strict=True)])


def _cost(of: Callable[[np.ndarray], np.ndarray], axis: int = 1) -> Callable[[Any, Any], float]:
    """Return what the mean would be, with ``of`` in place of −ln."""
    return lambda z, t: float(np.mean(of(_of_right(_softmax(z, axis), t))))


def _plain_log(p: np.ndarray) -> np.ndarray:
    """Return −ln p, infinite where p is 0, without a warning: a check must write nothing to standard error."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-np.log(p))


def _without_softmax(z: Any, t: Any) -> float:
    return float(np.mean(_plain_log(_of_right(np.asarray(z), t))))


def _claim(*of: Callable[[Any, Any], float | None]) -> Callable[[Evidence], Claim | None]:
    """Return the claim of a misconception that gives one of these numbers; none where what came back is no number."""

    def claim(e: Evidence) -> Claim | None:
        given = number_of(e.result)
        if given is None or not math.isfinite(given):
            return None
        return Claim(given, OneOf(*(one(np.asarray(e.inputs[0]), e.inputs[1]) for one in of)), e.expected)

    return claim


def _mean_cost(z: Any, t: Any) -> float:
    """Return what is right."""
    return float(np.mean(_log_sums(z, 1) - _of_right(np.asarray(z), t)))


def _times(factor: Callable[[Any, Any], float]) -> Callable[[Any, Any], float]:
    """Return what an answer gives that is a multiple of what is right."""
    return lambda z, t: factor(z, t) * _mean_cost(z, t)


def _divided_by_sum(z: Any, t: Any) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _without_softmax(z / np.sum(z, axis=1, keepdims=True), t)


def _log_sums(z: Any, axis: int) -> np.ndarray:
    return np.asarray(np.logaddexp.reduce(np.asarray(z, dtype=float), axis=axis))


#: With the sums of the columns: each row's own column, or the mean over all columns.
_DOWN_THE_COLUMNS = (
    _cost(_plain_log, axis=0),
    lambda z, t: float(_log_sums(z, 0).mean() - np.mean(_of_right(np.asarray(z), t))),
    lambda z, t: float(_log_sums(z - z.max(axis=0), 0).mean() - np.mean(_of_right(z - z.max(axis=0), t))),
)


def _over_the_table(z: Any, t: Any) -> float:
    return float(np.logaddexp.reduce(np.ravel(z)) - np.mean(_of_right(np.asarray(z), t)))


def _sigmoid_of_right(z: Any, t: Any) -> float:
    return float(np.mean(np.logaddexp(0, -_of_right(np.asarray(z), t))))


def _sigmoid_of_all(z: Any, t: Any) -> float:
    return float(np.mean(np.logaddexp(0, z)) - np.sum(_of_right(np.asarray(z), t)) / np.size(z))


def _logarithm_of(base: int) -> tuple[Callable[[Any, Any], float], ...]:
    """Return what a logarithm with another base gives, be it of the probability or of the sum alone."""

    def of_sums(z: np.ndarray, t: Any) -> float:
        shifted = z - z.max(axis=1, keepdims=True)
        return float(np.mean(_log_sums(shifted, 1) / math.log(base) - _of_right(shifted, t)))

    return _times(lambda z, t: 1 / math.log(base)), of_sums


def _shifted_once(z: np.ndarray, t: Any, sign: int, shift: Callable[[np.ndarray], float]) -> float:
    return _mean_cost(z, t) + sign * shift(z)


#: Numbers that are subtracted from a row's logits in one of the two terms only.
_SHIFTS: tuple[Callable[[np.ndarray], float], ...] = (
    lambda z: float(z.max(axis=1).mean()),
    lambda z: float(z.mean(axis=1).mean()),
    lambda z: float(z.min(axis=1).mean()),
    lambda z: float(z.max()),
)


def _all_underflow(e: Evidence) -> bool:
    """Whether the logarithm of 0 was taken though no exponential of these logits overflows."""
    return number_of(e.result) == -math.inf and float(np.min(np.max(e.inputs[0], axis=1))) < 700


UNDERFLOW = mistake("underflow", probe=_all_underflow)


def _no_shift(e: Evidence) -> bool:
    """Whether it is no wrong shift: large logits overflow that lie close together, or such a row is right."""
    low, high = float(np.min(e.inputs[0])), float(np.max(e.inputs[0]))
    far_apart = low < -500 and high > 500 and len(e.inputs[1]) == 1
    return (
        wrong_within_range(e)
        or (not_finite(e) and low > 80)
        or (far_apart and near(number_of(e.result), float(e.expected)))
    )


SHIFT = mistake("shift", probe=not_finite, denied=_no_shift)
LOG_OF_ZERO = mistake("log_of_zero/cross_entropy_from_logits", probe=not_finite, denied=wrong_within_range)
SHIFT_ONE_FOR_ALL = mistake("one_shift_for_all_rows", probe=not_finite, denied=_no_shift)


def _changed_rows(z: np.ndarray, t: Any, shift: Callable[[np.ndarray], np.ndarray]) -> float:
    return _mean_cost(z - shift(z), t)


def _some_rows(z: np.ndarray, t: Any, rows: slice, by_all: bool) -> float | None:
    costs = (_log_sums(z, 1) - _of_right(z, t))[rows]
    return float(costs.sum()) / len(t if by_all else costs) if len(costs) else None


def _each_by_itself(z: np.ndarray, t: Any) -> float:
    p = np.clip(_softmax(z), 1e-300, 1 - 1e-16)
    y = np.eye(p.shape[1])[t]
    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1).mean())


def _perplexity(z: np.ndarray, t: Any) -> float:
    return math.exp(min(_mean_cost(z, t), 700.0))


MORE_COSTS = (
    mistake("max_for_log_sum", claim=_claim(lambda z, t: float(np.mean(z.max(axis=1) - _of_right(z, t))))),
    mistake("perplexity", claim=_claim(_perplexity)),
    mistake(
        "every_class_yes_or_no", claim=_claim(_each_by_itself, lambda z, t: _each_by_itself(z, t) / np.shape(z)[1])
    ),
    mistake(
        "rows_changed",
        claim=_claim(
            *(
                partial(_changed_rows, shift=shift)
                for shift in (lambda z: z.max(axis=0), lambda z: z.mean(axis=0), lambda z: z.min(axis=0))
            )
        ),
    ),
    mistake(
        "rescaled",
        claim=_claim(
            lambda z, t: _mean_cost(z / np.maximum(np.abs(z).max(axis=1, keepdims=True), 1e-30), t),
            lambda z, t: _mean_cost(z / max(float(np.abs(z).max()), 1e-30), t),
            lambda z, t: _mean_cost(z / np.maximum(z.std(axis=1, keepdims=True), 1e-9), t),
            lambda z, t: _mean_cost((z - z.mean(axis=1, keepdims=True)) / (z.std(axis=1, keepdims=True) + 1e-9), t),
        ),
    ),
    mistake(
        "one_too_many",
        claim=_claim(
            lambda z, t: float(
                np.mean(
                    np.logaddexp(_log_sums(z - z.max(axis=1, keepdims=True), 1), 0)
                    - _of_right(z - z.max(axis=1, keepdims=True), t)
                )
            ),
            lambda z, t: float(np.mean(np.logaddexp(_log_sums(z, 1), 0) - _of_right(z, t))),
        ),
    ),
    mistake(
        "rows_left_out",
        claim=_claim(
            *(
                partial(_some_rows, rows=rows, by_all=by_all)
                for rows in (slice(1, None), slice(None, -1), slice(1), slice(-1, None))
                for by_all in (False, True)
            )
        ),
    ),
    mistake(
        "smoothed",
        claim=_claim(
            *(
                partial(
                    lambda z, t, share: (
                        (1 - share) * _mean_cost(z, t) + share * float(np.mean(_log_sums(z, 1)[:, None] - z))
                    ),
                    share=share,
                )
                for share in (0.05, 0.1, 0.2)
            )
        ),
    ),
    ROUNDED,
)

#: None of these shows where all exponentials can be stored; a plain case that is wrong denies them.
_OUT_OF_RANGE = (OVERFLOW, SHIFT, SHIFT_ONE_FOR_ALL, LOG_OF_ZERO, CLIPPED)

CROSS_ENTROPY = Exercise(
    name="cross_entropy_from_logits",
    points=3,
    cases=(
        Case(
            "the docstring's example",
            (np.array([[2.0, 0.0, 1.0], [0.0, 3.0, -1.0]]), np.array([2, 1])),
            0.7367449,
            diagnoses=_OUT_OF_RANGE,
        ),
        Case(
            "four equal logits: knowing nothing",
            (np.array([[5.0, 5.0, 5.0, 5.0]]), np.array([1])),
            1.3862944,
            diagnoses=_OUT_OF_RANGE,
        ),
        Case(
            "a logit of 1000",
            (np.array([[1000.0, 990.0]]), np.array([1])),
            10.0000454,
            diagnoses=(OVERFLOW, SHIFT, SHIFT_ONE_FOR_ALL),
            denies=False,
        ),
        Case(
            "a logit of 20000",
            (np.array([[20000.0, 19990.0]]), np.array([1])),
            10.0000454,
            diagnoses=(OVERFLOW, SHIFT, SHIFT_ONE_FOR_ALL),
            weight=0.5,
            denies=False,
        ),
        Case(
            "logits of 1000 and -1000 in one row",
            (np.array([[1000.0, -1000.0, -1000.0, -1000.0, 1000.0]]), np.array([4])),
            0.6931472,
            diagnoses=(SHIFT, OVERFLOW),
            denies=False,
        ),
        Case(
            "a probability too small to be stored",
            (np.array([[0.0, -1000.0]]), np.array([1])),
            1000.0,
            diagnoses=(UNDERFLOW, SHIFT, LOG_OF_ZERO, OVERFLOW, CLIPPED),
            denies=False,
        ),
        Case(
            "three rows, two classes",
            (np.array([[1.0, -1.0], [0.5, 2.0], [-3.0, 0.5]]), np.array([0, 0, 1])),
            0.6193639,
            weight=0.5,
        ),
        Case(
            "two rows that lie far apart",
            (np.array([[1000.0, 1000.0, 999.0], [-900.0, -900.0, -900.0]]), np.array([2, 1])),
            1.4803035,
            diagnoses=(SHIFT_ONE_FOR_ALL, SHIFT, OVERFLOW),
            weight=0.5,
            denies=False,
        ),
    ),
    diagnoses=(
        UNDERFLOW,
        INFINITY_REPLACED,
        LOGITS_CLIPPED,
        mistake(
            "double_softmax/cross_entropy_from_logits",
            claim=_claim(lambda z, t: float(np.mean(_plain_log(_of_right(_softmax(_softmax(z)), t))))),
        ),
        mistake(
            "swapped_loss_arguments/cross_entropy_from_logits",
            probe=lambda e: said(e, r"not implemented for 'Long'|(output|logits)\.shape=\(\d+,\)"),
        ),
        ONE_HOT,
        mistake("probabilities_expected/cross_entropy_from_logits", claim=_claim(as_probabilities, _divided_by_sum)),
        mistake("wrong_axis", claim=_claim(*_DOWN_THE_COLUMNS)),
        mistake("whole_table", claim=_claim(_over_the_table)),
        mistake("always_first_class", claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - z[:, 0])))),
        mistake(
            "class_before", claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - _of_right(z, np.asarray(t) - 1))))
        ),
        mistake("sigmoid", claim=_claim(_sigmoid_of_right, _sigmoid_of_all)),
        mistake(
            "logit/cross_entropy_from_logits",
            claim=_claim(lambda z, t: float(np.mean(_of_right(z, t))), lambda z, t: -float(np.mean(_of_right(z, t)))),
        ),
        mistake("not_divided/cross_entropy_from_logits", claim=_claim(_times(lambda z, t: len(t)))),
        mistake(
            "times_probability",
            claim=_claim(_cost(lambda p: np.array([0.0 if one == 0 else -one * math.log(one) for one in p]))),
        ),
        mistake("classes_for_rows", claim=_claim(_times(lambda z, t: len(t) / np.shape(z)[1]))),
        mistake("divided_by_classes/cross_entropy_from_logits", claim=_claim(_times(lambda z, t: 1 / np.shape(z)[1]))),
        mistake("sign/cross_entropy_from_logits", claim=_claim(_times(lambda z, t: -1))),
        mistake("log2/cross_entropy_from_logits", claim=_claim(*_logarithm_of(2))),
        mistake("log10", claim=_claim(*_logarithm_of(10))),
        mistake(
            "shifted_once",
            claim=_claim(*(partial(_shifted_once, sign=sign, shift=shift) for shift in _SHIFTS for sign in (1, -1))),
        ),
        mistake("no_softmax", claim=_claim(_without_softmax)),
        mistake("no_logarithm", claim=_claim(_cost(lambda p: 1 - p))),
        mistake("probability", claim=_claim(_cost(lambda p: p), _cost(lambda p: -p))),
        mistake("log_of_mean", claim=_claim(lambda z, t: float(_plain_log(np.mean(_of_right(_softmax(z), t)))))),
        mistake("largest_probability", claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - z.max(axis=1))))),
        mistake("every_target", claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1)[:, None] - z[:, t])))),
        mistake("all_classes", claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1)[:, None] - z)))),
        *MORE_COSTS,
        mistake(
            "accuracy/cross_entropy_from_logits",
            claim=_claim(
                lambda z, t: float(np.mean(np.argmax(z, axis=1) == t)),
                lambda z, t: float(np.mean(np.argmax(z, axis=1) != t)),
            ),
        ),
        mistake("one_value_a_row", probe=lambda e: (list_of(e.result) or None) is not None),
    ),
)
