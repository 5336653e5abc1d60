"""Lesson 01, loss basics: the hidden cases."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l01_loss_basics.cross_entropy_from_logits import own_work_case
from course_lib.lessons.l01_loss_basics.first_loss_diagnosis import first_loss_case

__all__ = ["hidden_cases"]


def _mean_square(predictions: np.ndarray, targets: np.ndarray) -> float:
    return float(np.mean((predictions.ravel().astype(float) - targets.ravel().astype(float)) ** 2))


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
    Case(
        "forty rows",
        _rows(40),
        _mean_square,
        hint="Forty rows; predictions and targets are both of shape (n,).",
        weight=0.2,
    ),
    Case(
        "targets of shape (n, 1), predictions of shape (n,)",
        _rows(7, ((-1,), (-1, 1))),
        _mean_square,
        hint="Here it is the targets that have shape (n, 1).",
    ),
    Case(
        "both of shape (n, 1)",
        _rows(5, ((-1, 1), (-1, 1))),
        _mean_square,
        hint="Predictions and targets both have shape (n, 1).",
        weight=0.2,
    ),
    Case(
        "a single row of shape (1, 1)",
        _rows(1, ((1, 1), (1,))),
        _mean_square,
        hint="A single row: predictions of shape (1, 1), targets of shape (1,). The result is a float.",
        weight=0.2,
    ),
    Case(
        "whole numbers",
        lambda rng: (rng.permutation([3, -2, 7, 4]), np.array([1, 1, 2, -9])),
        _mean_square,
        hint="Predictions and targets are whole numbers, of type int64.",
        weight=0.2,
    ),
    Case(
        "single precision",
        _rows(12, ((-1, 1), (-1,)), np.float32),
        _mean_square,
        hint="Numbers as a network gives them: of type float32, predictions of shape (n, 1).",
    ),
    Case(
        "whole numbers of one byte",
        lambda rng: (np.array([[-100], [7], [90]], dtype=np.int8), np.array([100, -4, 78], dtype=np.int8)),
        _mean_square,
        hint="Whole numbers of type int8, which goes from -128 to 127; predictions of shape (n, 1).",
    ),
    Case(
        "large whole numbers",
        lambda rng: (np.array([90_000, 5_000], dtype=np.int32), np.array([20_000, 4_000], dtype=np.int32)),
        _mean_square,
        hint="Whole numbers of type int32, which goes to about 2 billion; some errors are tens of thousands.",
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
        "thirty rows, seven classes",
        _scores(30, 7),
        _mean_cost,
        hint="Thirty rows; each class is the right one in some.",
        weight=0.5,
    ),
    Case(
        "as many rows as classes",
        _scores(5, 5),
        _mean_cost,
        hint="A square table: five rows of five classes.",
        weight=0.5,
    ),
    Case(
        "a single row",
        _scores(1, 4, 3.0),
        _mean_cost,
        hint="A batch of a single row: logits of shape (1, K).",
        weight=0.5,
    ),
    Case(
        "rows that lie far apart",
        _uneven_rows,
        _mean_cost,
        hint="Three rows: one with logits around 1000, one around 0, one around -1000.",
    ),
    Case(
        "sure and wrong",
        _sure_and_wrong,
        _mean_cost,
        hint="Rows whose right class has a logit that is up to 900 below the others'.",
    ),
    Case(
        "large logits, single precision",
        _scores(8, 3, 20.0, 700.0, np.float32),
        _mean_cost,
        hint="Logits around 700, of type float32, in which an exponential overflows already at 89.",
    ),
    Case(
        "logits of plus and minus 200",
        lambda rng: (200.0 * rng.choice([-1, 1], (6, 4)) + rng.normal(size=(6, 4)), rng.integers(0, 4, 6)),
        _mean_cost,
        hint="Logits of about 200 and about -200 in the same rows.",
        weight=0.5,
    ),
    Case(
        "enormous logits",
        lambda rng: (
            np.array([[-20_000.0, -20_003.0, -20_001.0], [30_000.0, 0.0, 5.0], [0.0, 1e5, 3.0]]),
            np.array([1, 2, 1]),
        ),
        _mean_cost,
        hint="Logits of tens of thousands, of both signs.",
        weight=0.5,
    ),
    own_work_case(
        "far apart, and your own computation",
        _uneven_rows,
        _mean_cost,
        hint="Rows that lie far apart, computed without a library's ready-made loss.",
    ),
)


def _know_nothing(n_classes: int, targets: np.ndarray) -> dict[str, float]:
    wide = targets.astype(float)
    return {"cross_entropy": math.log(n_classes), "mse": float(np.mean((wide - wide.mean()) ** 2))}


BASELINES = (
    Case(
        "a thousand classes, forty targets",
        lambda rng: (1000, rng.normal(50, 3, 40)),
        _know_nothing,
        hint="A thousand classes, and forty targets around 50.",
    ),
    Case(
        "equal targets",
        lambda rng: (int(rng.integers(3, 9)), np.full(6, 4.5)),
        _know_nothing,
        hint="All targets are the same number.",
    ),
    Case(
        "whole numbers",
        lambda rng: (int(rng.integers(20, 90)), rng.permutation([-3, 0, 5, 8, 43])),
        _know_nothing,
        hint="The targets are whole numbers of type int64; their mean is a fraction.",
    ),
    Case(
        "whole numbers of one byte",
        lambda rng: (int(rng.integers(3, 9)), np.array([-120, 90, 100, -60, 33], dtype=np.int8)),
        _know_nothing,
        hint="The targets are whole numbers of type int8, which goes from -128 to 127.",
        weight=0.5,
    ),
    Case(
        "large whole numbers",
        lambda rng: (int(rng.integers(3, 9)), np.array([60_000, -70_000, 5], dtype=np.int32)),
        _know_nothing,
        hint="The targets are whole numbers of type int32, which goes to about 2 billion, and tens of thousands large.",
        weight=0.5,
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
        case(
            "ten classes, thirty rows",
            30,
            10,
            1.05,
            "Ten classes, thirty rows; the first loss is a little above what is expected.",
        ),
        case("a tenth below", 25, 6, 0.9, "A first loss a tenth below what is expected.", 0.5),
        case("just above the limit", 12, 5, 1.22, "A first loss 22 % above what is expected.", 0.5),
        case("just inside the limit", 12, 8, 0.82, "A first loss 18 % below what is expected.", 0.5),
        case("just below the limit", 40, 3, 0.77, "A first loss 23 % below what is expected.", 0.5),
    )


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "mse": MSE,
        "cross_entropy_from_logits": CROSS_ENTROPY,
        "baseline_losses": BASELINES,
        "first_loss_diagnosis": _first_loss(track),
    }
