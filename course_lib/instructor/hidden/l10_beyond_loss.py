"""Lesson 10, beyond loss: the hidden cases."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l10_beyond_loss.choose_threshold import threshold_case
from course_lib.lessons.l10_beyond_loss.report_hunt import HUNT
from course_lib.lessons.l10_beyond_loss.streaming_f1 import score_case

__all__ = ["hidden_cases"]

# --- streaming_f1 ------------------------------------------------------------------------------------


def _f1_of_rows(script: Any) -> list[float]:
    """Return what each call of `compute` should give: from the rows since the reset, one by one."""
    rows: dict[str, list[tuple[bool, bool]]] = {}
    found = []
    for who, what, *batch in script:
        kept = rows.setdefault(who, [])
        if what == "update":
            alarms, labels = (np.asarray(part, float).reshape(-1).tolist() for part in batch)
            kept += [(alarm > 0, label == 1) for alarm, label in zip(alarms, labels, strict=True)]
        elif what == "reset":
            kept.clear()
        else:
            hits = sum(alarm and label for alarm, label in kept)
            either = sum(alarm + label for alarm, label in kept)
            found.append(2 * hits / either if either else 0.0)
    return found


def _batch(rng: np.random.Generator, n: int, share: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that hardly know the labels, on both sides of 0 and of 0.5."""
    y = (rng.random(n) < share).astype(int)
    return rng.normal(1.6 * y - 0.6, 1.2), y


def _epoch(rng: np.random.Generator, sizes: list[int], share: float = 0.3, who: str = "a") -> list[Any]:
    return [(who, "update", *_batch(rng, n, share)) for n in sizes]


_ASK, _RESET = ("a", "result"), ("a", "reset")


def _as_lists(steps: list[Any]) -> list[Any]:
    return [(who, what, *(part.tolist() for part in batch)) for who, what, *batch in steps]


def _small_types(steps: list[Any]) -> list[Any]:
    return [(who, what, z.astype("float32"), y.astype("uint8")) for who, what, z, y in steps]


def _all_positive(rng: np.random.Generator) -> list[Any]:
    return [("a", "update", rng.normal(0.3, 1, n), np.ones(n, int)) for n in (7, 4)]


STREAMING = (
    score_case(
        "an epoch with a rare class",
        lambda rng: ([*_epoch(rng, [32] * 20 + [9], 0.05), _ASK],),
        _f1_of_rows,
        "Many batches; some hold no row of class 1.",
    ),
    score_case(
        "three epochs, each asked twice",
        lambda rng: (
            [*_epoch(rng, [8, 5]), _ASK, _ASK, _RESET, *_epoch(rng, [16, 3]), _ASK, _RESET, *_epoch(rng, [6]), _ASK],
        ),
        _f1_of_rows,
        "Several epochs with a reset between them.",
        calls=4,
    ),
    score_case(
        "training and validation side by side",
        lambda rng: (
            [
                *_epoch(rng, [12, 7]),
                *_epoch(rng, [9], who="b"),
                _ASK,
                _RESET,
                ("b", "result"),
                *_epoch(rng, [11]),
                _ASK,
                ("b", "result"),
            ],
        ),
        _f1_of_rows,
        "Two objects are in use, and one of them is reset.",
        calls=4,
    ),
    score_case(
        "lists",
        lambda rng: ([*_as_lists(_epoch(rng, [20, 11, 4])), _ASK],),
        _f1_of_rows,
        "Logits and labels come as lists.",
    ),
    score_case(
        "float32 logits, labels in a byte",
        lambda rng: ([*_small_types(_epoch(rng, [300, 280], 0.9)), _ASK],),
        _f1_of_rows,
        "Hundreds of rows, in types of few bits.",
        denies=False,
    ),
    score_case(
        "batches of one row",
        lambda rng: ([*_epoch(rng, [1] * 30, 0.4), _ASK],),
        _f1_of_rows,
        "Every batch is a single row.",
    ),
    score_case("positives alone", lambda rng: ([*_all_positive(rng), _ASK],), _f1_of_rows, "All rows are of class 1."),
    score_case(
        "nothing since the reset",
        lambda rng: ([*_epoch(rng, [12]), _ASK, _RESET, _ASK],),
        _f1_of_rows,
        "It is asked right after a reset.",
        calls=2,
    ),
    score_case(
        "columns of logits",
        lambda rng: ([(who, what, z[:, None], y) for who, what, z, y in _epoch(rng, [10, 6])] + [_ASK],),
        _f1_of_rows,
        "Logits have the shape (n, 1).",
    ),
)

# --- choose_threshold --------------------------------------------------------------------------------


def _cheapest(val_scores: Any, val_y: Any, test_scores: Any, test_y: Any, miss: float, alarm: float) -> list[float]:
    """Return the threshold and its cost by going down the sorted rows, one score after the other."""
    rows = sorted(zip(map(float, val_scores), map(int, val_y), strict=True), reverse=True)
    best, lowest, cost = math.inf, miss * sum(y for _, y in rows), miss * sum(y for _, y in rows)
    for k, (score, y) in enumerate(rows):
        cost += -miss if y else alarm
        if (k + 1 == len(rows) or rows[k + 1][0] < score) and cost < lowest:
            best, lowest = score, cost
    charged = [
        (miss if y else 0) if score < best else (0 if y else alarm)
        for score, y in zip(map(float, test_scores), map(int, test_y), strict=True)
    ]
    return [best, sum(charged) / len(charged)]


def _scored(rng: np.random.Generator, n: int, share: float, step: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return scores, on a grid if there is a step, and labels of both classes."""
    y = (rng.random(n) < share).astype(int)
    y[:2] = 0, 1
    scores = rng.normal(1.5 * y - 1)
    return (np.round(scores / step) * step if step else scores), y


def _sets(
    rng: np.random.Generator, n: int, n_test: int, share: float, miss: float, alarm: float, step: float = 0.0
) -> tuple[Any, ...]:
    return (*_scored(rng, n, share, step), *_scored(rng, n_test, share, step), miss, alarm)


def _probabilities(rng: np.random.Generator) -> tuple[Any, ...]:
    sides = _sets(rng, 120, 90, 0.3, 5, 1)
    return 1 / (1 + np.exp(-sides[0])), sides[1], 1 / (1 + np.exp(-sides[2])), *sides[3:]


def _in_lists(rng: np.random.Generator) -> tuple[Any, ...]:
    sides = _sets(rng, 40, 30, 0.4, 3, 2, 0.25)
    return *(side.tolist() for side in sides[:4]), *sides[4:]


THRESHOLD = (
    threshold_case(
        "a rare class", lambda rng: _sets(rng, 400, 500, 0.06, 20, 1), _cheapest, "A rare class; misses cost far more."
    ),
    threshold_case("probabilities", _probabilities, _cheapest, "The scores are probabilities."),
    threshold_case(
        "many equal scores", lambda rng: _sets(rng, 128, 64, 0.25, 4, 1, 0.5), _cheapest, "Many rows share a score."
    ),
    threshold_case("lists", _in_lists, _cheapest, "Scores and labels come as lists."),
    threshold_case(
        "no positive row in validation",
        lambda rng: (
            rng.normal(size=8),
            np.zeros(8, int),
            rng.normal(size=8),
            np.array([1, 0, 0, 1, 0, 0, 0, 0]),
            4,
            1,
        ),
        lambda *inputs: [math.inf, 1.0],
        "No validation row is of class 1.",
    ),
    threshold_case(
        "nothing but positives",
        lambda rng: (rng.normal(size=8), np.ones(8, int), rng.normal(size=16), rng.integers(0, 2, 16), 4, 1),
        _cheapest,
        "All validation rows are of class 1.",
    ),
    threshold_case(
        "costs that are no whole numbers",
        lambda rng: _sets(rng, 64, 32, 0.3, 2.5, 0.5),
        _cheapest,
        "The costs have fractions.",
    ),
    threshold_case(
        "one validation row",
        lambda rng: ([0.25], [1], [0.5, -0.5, 0.75, 0.125], [1, 1, 0, 0], 3, 1),
        [0.25, 1.0],
        "There is one validation row.",
    ),
)

# --- calibration_error -------------------------------------------------------------------------------


def _error(probabilities: Any, labels: Any, bins: int) -> float:
    """Return the error from sums of gaps by bin, in fractions of whole bins."""
    sums: dict[int, float] = {}
    for row, label in zip(np.asarray(probabilities, float).tolist(), np.asarray(labels).tolist(), strict=True):
        top = max(row)
        place = math.ceil(top * bins)
        sums[place] = sums.get(place, 0.0) + top - (row.index(top) == label)
    return sum(map(abs, sums.values())) / len(labels)


def _table(rng: np.random.Generator, n: int, classes: int, sharper: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities, and labels drawn from softer ones."""
    z = rng.normal(0, 1.5, (n, classes))
    p, q = (np.exp(k * z) / np.exp(k * z).sum(axis=1, keepdims=True) for k in (sharper, 1.0))
    y = (q.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return p, np.minimum(y, classes - 1)


def _as_single(rng: np.random.Generator) -> tuple[Any, ...]:
    p, y = _table(rng, 90, 3, 2.0)
    return p.astype("float32"), y.astype("int32"), 7


def _certain(rng: np.random.Generator) -> tuple[Any, ...]:
    guesses, y = rng.integers(0, 3, 20), rng.integers(0, 3, 20)
    y[:3], guesses[:3] = (0, 1, 2), (0, 1, 0)
    return np.eye(3)[guesses], y, 10


def _eighths(rng: np.random.Generator) -> tuple[Any, ...]:
    p = rng.permutation(np.array([0, 1, 2, 2, 3, 5, 6, 6, 6, 7, 7, 8, 8, 8, 6, 2])) / 8
    y = (rng.random(16) < np.where((p == 0.75) | (p == 0.25), 0.9 * (p > 0.5), 0.5)).astype(int)
    return np.column_stack([1 - p, p]), y, 4


CALIBRATION = (
    Case("ten classes", lambda rng: (*_table(rng, 200, 10, 1.7), 15), _error, "Ten classes and 15 bins."),
    Case("two classes, few bins", lambda rng: (*_table(rng, 60, 2, 2.5), 3), _error, "Two classes and few bins."),
    Case("more bins than rows", lambda rng: (*_table(rng, 12, 4), 40), _error, "There are more bins than rows."),
    Case("certain of every row", _certain, _error, "The model is certain of every row."),
    Case("eighths", _eighths, _error, "Many confidences lie on the edges of parts."),
    Case("float32", _as_single, _error, "The probabilities are in single precision."),
    Case(
        "lists",
        lambda rng: (*(part.tolist() for part in _table(rng, 30, 3, 2.0)), 6),
        _error,
        "Probabilities and labels come as lists.",
    ),
    Case("one row", lambda rng: ([[0.125, 0.625, 0.25]], [1], 4), 0.375, "There is one row."),
    Case(
        "one bin for all",
        lambda rng: (*_table(rng, 50, 3, 3.0), 1),
        _error,
        "There is one bin.",
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "streaming_f1": STREAMING,
        "choose_threshold": THRESHOLD,
        "calibration_error": CALIBRATION,
        "report_hunt": (HUNT.case("all six together", "ABCDEF", hint="All six lines at once."),),
    }
