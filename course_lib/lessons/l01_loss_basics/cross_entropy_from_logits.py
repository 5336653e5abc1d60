"""Lesson 01, `cross_entropy_from_logits`: its visible cases, and what can go wrong from logits to a loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.plain import list_of, number_of
from course_lib.lessons.l01_loss_basics.first_loss_diagnosis import ONE_HOT, as_probabilities
from course_lib.lessons.l01_loss_basics.number_range import (
    CLIPPED,
    INFINITY_REPLACED,
    LOGITS_CLIPPED,
    OVERFLOW,
    not_finite,
    rounded,
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


UNDERFLOW = Diagnosis(
    "underflow",
    "all exponentials of a row are too small to be stored and became 0, and so did their sum, whose logarithm is "
    "infinite. So large a number must not be subtracted: after the subtraction the largest logit of each row must "
    "be 0.",
    probe=_all_underflow,
    look="what is subtracted from a row that holds no large logit",
)


def _no_shift(e: Evidence) -> bool:
    """Whether it is no wrong shift: large logits overflow that lie close together, or such a row is right."""
    low, high = float(np.min(e.inputs[0])), float(np.max(e.inputs[0]))
    far_apart = low < -500 and high > 500 and len(e.inputs[1]) == 1
    return (
        wrong_within_range(e)
        or (not_finite(e) and low > 80)
        or (far_apart and near(number_of(e.result), float(e.expected)))
    )


SHIFT = Diagnosis(
    "shift",
    "an exponential overflowed, or all of a row became 0. A number was subtracted from the logits, but not the one "
    "that is safe: after the subtraction the largest logit of each row must be 0.",
    probe=not_finite,
    denied=_no_shift,
    look="what is subtracted from a row that holds large logits as well as small ones",
)
LOG_OF_ZERO = Diagnosis(
    "log_of_zero",
    "the probability of the right class is too small to be stored and became 0, whose logarithm is infinite. (If "
    "you form no probability, an exponential overflowed: after the shift, the largest logit of each row must be 0.)",
    probe=not_finite,
    denied=wrong_within_range,
    look="whether you need the probability at all: simplify the logarithm of the softmax on paper first",
)
SHIFT_ONE_FOR_ALL = Diagnosis(
    "one_shift_for_all_rows",
    "one number was subtracted from the logits of all rows, and one row is too far below it: all its exponentials "
    "became 0.",
    probe=not_finite,
    denied=_no_shift,
    look="over what the largest logit is taken: each row has its own",
)


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
    Diagnosis(
        "max_for_log_sum",
        "the largest logit stands for the logarithm of the sum; the other classes then cost nothing.",
        claim=_claim(lambda z, t: float(np.mean(z.max(axis=1) - _of_right(z, t)))),
        look="the logarithm of the sum",
    ),
    Diagnosis(
        "perplexity",
        "this is the exponential of the mean cost, which is called perplexity; asked was the cost itself.",
        claim=_claim(_perplexity),
        look="what is done with the mean",
    ),
    Diagnosis(
        "every_class_yes_or_no",
        "the other classes count as well, each with -ln(1 - p); in a cross-entropy of several classes only the right "
        "one enters.",
        claim=_claim(_each_by_itself, lambda z, t: _each_by_itself(z, t) / np.shape(z)[1]),
        look="the terms of each row's cost",
    ),
    Diagnosis(
        "rows_changed",
        "what was subtracted differs within a row, and that changes its softmax: only the same number for all logits "
        "of a row leaves it as it is.",
        claim=_claim(
            *(
                partial(_changed_rows, shift=shift)
                for shift in (lambda z: z.max(axis=0), lambda z: z.mean(axis=0), lambda z: z.min(axis=0))
            )
        ),
        look="the axis over which the largest logit is taken",
    ),
    Diagnosis(
        "rescaled",
        "the logits were divided by something before the softmax. Subtracting a number leaves a softmax as it is; "
        "dividing does not.",
        claim=_claim(
            lambda z, t: _mean_cost(z / np.maximum(np.abs(z).max(axis=1, keepdims=True), 1e-30), t),
            lambda z, t: _mean_cost(z / max(float(np.abs(z).max()), 1e-30), t),
            lambda z, t: _mean_cost(z / np.maximum(z.std(axis=1, keepdims=True), 1e-9), t),
            lambda z, t: _mean_cost((z - z.mean(axis=1, keepdims=True)) / (z.std(axis=1, keepdims=True) + 1e-9), t),
        ),
        look="what is done with the logits before the exponential",
    ),
    Diagnosis(
        "one_too_many",
        "1 was added to the sum of the exponentials, as if there were one more class.",
        claim=_claim(
            lambda z, t: float(
                np.mean(
                    np.logaddexp(_log_sums(z - z.max(axis=1, keepdims=True), 1), 0)
                    - _of_right(z - z.max(axis=1, keepdims=True), t)
                )
            ),
            lambda z, t: float(np.mean(np.logaddexp(_log_sums(z, 1), 0) - _of_right(z, t))),
        ),
        look="the logarithm, and what goes into it",
    ),
    Diagnosis(
        "rows_left_out",
        "not every row is in the mean: the first or the last one is left out, or is the only one.",
        claim=_claim(
            *(
                partial(_some_rows, rows=rows, by_all=by_all)
                for rows in (slice(1, None), slice(None, -1), slice(1), slice(-1, None))
                for by_all in (False, True)
            )
        ),
        look="where the loop over the rows begins and ends, and how far the `return` is indented",
    ),
    Diagnosis(
        "smoothed",
        "the right class counts for less than 1, and the other classes for a little (label smoothing).",
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
        look="the options of the loss",
    ),
    rounded(),
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
        Diagnosis(
            "double_softmax",
            "softmax is applied twice: the probabilities are taken for logits, which flattens them.",
            claim=_claim(lambda z, t: float(np.mean(_plain_log(_of_right(_softmax(_softmax(z)), t))))),
            look="what goes into the second softmax; a library's loss may contain one",
        ),
        Diagnosis(
            "swapped_arguments",
            "the loss got its two arguments in each other's place.",
            probe=lambda e: said(e, r"not implemented for 'Long'|(output|logits)\.shape=\(\d+,\)"),
            look="the call of the loss: the frameworks differ in which of the two comes first",
        ),
        ONE_HOT,
        Diagnosis(
            "probabilities_expected",
            "the logits were taken for probabilities: each row was divided by its sum, without an exponential.",
            claim=_claim(as_probabilities, _divided_by_sum),
            look="the step from the logits to probabilities; a library's loss must be told what it is given",
        ),
        Diagnosis(
            "wrong_axis",
            "softmax runs down the columns: the rows compete with each other instead of the classes of a row.",
            claim=_claim(*_DOWN_THE_COLUMNS),
            look="the axis over which is summed",
        ),
        Diagnosis(
            "whole_table",
            "the exponentials of all rows were added up, so the rows compete with each other.",
            claim=_claim(_over_the_table),
            look="the axis over which is summed",
        ),
        Diagnosis(
            "always_first_class",
            "this is the cost of the first class in every row, whichever class is the right one.",
            claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - z[:, 0]))),
            look="the column that is picked out of each row",
        ),
        Diagnosis(
            "class_before",
            "this is the cost of the class before the right one: classes are counted from 0, as the columns are.",
            claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - _of_right(z, np.asarray(t) - 1)))),
            look="the column that is picked out of each row",
        ),
        Diagnosis(
            "sigmoid",
            "each class was judged by itself, with a sigmoid: the probabilities of a row do not add up to 1.",
            claim=_claim(_sigmoid_of_right, _sigmoid_of_all),
            look="the step from the logits to probabilities",
        ),
        Diagnosis(
            "logit",
            "this is the mean logit of the right class, or minus that: neither softmax nor a logarithm was applied.",
            claim=_claim(lambda z, t: float(np.mean(_of_right(z, t))), lambda z, t: -float(np.mean(_of_right(z, t)))),
            look="the step from the logits to probabilities; a library's loss may expect their logarithms",
        ),
        Diagnosis(
            "sum",
            "this is the sum over the rows, which grows with the batch.",
            claim=_claim(_times(lambda z, t: len(t))),
            look="the last step, from the rows to one number",
        ),
        Diagnosis(
            "times_probability",
            "each row's cost is multiplied by the probability of its right class; but the right class is known, and "
            "counts in full.",
            claim=_claim(_cost(lambda p: np.array([0.0 if one == 0 else -one * math.log(one) for one in p]))),
            look="what is done with the logarithm of the probability",
        ),
        Diagnosis(
            "classes_for_rows",
            "the sum over the rows is divided by the number of classes; asked was the mean over the rows.",
            claim=_claim(_times(lambda z, t: len(t) / np.shape(z)[1])),
            look="what the sum is divided by",
        ),
        Diagnosis(
            "divided_by_classes",
            "the sum is divided by the number of entries of the table, rows times classes.",
            claim=_claim(_times(lambda z, t: 1 / np.shape(z)[1])),
            look="what the mean is taken over: n rows",
        ),
        Diagnosis(
            "sign",
            "the sign is turned: a logarithm of a probability is negative, a loss is not.",
            claim=_claim(_times(lambda z, t: -1)),
            look="the sign of the logarithm",
        ),
        Diagnosis(
            "log2",
            "this is in bits: the logarithm has base 2. Asked were nats, the natural logarithm.",
            claim=_claim(*_logarithm_of(2)),
            look="which logarithm you use",
        ),
        Diagnosis(
            "log10",
            "the logarithm has base 10. Asked was the natural one.",
            claim=_claim(*_logarithm_of(10)),
            look="which logarithm you use",
        ),
        Diagnosis(
            "shifted_once",
            "the two terms do not fit together: a number was subtracted from the logits in the sum and not from the "
            "right class's logit, or the other way round.",
            claim=_claim(*(partial(_shifted_once, sign=sign, shift=shift) for shift in _SHIFTS for sign in (1, -1))),
            look="which logits each of the two terms uses",
        ),
        Diagnosis(
            "no_softmax",
            "this is the logarithm of the logit itself: the logits were taken for probabilities. A logit may be "
            "negative, and then it has no logarithm.",
            claim=_claim(_without_softmax),
            look="the step from the logits to probabilities",
        ),
        Diagnosis(
            "no_logarithm",
            "this is the missing probability, 1 - p; the logarithm is not there.",
            claim=_claim(_cost(lambda p: 1 - p)),
            look="what is done with the probability of the right class",
        ),
        Diagnosis(
            "probability",
            "this is the mean probability of the right class, not what it costs.",
            claim=_claim(_cost(lambda p: p), _cost(lambda p: -p)),
            look="what is done with the probability of the right class",
        ),
        Diagnosis(
            "log_of_mean",
            "the probabilities are averaged first and the logarithm is taken afterwards.",
            claim=_claim(lambda z, t: float(_plain_log(np.mean(_of_right(_softmax(z), t))))),
            look="the order of logarithm and mean",
        ),
        Diagnosis(
            "largest_probability",
            "this uses the class with the largest logit, whether it is the right one or not.",
            claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1) - z.max(axis=1)))),
            look="which class's probability you take",
        ),
        Diagnosis(
            "every_target",
            "each row was held against the right classes of all rows, not only against its own.",
            claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1)[:, None] - z[:, t]))),
            look="how the right class of each row is picked out",
        ),
        Diagnosis(
            "all_classes",
            "the logarithms of all classes are averaged; the targets play no part.",
            claim=_claim(lambda z, t: float(np.mean(_log_sums(z, 1)[:, None] - z))),
            look="how the right class of each row is picked out",
        ),
        *MORE_COSTS,
        Diagnosis(
            "accuracy",
            "this is the share of rows that the largest logit gets right, or wrong; asked was what they cost.",
            claim=_claim(
                lambda z, t: float(np.mean(np.argmax(z, axis=1) == t)),
                lambda z, t: float(np.mean(np.argmax(z, axis=1) != t)),
            ),
            look="which of the two measures was asked for",
        ),
        Diagnosis(
            "one_value_a_row",
            "there is one value for each row; the mean over the rows is missing.",
            probe=lambda e: (list_of(e.result) or None) is not None,
            look="the last step, from the rows to one number",
        ),
    ),
)
