"""Lesson 01, loss basics: the hidden cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.exercises.loss_basics_first_loss import first_loss_case

__all__ = ["hidden_cases"]


def _mean_square(predictions: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean((predictions.ravel() - targets.ravel()) ** 2))


def _rows(
    n: int, shapes: tuple[tuple[int, ...], tuple[int, ...]] = ((-1,), (-1,)), dtype: Any = float
) -> Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]:
    """Return a maker of predictions that are off by about 5 and targets around 20."""

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        targets = rng.normal(20, 6, n)
        predictions = targets + rng.normal(2, 5, n)
        return predictions.astype(dtype).reshape(shapes[0]), targets.astype(dtype).reshape(shapes[1])

    return make


MSE = (
    Case("forty rows", _rows(40), _mean_square, hint="Does every row count, once?"),
    Case(
        "targets of shape (n, 1), predictions of shape (n,)",
        _rows(7, ((-1,), (-1, 1))),
        _mean_square,
        hint="Either of the two may have shape (n, 1).",
    ),
    Case("both of shape (n, 1)", _rows(5, ((-1, 1), (-1, 1))), _mean_square, hint="Both may have shape (n, 1)."),
    Case(
        "a single row of shape (1, 1)",
        _rows(1, ((1, 1), (1,))),
        _mean_square,
        hint="A single row may have shape (1, 1), and a float is asked for all the same.",
    ),
    Case(
        "whole numbers",
        lambda rng: (rng.permutation([3, -2, 7, 4]), np.array([1, 1, 2, -9])),
        _mean_square,
        hint="Predictions and targets may be whole numbers.",
    ),
    Case(
        "single precision",
        _rows(12, ((-1, 1), (-1,)), np.float32),
        _mean_square,
        hint="Does it work with the numbers that a network gives, of type float32 and shape (n, 1)?",
    ),
)


def _mean_cost(logits: np.ndarray, targets: np.ndarray) -> float:
    wide = logits.astype(float)
    return float(np.mean(np.logaddexp.reduce(wide, axis=1) - wide[np.arange(len(wide)), targets]))


def _scores(
    n: int, k: int, spread: float = 2.0, shift: float = 0.0, dtype: Any = float
) -> Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]:
    """Return a maker of logits and right classes, every class among them where there are rows enough."""

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        logits = shift + spread * rng.normal(size=(n, k))
        return logits.astype(dtype), rng.permutation(np.arange(n) % k)

    return make


def _uneven_rows(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return rows that lie far apart: one around 1000, one around 0, one around -1000."""
    near = rng.normal(size=(3, 4))
    return near + np.array([[1000.0], [0.0], [-1000.0]]), rng.integers(0, 4, 3)


def _sure_and_wrong(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    logits = rng.normal(size=(4, 3))
    right = rng.integers(0, 3, 4)
    logits[np.arange(4), right] -= [900.0, 0.0, 300.0, 60.0]
    return logits, right


CROSS_ENTROPY = (
    Case(
        "thirty rows, seven classes", _scores(30, 7), _mean_cost, hint="Does every row count, once, by its right class?"
    ),
    Case(
        "as many rows as classes",
        _scores(5, 5),
        _mean_cost,
        hint="With as many rows as classes, mixing up the axes raises no error.",
    ),
    Case(
        "a single row",
        _scores(1, 4, 3.0),
        _mean_cost,
        hint="A batch may be a single row of shape (1, K).",
    ),
    Case(
        "rows that lie far apart",
        _uneven_rows,
        _mean_cost,
        hint="Each row has its own largest logit; what suits one row may underflow another.",
    ),
    Case(
        "sure and wrong",
        _sure_and_wrong,
        _mean_cost,
        hint="How large does the loss get when the right class's probability is far too small to be stored?",
    ),
    Case(
        "large logits, single precision",
        _scores(8, 3, 20.0, 700.0, np.float32),
        _mean_cost,
        hint="In float32 an exponential overflows already at 89.",
    ),
)


def _know_nothing(n_classes: int, targets: np.ndarray) -> dict[str, float]:
    return {"cross_entropy": math.log(n_classes), "mse": float(np.mean((targets - targets.mean()) ** 2))}


BASELINES = (
    Case(
        "a thousand classes, forty targets",
        lambda rng: (1000, rng.normal(50, 3, 40)),
        _know_nothing,
        hint="Does each of the two numbers depend on its own argument only?",
    ),
    Case(
        "equal targets",
        lambda rng: (int(rng.integers(3, 9)), np.full(6, 4.5)),
        _know_nothing,
        hint="If all targets are equal, saying their mean costs nothing.",
    ),
    Case(
        "whole numbers",
        lambda rng: (int(rng.integers(20, 90)), rng.permutation([-3, 0, 5, 8, 43])),
        _know_nothing,
        hint="The targets may be whole numbers; their mean is a fraction.",
    ),
)


def _logits_with_loss(
    n: int, k: int, times: float
) -> Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, int]]:
    """Return a maker of logits whose mean cross-entropy is ``times`` ln ``k``.

    The loss of targets that have the smallest logit grows with the logits' scale, that of the largest
    falls; the scale is found by halving an interval.
    """

    def make(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, int]:
        shape = rng.normal(size=(n, k))
        targets = shape.argmin(axis=1) if times > 1 else shape.argmax(axis=1)
        low, high = 0.0, 100.0
        for _ in range(60):
            middle = (low + high) / 2
            below = _mean_cost(middle * shape, targets) < times * math.log(k)
            low, high = (middle, high) if below == (times > 1) else (low, middle)
        return (low * shape).astype(np.float32), targets, k

    return make


def _verdict(logits: np.ndarray, targets: np.ndarray, n_classes: int) -> dict[str, Any]:
    loss, expected = _mean_cost(logits, targets), math.log(n_classes)
    return {"first_loss": loss, "expected": expected, "healthy": bool(abs(loss - expected) < 0.2 * expected)}


def _first_loss(track: str) -> tuple[Case, ...]:
    def case(name: str, n: int, k: int, times: float, hint: str, weight: float = 1.0) -> Case:
        return first_loss_case(track, name, _logits_with_loss(n, k, times), _verdict, hint=hint, weight=weight)

    return (
        case("ten classes, thirty rows", 30, 10, 1.05, "Does it work with any number of rows and classes?"),
        case("a tenth below", 25, 6, 0.9, "A little below what is expected is healthy as well.", 0.5),
        case("just above the limit", 12, 5, 1.22, "20 % of what: of the first loss or of the expected one?", 0.5),
        case("just inside the limit", 12, 8, 0.82, "20 % of what: of the first loss or of the expected one?", 0.5),
        case("just below the limit", 40, 3, 0.77, "The limit holds below as well as above.", 0.5),
    )


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "mse": MSE,
        "cross_entropy_from_logits": CROSS_ENTROPY,
        "baseline_losses": BASELINES,
        "first_loss_diagnosis": _first_loss(track),
    }
