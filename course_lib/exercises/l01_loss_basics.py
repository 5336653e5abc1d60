"""Lesson 01, loss basics: the graded exercises and their visible cases."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.plain import dict_of, list_of, number_of
from course_lib.exercises.loss_basics_first_loss import ONE_HOT, as_probabilities, first_loss_diagnosis

__all__ = ["exercises"]


def _errors(p: Any, t: Any) -> np.ndarray:
    return np.ravel(p) - np.ravel(t)


def _same(e: Evidence, value: Any) -> bool:
    """Whether the answer gave this number, which is neither 0 nor the right one."""
    return bool(value) and near(number_of(e.result), float(value)) and not near(float(value), float(e.expected))


def _said(e: Evidence, words: str) -> bool:
    """Whether the answer stopped with an error whose message matches the words."""
    return e.error is not None and re.search(words, e.error["message"]) is not None


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


@dataclass(frozen=True)
class _Gives:
    """A misconception that gives one of a few numbers: both how it is recognised and what speaks against it."""

    numbers: Callable[[Evidence], Sequence[float]]

    def probe(self, e: Evidence) -> bool:
        """Whether the answer gave one of the numbers, and that is not what is right."""
        given = number_of(e.result)
        return not near(given, e.expected) and any(value != 0 and near(given, value) for value in self.numbers(e))

    def denied(self, e: Evidence) -> bool:
        """Whether another number was given for inputs of moderate size, on which no second fault interferes."""
        given = number_of(e.result)
        if given is None or not math.isfinite(given) or np.max(np.abs(e.inputs[0])) >= 100:
            return False
        values = self.numbers(e)
        return bool(values) and not any(near(value, given) or near(value, e.expected) for value in values)


def _gives(key: str, says: str, numbers: Callable[[Evidence], Sequence[float]], look: str) -> Diagnosis:
    known = _Gives(numbers)
    return Diagnosis(key, says, probe=known.probe, denied=known.denied, look=look)


def _cut(p: Any, t: Any) -> float:
    return float(np.mean(_errors(np.trunc(p), np.trunc(t)) ** 2))


def _whole(values: Any) -> bool:
    return np.asarray(values).dtype.kind in "iu"


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
    ),
    diagnoses=(
        Diagnosis(
            "arrays_for_tensors",
            "one of PyTorch's losses was handed NumPy arrays; it takes tensors.",
            probe=lambda e: _said(e, "'int' object is not callable") and "loss" in (e.error or {})["line"].lower(),
            look="what the loss is given",
        ),
        Diagnosis(
            "exclusive_or",
            "in Python `^` is no power but an exclusive or, which works on whole numbers, bit by bit.",
            probe=lambda e: _said(e, "bitwise_xor"),
            look="how an error is squared",
        ),
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
        _gives(
            "first_row_only",
            "only the first row was counted: the function returns while it still goes through the rows.",
            numbers=lambda e: [float(_errors(*e.inputs)[0]) ** 2 / by for by in (1, len(e.inputs[0]))],
            look="how far the `return` is indented",
        ),
        Diagnosis(
            "targets_cut_to_whole_numbers",
            "fractions were cut off predictions and targets before the subtraction.",
            faulty=_cut,
            look="what kind of numbers are subtracted from each other",
        ),
        # One of the two took over the other's type: in either direction, or in both.
        *(
            Diagnosis(
                "targets_cut_to_whole_numbers",
                "fractions were cut off before the subtraction: one of the two arrays was given the other's kind of "
                "numbers, and whole numbers hold no fractions.",
                faulty=faulty,
                look="what kind of numbers are subtracted from each other",
            )
            for faulty in (
                lambda p, t: _cut(p, t) if _whole(p) and not _whole(t) else None,
                lambda p, t: _cut(p, t) if _whole(t) and not _whole(p) else None,
            )
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
            faulty=lambda p, t: (
                float(np.mean((np.reshape(p, (-1, 1)) - np.ravel(t)) ** 2)) if np.shape(p) != np.shape(t) else None
            ),
            look="the shapes just before the subtraction",
        ),
        Diagnosis(
            "broadcast_sum",
            "each prediction was compared with every target, and the n × n squares were added up or divided by n.",
            probe=lambda e: any(
                math.isclose(number_of(e.result) or 0.0, total / by, rel_tol=1e-6)
                for total in [float(np.sum((np.reshape(e.inputs[0], (-1, 1)) - np.ravel(e.inputs[1])) ** 2))]
                for by in (1, len(np.ravel(e.inputs[1])))
                if len(np.ravel(e.inputs[1])) > 1 and np.shape(e.inputs[0]) != np.shape(e.inputs[1])
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
            probe=lambda e: _same(e, math.floor(e.expected)),
            look="what kind of numbers are averaged, and how they are divided",
        ),
        Diagnosis(
            "more_than_the_mean",
            "several things came back, the mean among them; a single number was asked for.",
            probe=_mean_among_others,
            look="what is returned",
        ),
        ONE_ELEMENT,
        Diagnosis(
            "one_value_a_row",
            "there is one value for each row; the mean over the rows is missing.",
            probe=lambda e: (list_of(e.result) or None) is not None,
            look="the last step, from the rows to one number",
        ),
    ),
)


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


def _times(factor: Callable[[Any, Any], float]) -> Callable[[Evidence], list[float]]:
    """Return what gives a multiple of what is right."""
    return lambda e: [factor(*e.inputs) * float(e.expected)]


def _rows_compete(*of: Callable[[Any, Any], float]) -> Callable[[Evidence], list[float]]:
    """Return what gives the values of these functions, where there is more than one row."""
    return lambda e: [value(*e.inputs) for value in of] if len(e.inputs[1]) > 1 else []


def _divided_by_sum(z: Any, t: Any) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return _without_softmax(z / np.sum(z, axis=1, keepdims=True), t)


def _log_sums(z: Any, axis: int) -> np.ndarray:
    return np.asarray(np.logaddexp.reduce(np.asarray(z, dtype=float), axis=axis))


#: With the sums of the columns: each row's own column, or the mean over all columns.
_DOWN_THE_COLUMNS = (
    _cost(_plain_log, axis=0),
    lambda z, t: float(_log_sums(z, 0).mean() - np.mean(_of_right(np.asarray(z), t))),
)


def _over_the_table(z: Any, t: Any) -> float:
    return float(np.logaddexp.reduce(np.ravel(z)) - np.mean(_of_right(np.asarray(z), t)))


def _sigmoid_of_right(z: Any, t: Any) -> float:
    return float(np.mean(np.logaddexp(0, -_of_right(np.asarray(z), t))))


def _sigmoid_of_all(z: Any, t: Any) -> float:
    return float(np.mean(np.logaddexp(0, z)) - np.sum(_of_right(np.asarray(z), t)) / np.size(z))


def _logarithm_of(base: int) -> Callable[[Evidence], list[float]]:
    """Return what a logarithm with another base gives, be it of the probability or of the sum alone."""

    def of_sums(z: np.ndarray, t: Any) -> float:
        shifted = z - z.max(axis=1, keepdims=True)
        return float(np.mean(_log_sums(shifted, 1) / math.log(base) - _of_right(shifted, t)))

    return lambda e: [float(e.expected) / math.log(base), of_sums(np.asarray(e.inputs[0]), e.inputs[1])]


def _shifted_once(e: Evidence) -> list[float]:
    """Return what comes of a number that is subtracted from a row's logits in one of the two terms only."""
    z = np.asarray(e.inputs[0])
    shifts = z.max(axis=1).mean(), z.mean(axis=1).mean(), z.min(axis=1).mean(), z.max()
    return [float(e.expected) + sign * float(shift) for shift in shifts if shift != 0 for sign in (1, -1)]


def _not_finite(e: Evidence) -> bool:
    if e.error is not None:
        if e.error["type"] == "ValueError":  # math.log(0) and math.exp(inf), in the words of several Pythons
            return any(words in e.error["message"] for words in ("math domain", "math range", "a positive input"))
        return e.error["type"] in ("OverflowError", "ZeroDivisionError", "FloatingPointError")
    number = number_of(e.result)
    return number is not None and not math.isfinite(number)


def _all_underflow(e: Evidence) -> bool:
    """Whether the logarithm of 0 was taken though no exponential of these logits overflows."""
    return number_of(e.result) == -math.inf and float(np.max(e.inputs[0])) < 700


UNDERFLOW = Diagnosis(
    "underflow",
    "all exponentials of a row are too small to be stored and became 0, and so did their sum, whose logarithm is "
    "infinite. So large a number must not be subtracted: after the subtraction the largest logit of each row must "
    "be 0.",
    probe=_all_underflow,
    look="what is subtracted from a row that holds no large logit",
)
OVERFLOW = Diagnosis(
    "overflow",
    "the exponential of 1000 is larger than the largest number that can be stored, and what is computed from it is "
    "no number.",
    probe=_not_finite,
    look="what could be subtracted from all logits of a row without changing its softmax",
)
SHIFT = Diagnosis(
    "shift",
    "an exponential overflowed, or all of a row became 0. A number was subtracted from the logits, but not the one "
    "that is safe: after the subtraction the largest logit of each row must be 0.",
    probe=_not_finite,
    look="what is subtracted from a row that holds 1000 as well as -1000",
)
LOG_OF_ZERO = Diagnosis(
    "log_of_zero",
    "the probability of the right class is too small to be stored and became 0, whose logarithm is infinite. (If "
    "you form no probability, an exponential overflowed: after the shift, the largest logit of each row must be 0.)",
    probe=_not_finite,
    look="whether you need the probability at all: simplify the logarithm of the softmax on paper first",
)
#: Limits that people set by hand to a logit or to what a row may cost.
_ROUND_LIMITS = (50, 100, 200, 250, 300, 400, 500, 600)


def _limited(e: Evidence) -> bool:
    """Whether the cost stopped at a limit: −ln of what is added to a probability, or a round number."""
    given = float(number_of(e.result) or 0.0)
    # -ln of what people add or clip to, 0.0001 to 1e-18, or the smallest number that can be stored.
    return 9 < given < 42 or 680 < given < 746 or any(near(given, limit) for limit in _ROUND_LIMITS)


CLIPPED = Diagnosis(
    "clipped",
    "the probability, the logits or the cost were kept within limits, for instance with a small number that is added, "
    "so that the loss cannot rise above a limit, however wrong the model is.",
    probe=_limited,
    look="whether you need the probability at all: simplify the logarithm of the softmax on paper first",
)

CROSS_ENTROPY = Exercise(
    name="cross_entropy_from_logits",
    points=3,
    cases=(
        Case(
            "the docstring's example",
            (np.array([[2.0, 0.0, 1.0], [0.0, 3.0, -1.0]]), np.array([2, 1])),
            0.7367449,
        ),
        Case("four equal logits: knowing nothing", (np.array([[5.0, 5.0, 5.0, 5.0]]), np.array([1])), 1.3862944),
        Case(
            "a logit of 1000",
            (np.array([[1000.0, 990.0]]), np.array([1])),
            10.0000454,
            diagnoses=(OVERFLOW,),
        ),
        Case(
            "logits of 1000 and -1000 in one row",
            (np.array([[1000.0, -1000.0, -1000.0, -1000.0, 1000.0]]), np.array([4])),
            0.6931472,
            diagnoses=(SHIFT, OVERFLOW),
        ),
        Case(
            "a probability too small to be stored",
            (np.array([[0.0, -1000.0]]), np.array([1])),
            1000.0,
            diagnoses=(UNDERFLOW, LOG_OF_ZERO, SHIFT, OVERFLOW, CLIPPED),
        ),
    ),
    diagnoses=(
        UNDERFLOW,
        Diagnosis(
            "double_softmax",
            "softmax is applied twice: the probabilities are taken for logits, which flattens them.",
            faulty=lambda z, t: float(np.mean(_plain_log(_of_right(_softmax(_softmax(z)), t)))),
            look="what goes into the second softmax; a library's loss may contain one",
        ),
        Diagnosis(
            "swapped_arguments",
            "the loss got its two arguments in each other's place.",
            probe=lambda e: _said(e, r"not implemented for 'Long'|(output|logits)\.shape=\(\d+,\)"),
            look="the call of the loss: the frameworks differ in which of the two comes first",
        ),
        ONE_HOT,
        Diagnosis(
            "probabilities_expected",
            "the logits were taken for probabilities: each row was divided by its sum, without an exponential.",
            probe=lambda e: (
                np.max(np.abs(e.inputs[0])) < 100
                and any(_same(e, of(*e.inputs)) for of in (as_probabilities, _divided_by_sum))
            ),
            look="the step from the logits to probabilities; a library's loss must be told what it is given",
        ),
        _gives(
            "wrong_axis",
            "softmax runs down the columns: the rows compete with each other instead of the classes of a row.",
            numbers=_rows_compete(*_DOWN_THE_COLUMNS),
            look="the axis over which is summed",
        ),
        _gives(
            "whole_table",
            "the exponentials of all rows were added up, so the rows compete with each other.",
            numbers=_rows_compete(_over_the_table),
            look="the axis over which is summed",
        ),
        Diagnosis(
            "always_first_class",
            "this is the cost of the first class in every row, whichever class is the right one.",
            faulty=lambda z, t: float(np.mean(_plain_log(_softmax(z)[:, 0]))),
            look="the column that is picked out of each row",
        ),
        Diagnosis(
            "class_before",
            "this is the cost of the class before the right one: classes are counted from 0, as the columns are.",
            faulty=lambda z, t: OneOf(
                float(np.mean(_plain_log(_of_right(_softmax(z), np.asarray(t) - 1)))),
                float(np.mean(_log_sums(z, 1) - _of_right(z, np.asarray(t) - 1))),
            ),
            look="the column that is picked out of each row",
        ),
        _gives(
            "sigmoid",
            "each class was judged by itself, with a sigmoid: the probabilities of a row do not add up to 1.",
            numbers=lambda e: [of(*e.inputs) for of in (_sigmoid_of_right, _sigmoid_of_all)],
            look="the step from the logits to probabilities",
        ),
        _gives(
            "logit",
            "this is the mean logit of the right class, or minus that: neither softmax nor a logarithm was applied.",
            numbers=lambda e: [sign * float(np.mean(_of_right(*e.inputs))) for sign in (1, -1)],
            look="the step from the logits to probabilities; a library's loss may expect their logarithms",
        ),
        _gives(
            "sum",
            "this is the sum over the rows, which grows with the batch.",
            numbers=_times(lambda z, t: len(t)),
            look="the last step, from the rows to one number",
        ),
        Diagnosis(
            "times_probability",
            "each row's cost is multiplied by the probability of its right class; but the right class is known, and "
            "counts in full.",
            faulty=_cost(lambda p: np.array([0.0 if one == 0 else -one * math.log(one) for one in p])),
            look="what is done with the logarithm of the probability",
        ),
        _gives(
            "classes_for_rows",
            "the sum over the rows is divided by the number of classes; asked was the mean over the rows.",
            numbers=_times(lambda z, t: len(t) / np.shape(z)[1]),
            look="what the sum is divided by",
        ),
        _gives(
            "divided_by_classes",
            "the sum is divided by the number of entries of the table, rows times classes.",
            numbers=_times(lambda z, t: 1 / np.shape(z)[1]),
            look="what the mean is taken over: n rows",
        ),
        _gives(
            "sign",
            "the sign is turned: a logarithm of a probability is negative, a loss is not.",
            numbers=_times(lambda z, t: -1),
            look="the sign of the logarithm",
        ),
        _gives(
            "log2",
            "this is in bits: the logarithm has base 2. Asked were nats, the natural logarithm.",
            numbers=_logarithm_of(2),
            look="which logarithm you use",
        ),
        _gives(
            "log10",
            "the logarithm has base 10. Asked was the natural one.",
            numbers=_logarithm_of(10),
            look="which logarithm you use",
        ),
        _gives(
            "shifted_once",
            "the two terms do not fit together: a number was subtracted from the logits in the sum and not from the "
            "right class's logit, or the other way round.",
            numbers=_shifted_once,
            look="which logits each of the two terms uses",
        ),
        Diagnosis(
            "no_softmax",
            "this is the logarithm of the logit itself: the logits were taken for probabilities. A logit may be "
            "negative, and then it has no logarithm.",
            faulty=_without_softmax,
            look="the step from the logits to probabilities",
        ),
        Diagnosis(
            "no_logarithm",
            "this is the missing probability, 1 - p; the logarithm is not there.",
            faulty=_cost(lambda p: 1 - p),
            look="what is done with the probability of the right class",
        ),
        _gives(
            "probability",
            "this is the mean probability of the right class, not what it costs.",
            numbers=lambda e: [sign * _cost(lambda p: p)(*e.inputs) for sign in (1, -1)],
            look="what is done with the probability of the right class",
        ),
        Diagnosis(
            "log_of_mean",
            "the probabilities are averaged first and the logarithm is taken afterwards.",
            faulty=lambda z, t: float(_plain_log(np.mean(_of_right(_softmax(z), t)))),
            look="the order of logarithm and mean",
        ),
        Diagnosis(
            "largest_probability",
            "this uses the class with the largest logit, whether it is the right one or not.",
            faulty=lambda z, t: float(np.mean(_plain_log(_softmax(z).max(axis=1)))),
            look="which class's probability you take",
        ),
        Diagnosis(
            "every_target",
            "each row was held against the right classes of all rows, not only against its own.",
            faulty=lambda z, t: (
                float(np.mean(_plain_log(_softmax(z)[:, t]))) if np.min(z) > -500 and len(t) > 1 else None
            ),
            look="how the right class of each row is picked out",
        ),
        Diagnosis(
            "all_classes",
            "the logarithms of all classes are averaged; the targets play no part.",
            faulty=lambda z, t: float(np.mean(_plain_log(_softmax(z)))) if np.min(z) > -500 else None,
            look="how the right class of each row is picked out",
        ),
        Diagnosis(
            "accuracy",
            "this is the share of rows that are answered rightly, not what they cost.",
            faulty=lambda z, t: float(np.mean(np.argmax(z, axis=1) == t)),
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


def _ce(key: str, says: str, of: Callable[[int], float], look: str) -> Diagnosis:
    return Diagnosis(key, says, faulty=lambda k, t: {"cross_entropy": of(k)}, look=look)


def _entropy(targets: Any) -> float:
    shares = np.unique(targets, return_counts=True)[1] / len(targets)
    return float(-np.sum(shares * np.log(shares)))


def _mode(targets: np.ndarray) -> float:
    values, counts = np.unique(targets, return_counts=True)
    return float(values[counts.argmax()])


def _mse(key: str, says: str, of: Callable[[np.ndarray], float | None], look: str) -> Diagnosis:
    def faulty(k: int, t: Any) -> dict[str, float] | None:
        value = of(np.asarray(t, dtype=float))
        return None if value is None else {"mse": float(value)}

    return Diagnosis(key, says, faulty=faulty, look=look)


def _entry(e: Evidence, name: str, value: float) -> bool:
    """Whether the dictionary that came back holds this number under the name."""
    return near(number_of((dict_of(e.result) or {}).get(name)), value)


_WHAT_IT_COSTS = "what a probability of 1/K costs"
_EXCHANGED = Diagnosis(
    "exchanged",
    "the two numbers stand in each other's place.",
    probe=lambda e: _entry(e, "cross_entropy", float(np.var(e.inputs[1]))) and _entry(e, "mse", math.log(e.inputs[0])),
    look="the names that the two numbers get",
)
CROSS_ENTROPY_MISTAKES = (
    _EXCHANGED,
    _ce("chance_accuracy", "1/K is how often a blind guess is right: an accuracy, not a loss.", lambda k: 1 / k,
        _WHAT_IT_COSTS),
    _ce("error_rate", "1 - 1/K is how often a blind guess is wrong: an error rate, not a cross-entropy.",
        lambda k: 1 - 1 / k, _WHAT_IT_COSTS),
    _ce("sign", "the sign is turned: the logarithm of a probability is negative, a loss is not.",
        lambda k: -math.log(k), "the sign of the logarithm"),
    _ce("log2", "this is in bits: the logarithm has base 2. Asked were nats.", math.log2, "which logarithm you use"),
    _ce("log10", "the logarithm has base 10. Asked was the natural one.", math.log10, "which logarithm you use"),
    _ce("divided_by_classes", "the cost of the right class is multiplied by its probability, 1/K; but the right class "
        "is the right one in every row.", lambda k: math.log(k) / k, "what is averaged: rows, not classes"),
    _ce("times_classes", "what the right class costs is multiplied by the number of classes; but only the right class "
        "costs something in a row.", lambda k: k * math.log(k), "what is averaged: rows, not classes"),
    _ce("classes", "this is the number of classes itself.", float, _WHAT_IT_COSTS),
    _ce("two_classes", "this is the baseline of two classes, whatever their number.", lambda k: math.log(2),
        "where the number of classes comes in"),
    Diagnosis("rows_for_classes", "this depends on the targets instead of the number of classes.",
              probe=lambda e: any(_entry(e, "cross_entropy", math.log(n)) for n in (len(e.inputs[1]),
                                                                                     len(set(e.inputs[1].tolist())))),
              look="which of the two arguments the classes come from"),
    Diagnosis("entropy_of_targets", "this is the entropy of the targets: how evenly their values are spread. The "
              "targets belong to the other model; a classifier that knows nothing gives each class the same.",
              faulty=lambda k, t: {"cross_entropy": _entropy(t)},
              look="which of the two arguments the classes come from"),
    Diagnosis("summed_over_rows", "what one row costs is multiplied by the number of targets; asked was the mean.",
              faulty=lambda k, t: {"cross_entropy": len(t) * math.log(k)}, look="what is averaged"),
)  # fmt: skip


def _squares_subtracted(k: int, t: np.ndarray) -> OneOf | None:
    """Return what the mean of the squares minus the square of the mean gives, where the type holds too few digits."""
    squares, mean = np.mean(t**2), np.mean(t)
    values = {float(squares - mean**2), float(squares - float(mean) ** 2), float(squares) - float(mean) ** 2}
    return OneOf(*({"mse": value} for value in sorted(values))) if t.dtype == np.float32 else None


MSE_MISTAKES = (
    _EXCHANGED,
    Diagnosis("one_value_a_row", "there is one value for each row; the mean over the rows is missing.",
              probe=lambda e: bool(list_of((dict_of(e.result) or {}).get("mse", {"kind": "none"}))),
              look="the last step, from the rows to one number"),
    _mse("half", "this is half the mean squared error, a form that is used where only the gradient matters.",
         lambda t: np.var(t) / 2, "what the sum is divided by"),
    _mse("standard_deviation", "this is the standard deviation, the square root of what was asked.", np.std,
         "what happens after the mean"),
    _mse("sample_variance", "the sum of squares is divided by n - 1; a mean over n rows divides by n.",
         lambda t: np.var(t, ddof=1) if len(t) > 1 else None, "what the sum is divided by"),
    _mse("absolute_errors", "these are absolute errors; asked were squared ones.",
         lambda t: np.mean(np.abs(t - t.mean())), "what is done with each error"),
    _mse("predicts_mode", "this is the loss of a model that says the most frequent target; asked was one that says the "
         "mean.", lambda t: float(np.mean((t - _mode(t)) ** 2)), "what the model predicts"),
    _mse("predicts_middle", "this is the loss of a model that says the middle between the smallest and the largest "
         "target; asked was one that says the mean.", lambda t: np.mean((t - (t.min() + t.max()) / 2) ** 2),
         "what the model predicts"),
    Diagnosis("predicts_whole_number", "the prediction was cut to a whole number, since the targets are whole numbers.",
              faulty=lambda k, t: (
                  {"mse": float(np.mean((t - np.trunc(t.mean())) ** 2))} if t.dtype.kind in "iu" else None
              ),
              look="what kind of array holds the prediction"),
    _mse("predicts_zero", "this is the loss of a model that always says 0; asked was one that says the mean.",
         lambda t: np.mean(t**2), "what the model predicts"),
    _mse("predicts_median", "this is the loss of a model that says the median; asked was one that says the mean.",
         lambda t: np.mean((t - np.median(t)) ** 2), "what the model predicts"),
    _mse("sum", "this is the sum of the squared errors, which grows with the number of rows.",
         lambda t: np.sum((t - t.mean()) ** 2), "the last step, from the sum to the mean"),
    _mse("mean_of_targets", "this is what the model predicts, not what its errors cost.", np.mean,
         "what is done with the prediction"),
    Diagnosis("squares_subtracted", "the square of the mean is subtracted from the mean of the squares: two large "
              "numbers that differ little. Type float32 holds about seven digits, and the difference lies behind them.",
              faulty=_squares_subtracted, look="what is rounded before the subtraction"),
    _mse("errors_cancel", "the errors are not squared, so they cancel.", lambda t: 0.0,
         "what is done with each error"),
)  # fmt: skip


def _baseline_case(name: str, part: str, inputs: tuple[Any, ...], right: float, run: str) -> Case:
    mistakes = CROSS_ENTROPY_MISTAKES if part == "cross_entropy" else MSE_MISTAKES
    return Case(name, inputs, {part: right}, run=run, diagnoses=mistakes)


TEN = (10, np.array([1.0, 2.0, 2.0, 6.0]))
TWO = (2, np.array([-4, 0, 3, 6, 6]))
NARROW = (5, np.array([5000.25, 5001.5, 4999.0, 5003.25], dtype=np.float32))

BASELINES = Exercise(
    name="baseline_losses",
    points=2,
    cases=(
        _baseline_case("the cross-entropy for ten classes", "cross_entropy", TEN, 2.3025851, "ten"),
        _baseline_case("the mean squared error for targets 1, 2, 2, 6", "mse", TEN, 3.6875, "ten"),
        _baseline_case("the cross-entropy for two classes", "cross_entropy", TWO, 0.6931472, "two"),
        _baseline_case("the mean squared error for whole numbers, some of them negative", "mse", TWO, 14.56, "two"),
        _baseline_case("the mean squared error for large targets of type float32", "mse", NARROW, 2.46875, "narrow"),
    ),
)


def exercises(track: str) -> tuple[Exercise, ...]:
    """Return the lesson's exercises in one track, in order."""
    return MSE, CROSS_ENTROPY, BASELINES, first_loss_diagnosis(track)
