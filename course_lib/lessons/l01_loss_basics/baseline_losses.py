"""Lesson 01, loss basics: the graded exercises and their visible cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Claim, Diagnosis, OneOf
from course_lib.checks.plain import dict_of, list_of, number_of
from course_lib.lessons.l01_loss_basics.number_range import SQUARES_SUBTRACTED, SQUARES_WRAP, rounded

__all__ = ["BASELINES"]


def _in(name: str, value: Any) -> Any:
    """Return a value, or each of several, as the entry of a dictionary."""
    if isinstance(value, OneOf):
        return OneOf(*({name: float(one)} for one in value.values))
    return None if value is None else {name: float(value)}


def _rounded_entry(name: str) -> Diagnosis:
    plain = rounded()

    def claim(e: Evidence) -> Claim | None:
        if not isinstance(e.expected, dict) or name not in e.expected:
            return None
        entry = (dict_of(e.result) or {}).get(name)
        right = float(e.expected[name])
        return Claim(entry, OneOf(*(round(right, digits) for digits in (1, 2, 3))), right)

    return replace(plain, claim=claim)


def _ce(key: str, says: str, of: Callable[[int], Any], look: str) -> Diagnosis:
    return Diagnosis(key, says, faulty=lambda k, t: _in("cross_entropy", of(k)), look=look)


def _entropy(targets: Any) -> float:
    shares = np.unique(targets, return_counts=True)[1] / len(targets)
    return float(-np.sum(shares * np.log(shares)))


def _mode(targets: np.ndarray) -> float:
    values, counts = np.unique(targets, return_counts=True)
    return float(values[counts.argmax()])


def _mse(key: str, says: str, of: Callable[[np.ndarray], Any], look: str) -> Diagnosis:
    return Diagnosis(key, says, faulty=lambda k, t: _in("mse", of(np.asarray(t, dtype=float))), look=look)


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
    _ce("one_class_more_or_less", "this is the baseline of one class more, or of one less.",
        lambda k: OneOf(math.log(k + 1), math.log(k - 1) if k > 1 else None),
        "the number that the logarithm is taken of"),
    _ce("yes_or_no", "this is the entropy of one class against all others; a classifier chooses among all of them.",
        lambda k: OneOf(-(math.log(1 / k) / k + (1 - 1 / k) * math.log(1 - 1 / k)) if k > 1 else None,
                        -math.log(1 - 1 / k) if k > 1 else None), "which probabilities enter the loss"),
    _ce("number_of_classes_fixed", "this is the baseline of a fixed number of classes, whatever `n_classes` is.",
        lambda k: OneOf(*(math.log(n) for n in (3, 10, 100))), "where the number of classes comes in"),
    _rounded_entry("cross_entropy"),
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
MSE_MISTAKES = (
    _EXCHANGED,
    SQUARES_WRAP,
    SQUARES_SUBTRACTED,
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
    Diagnosis("predicts_whole_number", "the prediction was made a whole number; the mean of the targets is a fraction.",
              faulty=lambda k, t: OneOf(
                  *({"mse": float(np.mean((t.astype(float) - cut(t.mean())) ** 2))} for cut in (np.trunc, np.round)),
                  {"mse": float(np.var(t))} if t.dtype.kind == "f" else None,
              ),
              look="what kind of number, or of array, holds the prediction"),
    _mse("predicts_one_target", "this is the loss of a model that says one of the targets, such as the first or the "
         "largest; asked was one that says their mean.",
         lambda t: OneOf(*(float(np.mean((t - of) ** 2)) for of in (t[0], t[-1], t.max(), t.min()))),
         "what the model predicts"),
    _mse("square_of_mean", "this is the square of the mean; asked was the mean squared distance from the mean.",
         lambda t: t.mean() ** 2, "what is squared"),
    _rounded_entry("mse"),
    _mse("predicts_zero", "this is the loss of a model that always says 0; asked was one that says the mean.",
         lambda t: np.mean(t**2), "what the model predicts"),
    _mse("predicts_median", "this is the loss of a model that says the median; asked was one that says the mean.",
         lambda t: np.mean((t - np.median(t)) ** 2), "what the model predicts"),
    _mse("sum", "this is the sum of the squared errors, which grows with the number of rows.",
         lambda t: np.sum((t - t.mean()) ** 2), "the last step, from the sum to the mean"),
    _mse("mean_of_targets", "this is what the model predicts, not what its errors cost.", np.mean,
         "what is done with the prediction"),
    Diagnosis("errors_cancel", "the loss came out as 0, though the targets differ. Errors that are averaged before "
              "they are squared, or not squared at all, cancel.",
              probe=lambda e: _entry(e, "mse", 0.0), look="what is done with each error"),
)  # fmt: skip


def _baseline_case(name: str, part: str, inputs: tuple[Any, ...], right: float, run: str, **how: Any) -> Case:
    mistakes = CROSS_ENTROPY_MISTAKES if part == "cross_entropy" else MSE_MISTAKES
    return Case(name, inputs, {part: right}, run=run, diagnoses=mistakes, **how)


TEN = (10, np.array([1.0, 2.0, 2.0, 6.0]))
TWO = (2, np.array([-4, 0, 3, 6, 6]))
NARROW = (5, np.array([5000.25, 5001.5, 4999.0, 5003.25], dtype=np.float32))
#: Numbers of a type whose squares do not fit into it.
SMALL = (5, np.array([20, 200, 40, 100], dtype=np.uint8))

BASELINES = Exercise(
    name="baseline_losses",
    points=2,
    cases=(
        _baseline_case("the cross-entropy for ten classes", "cross_entropy", TEN, 2.3025851, "ten"),
        _baseline_case("the mean squared error for targets 1, 2, 2, 6", "mse", TEN, 3.6875, "ten"),
        _baseline_case("the cross-entropy for two classes", "cross_entropy", TWO, 0.6931472, "two"),
        _baseline_case("the mean squared error for whole numbers, some of them negative", "mse", TWO, 14.56, "two"),
        _baseline_case(
            "the mean squared error for small whole numbers, of type uint8",
            "mse",
            SMALL,
            4900.0,
            "small",
            weight=0.5,
            denies=False,
        ),
        _baseline_case(
            "the mean squared error for large targets of type float32",
            "mse",
            NARROW,
            2.46875,
            "narrow",
            weight=0.5,
            denies=False,
        ),
    ),
)
