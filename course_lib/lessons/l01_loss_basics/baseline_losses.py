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
from course_lib.checks.mistakes import mistake
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


def _ce(name: str, of: Callable[[int], Any]) -> Diagnosis:
    return mistake(name, faulty=lambda k, t: _in("cross_entropy", of(k)))


def _entropy(targets: Any) -> float:
    shares = np.unique(targets, return_counts=True)[1] / len(targets)
    return float(-np.sum(shares * np.log(shares)))


def _mode(targets: np.ndarray) -> float:
    values, counts = np.unique(targets, return_counts=True)
    return float(values[counts.argmax()])


def _mse(name: str, of: Callable[[np.ndarray], Any]) -> Diagnosis:
    return mistake(name, faulty=lambda k, t: _in("mse", of(np.asarray(t, dtype=float))))


def _entry(e: Evidence, name: str, value: float) -> bool:
    """Whether the dictionary that came back holds this number under the name."""
    return near(number_of((dict_of(e.result) or {}).get(name)), value)


_WHAT_IT_COSTS = "what a probability of 1/K costs"
_EXCHANGED = mistake(
    "keys_swapped/exchanged",
    probe=lambda e: _entry(e, "cross_entropy", float(np.var(e.inputs[1]))) and _entry(e, "mse", math.log(e.inputs[0])),
)
CROSS_ENTROPY_MISTAKES = (
    _EXCHANGED,
    _ce("chance_accuracy", lambda k: 1 / k),
    _ce("chance_error_rate/baseline_losses", lambda k: 1 - 1 / k),
    _ce("sign/baseline_losses", lambda k: -math.log(k)),
    _ce("log2/baseline_losses", math.log2),
    _ce("log10", math.log10),
    _ce("divided_by_classes/baseline_losses", lambda k: math.log(k) / k),
    _ce("times_classes", lambda k: k * math.log(k)),
    _ce("classes", float),
    _ce("two_classes", lambda k: math.log(2)),
    _ce("one_class_more_or_less", lambda k: OneOf(math.log(k + 1), math.log(k - 1) if k > 1 else None)),
    _ce(
        "yes_or_no",
        lambda k: OneOf(
            -(math.log(1 / k) / k + (1 - 1 / k) * math.log(1 - 1 / k)) if k > 1 else None,
            -math.log(1 - 1 / k) if k > 1 else None,
        ),
    ),
    _ce("number_of_classes_fixed", lambda k: OneOf(*(math.log(n) for n in (3, 10, 100)))),
    _rounded_entry("cross_entropy"),
    mistake(
        "rows_for_classes",
        probe=lambda e: any(
            _entry(e, "cross_entropy", math.log(n)) for n in (len(e.inputs[1]), len(set(e.inputs[1].tolist())))
        ),
    ),
    mistake("entropy_of_targets", faulty=lambda k, t: {"cross_entropy": _entropy(t)}),
    mistake("summed_over_rows", faulty=lambda k, t: {"cross_entropy": len(t) * math.log(k)}),
)
MSE_MISTAKES = (
    _EXCHANGED,
    SQUARES_WRAP,
    SQUARES_SUBTRACTED,
    mistake("one_value_a_row", probe=lambda e: bool(list_of((dict_of(e.result) or {}).get("mse", {"kind": "none"})))),
    _mse("half", lambda t: np.var(t) / 2),
    _mse("rmse/standard_deviation", np.std),
    _mse("divided_by_n_minus_1/sample_variance", lambda t: np.var(t, ddof=1) if len(t) > 1 else None),
    _mse("mae/absolute_errors", lambda t: np.mean(np.abs(t - t.mean()))),
    _mse("predicts_mode", lambda t: float(np.mean((t - _mode(t)) ** 2))),
    _mse("predicts_middle", lambda t: np.mean((t - (t.min() + t.max()) / 2) ** 2)),
    mistake(
        "predicts_whole_number",
        faulty=lambda k, t: OneOf(
            *({"mse": float(np.mean((t.astype(float) - cut(t.mean())) ** 2))} for cut in (np.trunc, np.round)),
            {"mse": float(np.var(t))} if t.dtype.kind == "f" else None,
        ),
    ),
    _mse(
        "predicts_one_target",
        lambda t: OneOf(*(float(np.mean((t - of) ** 2)) for of in (t[0], t[-1], t.max(), t.min()))),
    ),
    _mse("square_of_mean/baseline_losses", lambda t: t.mean() ** 2),
    _rounded_entry("mse"),
    _mse("predicts_zero", lambda t: np.mean(t**2)),
    _mse("predicts_median", lambda t: np.mean((t - np.median(t)) ** 2)),
    _mse("not_divided/squares", lambda t: np.sum((t - t.mean()) ** 2)),
    _mse("mean_of_targets", np.mean),
    mistake("errors_cancel", probe=lambda e: _entry(e, "mse", 0.0)),
)


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
