"""Lesson 06, early stopping: the hidden cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l06_early_stopping.early_stopping_class import rule_case, second_case
from course_lib.lessons.l06_early_stopping.keep_best_weights import keep_case
from course_lib.lessons.l06_early_stopping.match_library import SETTINGS, library_case
from course_lib.lessons.l06_early_stopping.stage import scripted
from course_lib.lessons.l06_early_stopping.stopping_rules import NEVER
from course_lib.lessons.l06_early_stopping.train_with_early_stopping import train_case
from course_lib.training.early_stopping import EarlyStopping

__all__ = ["hidden_cases"]


def _outcome(losses: Sequence[float], patience: int, min_delta: float) -> dict[str, Any]:
    """Return when the rule stops and what it holds as best; losses are finite, or NaN only after the first."""
    rule = EarlyStopping(patience=patience, min_delta=min_delta, convention="skorch", relative=False)
    stopped = next((epoch for epoch, loss in enumerate(losses, start=1) if rule.step(loss)), NEVER)
    return {"stops_after": stopped, "best_epoch": rule.best_epoch, "best": rule.best}


def lowest(val: Sequence[float]) -> int:
    """Return the first epoch with the lowest loss."""
    return int(np.argmin(np.asarray(val, dtype=float))) + 1


def run_ends(curves: dict[str, list[float]], patience: int, max_epochs: int) -> tuple[int, int]:
    """Return after how many epochs a run ends that watches the validation losses, and its best epoch."""
    watched = curves["val"][1 : max_epochs + 1]
    outcome = _outcome(watched, patience, 0.0)
    stop = outcome["stops_after"]
    return len(watched) if stop == NEVER else stop, outcome["best_epoch"]


def _restless(rng: np.random.Generator, epochs: int = 40) -> list[float]:
    """Return a falling curve with noise on a grid of 1/64, so that ties are common and exact."""
    curve = 2.0 * np.exp(-np.arange(epochs) / 8) + 0.5 + rng.normal(0, 0.05, epochs)
    return [round(64 * v) / 64 for v in curve]


def _with_gaps(rng: np.random.Generator) -> list[float]:
    curve = _restless(rng, 30)
    for epoch in rng.choice(np.arange(1, 30), 8, replace=False):
        curve[epoch] = math.nan
    return curve


def _steady(rng: np.random.Generator) -> list[float]:
    step = 1 / 64
    return [2.0 - step * k for k in range(24)] + [2.0 - step * 23 + 1.0] * 6


EARLY_STOPPING_CLASS = (
    rule_case(
        "forty restless epochs",
        _restless,
        4,
        0.0,
        _outcome,
        hint="Follow a long curve by hand: at each epoch, what is the best so far, and how many epochs is it back?",
    ),
    rule_case(
        "forty restless epochs and a min_delta",
        _restless,
        3,
        0.0625,
        _outcome,
        hint="What must a loss be below to count, and when does that line move?",
    ),
    rule_case(
        "steady gains, each smaller than min_delta",
        _steady,
        4,
        0.03125,
        _outcome,
        hint="Gains smaller than min_delta add up until together they are more than min_delta.",
    ),
    rule_case(
        "a curve with NaN here and there",
        _with_gaps,
        5,
        0.0,
        _outcome,
        hint="An epoch whose loss is NaN is one without improvement, and changes nothing else.",
    ),
    rule_case(
        "losses far above 1 and below 0",
        lambda rng: [400.0, 350.0, 20.0, 30.0, -5.0, -4.0, -4.5, -3.0, 2.0],
        3,
        0.0,
        (8, 5, -5.0),
        hint="A loss may be any number, even a very large or a negative one.",
    ),
    rule_case(
        "losses of a few trillionths",
        lambda rng: [1.0, 4e-12, 3e-12, 2e-12, 1e-12, 0.5, 0.25, 0.75],
        3,
        0.0,
        (8, 5, 1e-12),
        hint="With min_delta 0 any lower loss is an improvement, however small the gain.",
    ),
    rule_case(
        "a best loss of exactly -1, then one of exactly 0",
        lambda rng: [2.0, -1.0, -0.5, 0.0, 1.0],
        3,
        0.0,
        (5, 2, -1.0),
        hint="Any number may be the best loss, even one that a program might use for 'no loss yet'.",
    ),
    rule_case(
        "a min_delta and losses below 0",
        lambda rng: [0.5, -0.5, -0.75, -1.0, -1.125, -1.25, -1.375, -1.5, -2.0],
        3,
        0.5,
        (8, 5, -1.125),
        hint="Losses below 0 and a min_delta: what must the next one be below?",
    ),
    rule_case(
        "a patience longer than the run",
        lambda rng: [1.0, 0.5, 0.75, 0.625, 0.875, 0.5],
        1000,
        0.0,
        (NEVER, 2, 0.5),
        hint="Patience may be longer than the run.",
        weight=0.5,
    ),
    rule_case(
        "a large min_delta from the first epoch on",
        lambda rng: [3.0, 2.5, 2.25, 1.75, 1.5, 1.25, 1.125],
        2,
        1.0,
        (3, 1, 3.0),
        hint="The first loss is the best so far, however large min_delta is.",
    ),
    second_case(
        "a second run that begins with NaN",
        "reset",
        (6, 4, 0.8),
        hint="The object was used for another run before, and this run begins with NaN.",
        second=(math.nan, 0.9, 0.95, 0.8, 0.85, 0.9, 0.95),
    ),
)


def _val(rng: np.random.Generator, epochs: int = 14) -> list[float]:
    """Return a curve whose lowest loss comes neither first nor last, nor after a steady fall."""
    best = int(rng.integers(3, epochs - 4))
    values = [round(float(v), 3) for v in rng.uniform(0.6, 1.2, epochs)]
    values[best] = 0.3
    values[-1] = 0.55  # lower than the one before it, and not the best
    values[-2] = 1.1
    return values


def _curves(rng: np.random.Generator) -> dict[str, list[float]]:
    """Return a validation curve that falls, turns once for good, and a test curve that turns elsewhere."""
    turn = int(rng.integers(5, 9))
    val = [1.5 - 0.1 * k if k % 3 else 1.55 - 0.1 * k for k in range(turn)]
    val.append(min(val) - 0.1)
    val += [val[-1] + 0.05 + 0.02 * k - (0.03 if k == 2 else 0) for k in range(12)]
    test = [1.6 - 0.2 * k for k in range(3)] + [1.2 + 0.05 * k for k in range(len(val) - 3)]
    return scripted([round(v, 4) for v in val], test=[round(v, 4) for v in test])


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {
        "early_stopping_class": EARLY_STOPPING_CLASS,
        "keep_best_weights": (
            keep_case(
                track,
                "another curve: the epoch",
                _val,
                "epoch",
                lowest,
                hint="A restless curve whose lowest loss is neither at its beginning nor at its end.",
                run="another curve",
            ),
            keep_case(
                track,
                "another curve: the weights",
                _val,
                "weights",
                lowest,
                hint="The best epoch is neither first nor last; everything that belongs to the model is compared.",
                run="another curve",
            ),
            keep_case(
                track,
                "losses above 1000 and below 0",
                [9000.0, 4000.0, -3.0, 5.0, -1.0],
                "epoch",
                3,
                hint="A loss may be any finite number, even a very large or a negative one.",
            ),
            keep_case(
                track, "a best loss of exactly -1", [2.0, -1.0, -0.5, -0.75, 0.0], "epoch", 2,
                hint="A loss may be any finite number, even one that a program might use for 'no loss yet'.",
            ),
            keep_case(
                track, "losses of a few trillionths", [0.9, 3e-12, 2e-12, 1e-12, 0.7], "epoch", 4,
                hint="The lowest loss is lower than the others by very little.",
            ),
            keep_case(track, "a single epoch", [0.7], "weights", 1, hint="The only epoch is the best one."),
        ),
        "match_library": tuple(
            library_case(letter, f"{letter} on other curves", "Sixty more curves, some with tiny gains.", 60)
            for letter in SETTINGS
        ),
        "train_with_early_stopping": (
            train_case(
                track, "another turn: when it stops", _curves, 4, "epochs", run_ends,
                hint="A curve with false alarms, then one turn for good; the test rows turn elsewhere. Patience is 4.",
                run="another turn",
            ),
            train_case(
                track, "another turn: the weights", _curves, 4, "weights", run_ends,
                hint="The run stops four epochs after its best one.", run="another turn",
            ),
            train_case(
                track, "another turn: the report", _curves, 4, "report", run_ends,
                hint="Three numbers belong to three moments: each epoch, the best epoch, the very end.",
                run="another turn",
            ),
            train_case(
                track, "a patience of 1", scripted([1.0, 0.9, 0.95, 0.5, 0.6, 0.7]), 1, "report", run_ends,
                hint="With patience 1 the first epoch without improvement is the last.",
            ),
            train_case(
                track, "max_epochs comes before the stop",
                scripted([1.0, 0.9, 0.95, 0.97, 0.5, 0.6]), 3, "report", run_ends,
                hint="max_epochs may end the run while the rule still waits.", max_epochs=4,
            ),
            train_case(
                track, "losses below 0", scripted([1.0, -0.5, -1.0, 0.75, -0.25, 0.5]), 3, "report", run_ends,
                hint="A loss may be any finite number, even a negative one.", run="losses below 0",
            ),
            train_case(
                track, "losses of a few trillionths",
                scripted([1.0, 4e-12, 3e-12, 2e-12, 1e-12, 0.5, 0.6]), 2, "epochs", run_ends,
                hint="A lower loss is an improvement, however small the gain.",
            ),
            train_case(
                track, "the best epoch is the last", scripted([0.9, 0.95, 0.8]), 2, "weights", run_ends,
                hint="max_epochs ends the run with the epoch that is the best so far.",
            ),
            train_case(
                track, "two epochs with equal losses",
                scripted([1.0, 0.5, 0.5, 0.5, 0.5, 0.4]), 3, "report", run_ends,
                hint="An equal loss is no improvement.",
            ),
        ),
    }  # fmt: skip
