"""Lesson 10, `report_hunt`: six lines of a report on a model trained with weights, and which of them mislead.

No list of right letters is kept: each line's code is run on several sets of rows, and its number stands next to what
its label promises.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course_lib.checks.case import Exercise
from course_lib.checks.letters import Hunt

__all__ = ["HUNT", "LINES", "WEIGHT", "measured", "misleads", "report_hunt", "rows_of"]

#: The label of each line of the report, and the code of its number, as the lesson shows them.
LINES: dict[str, tuple[str, str]] = {
    "A": ("mean cross-entropy of a validation row", "np.average(loss, weights=weight)"),
    "B": ("ROC AUC", "roc_auc_score(y, logits)"),
    "C": ("precision of the alarms, raised at a probability of 0.5", "precision_score(y, logits > 0.5)"),
    "D": ("accuracy", "sum(len(rows) * np.mean((logits[rows] > 0) == y[rows]) for rows in batches) / len(y)"),
    "E": ("mean cross-entropy once the weight is undone", "log_loss(y, sigmoid(logits - np.log(5)))"),
    "F": (
        "average precision",
        "np.mean([average_precision_score(y[rows], logits[rows]) for rows in batches if y[rows].any()])",
    ),
}
#: Of the rows of class 1 in training, how many rows the lesson's validation set has, and its batches' size.
WEIGHT, SHARE, ROWS, BATCH = 5, 0.05, 2000, 64
DRAWS = 4
#: A line misleads if it is off by more than this share of the true number.
TOLERANCE = 0.02


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def rows_of(seed: int) -> dict[str, Any]:
    """Return the rows of one draw: labels, logits of the best model for that weight, and what follows.

    One row in twenty is of class 1. The scores of both classes are Gaussian, so that the logit is known.
    """
    rng = np.random.default_rng(seed)
    y = (rng.random(ROWS) < SHARE).astype(int)
    z = rng.normal(2.0 * y - 1.0)
    logits = 2.0 * z + np.log(WEIGHT * SHARE / (1 - SHARE))
    loss = np.logaddexp(0, np.where(y == 1, -logits, logits))
    batches = [np.arange(start, min(start + BATCH, ROWS)) for start in range(0, ROWS, BATCH)]
    return {"y": y, "logits": logits, "loss": loss, "weight": np.where(y == 1, float(WEIGHT), 1.0), "batches": batches}


def _truth(letter: str, known: dict[str, Any]) -> float:
    """Return what a line's label promises, computed in another way than any line does."""
    y, logits = known["y"] == 1, known["logits"]
    if letter == "A":
        return float(known["loss"].sum() / ROWS)
    if letter == "B":
        above = logits[y][:, None] > logits[~y][None, :]
        return float(above.mean())
    if letter == "C":
        return float(y[_sigmoid(logits) > 0.5].mean())
    if letter == "D":
        return float(((_sigmoid(logits) > 0.5) == y).mean())
    if letter == "E":
        odds = np.exp(logits) / WEIGHT
        p = odds / (1 + odds)
        return float(-np.log(np.where(y, p, 1 - p)).mean())
    order = np.argsort(-logits)
    hits = np.cumsum(y[order])
    return float((hits / np.arange(1, ROWS + 1))[y[order]].mean())


@cache
def _off(letter: str) -> tuple[float, float, int]:
    """Return of a line its mean number, the mean of the true ones, and on how many draws it is clearly off."""
    from sklearn import metrics

    code = compile(LINES[letter][1], f"line {letter}", "eval")
    pairs = []
    for seed in range(DRAWS):
        known = rows_of(seed)
        names = {"np": np, "sigmoid": _sigmoid, **vars(metrics), **known}
        pairs.append((float(eval(code, names)), _truth(letter, known)))
    given, true = np.mean(pairs, axis=0)
    return float(given), float(true), sum(abs(a - b) > TOLERANCE * b for a, b in pairs)


def misleads(letter: str) -> bool:
    """Tell whether a line's number is another than the one that its label promises.

    Examples
    --------
    >>> [letter for letter in "AB" if misleads(letter)]
    ['A']
    """
    return _off(letter)[2] > DRAWS // 2


def measured(letter: str) -> str:
    """Say how a line did."""
    given, true, _ = _off(letter)
    verdict = f"where its label promises {true:.3f}" if misleads(letter) else "as its label promises"
    return f"We ran {letter} on {DRAWS} sets of rows: on average it says {given:.3f}, {verdict}"


HUNT = Hunt("report_hunt", "misleading", "lines", "mislead", misleads, measured)


@cache
def report_hunt() -> Exercise:
    """Return the bug hunt; the lines are run when it is first asked for, since they load scikit-learn."""
    mistakes = [("line_thought_harmless" if misleads(letter) else "line_accused", letter) for letter in LINES]
    return HUNT.exercise(2, mistakes)
