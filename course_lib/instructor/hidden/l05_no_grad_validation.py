"""Lesson 05, no_grad validation: the hidden cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l05_no_grad_validation.bug_hunt import epochs_case
from course_lib.lessons.l05_no_grad_validation.evaluate import evaluate_case
from course_lib.lessons.l05_no_grad_validation.same_weights_train_loss import same_weights_case

__all__ = ["aligned", "hidden_cases"]


def aligned(train: Sequence[float], val: Sequence[float]) -> dict[str, list[float]]:
    """Return the places of both curves and the gaps at the epoch ends, from NumPy's interpolation."""
    ends = np.arange(1.0, len(val) + 1)
    at_ends: Any = np.interp(ends[:-1], ends - 0.5, np.asarray(train, dtype=float)) if len(val) > 1 else []
    return {
        "train_at": (ends - 0.5).tolist(),
        "val_at": ends.tolist(),
        "gap": (np.asarray(val, dtype=float)[: len(ends) - 1] - np.asarray(at_ends)).tolist(),
    }


def _falling(rng: np.random.Generator, epochs: int) -> tuple[list[float], list[float]]:
    train = 4.0 * 0.7 ** np.arange(epochs) + rng.uniform(0, 0.1, epochs)
    return train.tolist(), (train + rng.uniform(0.2, 0.9, epochs)).tolist()


CURVES = (
    Case(
        "twelve epochs",
        lambda rng: _falling(rng, 12),
        aligned,
        hint="Twelve epochs: that is twelve places on each curve, and eleven gaps.",
    ),
    Case(
        "arrays",
        lambda rng: tuple(np.array(part) for part in _falling(rng, 5)),
        aligned,
        hint="The losses may come as NumPy arrays.",
    ),
    Case(
        "whole numbers, in tuples",
        ((7, 4, 1, 2), (6, 5, 3, 0)),
        aligned,
        hint="The losses may be whole numbers, and come as tuples.",
        weight=0.5,
    ),
    Case(
        "a validation loss below the training loss",
        lambda rng: ([5.0 - i + float(rng.uniform()) for i in range(4)], [1.0 + i / 9 for i in range(4)]),
        aligned,
        hint="A validation loss below the training loss gives a negative gap.",
        weight=0.5,
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""

    def measured(name: str, sizes: list[int], about: str, hint: str, **how: Any) -> Case:
        return evaluate_case(track, name, {"result": "number"}.get(about, about), sizes, hint, **how)

    # In Keras a visible case asks the same, and each costs a fit.
    more_momentum: tuple[Case, ...] = ()
    more_momentum_in_epochs: tuple[Case, ...] = ()
    if track == "pytorch":
        more_momentum = (
            same_weights_case(
                track,
                "an optimizer with more momentum",
                "weights",
                hint="The optimizer has momentum: its steps are more than the learning rate times the gradient.",
                rows=6,
                momentum=0.75,
                fixed=True,
                weight=0.5,
            ),
        )
        more_momentum_in_epochs = (
            epochs_case(
                track,
                "an optimizer with more momentum",
                "weights",
                hint="The optimizer has momentum: its steps are more than the learning rate times the gradient.",
                epochs=2,
                sizes=(5, 3),
                momentum=0.75,
                fixed=True,
            ),
        )
    return {
        "evaluate": (
            measured(
                "labels and a cross-entropy",
                [5, 5, 2],
                "result",
                "The model predicts one of three labels, and the loss is a cross-entropy.",
                kind="labels",
            ),
            measured(
                "targets of two columns",
                [4, 3],
                "result",
                "Targets may have several columns; a sample is a row.",
                kind="columns",
                fixed=True,
                weight=0.5,
            ),
            measured(
                "a batch without any error",
                [3, 4, 2],
                "result",
                "The loss of a batch may be exactly 0.",
                kind="errors",
                fixed=True,
                weight=0.5,
            ),
            measured(
                "a target that is NaN",
                [3, 2],
                "result",
                "The loss of a batch may be NaN; then the mean over all samples is, too.",
                kind="nan",
                fixed=True,
                weight=0.5,
            ),
            measured(
                "batches of all sizes, as lists",
                [2, 6, 1, 3],
                "result",
                "Any batch may have any size, and the last one may hold a single row.",
                as_list=True,
                training=False,
            ),
            measured(
                "a single batch",
                [6],
                "changes",
                "A single batch is gone through, and everything in the model is compared with what it was before.",
            ),
        ),
        "same_weights_train_loss": (
            same_weights_case(
                track,
                "a last batch of one row",
                "result",
                hint="The last batch holds a single row.",
                rows=9,
            ),
            same_weights_case(
                track,
                "one batch holds everything",
                "result",
                hint="An epoch may have a single batch.",
                rows=8,
                batch_size=16,
            ),
            *more_momentum,
        ),
        "shift_aligned_curves": CURVES,
        "bug_hunt": (
            epochs_case(
                track,
                "one epoch: the validation loss",
                "val_loss",
                hint="A single epoch is run, with a validation batch that is smaller than the others.",
                epochs=1,
                sizes=(7, 5),
            ),
            epochs_case(
                track,
                "two epochs of other batches: the training loss",
                "loss",
                hint="Two epochs are run, in batches of other sizes than before, the last of them smaller.",
                epochs=2,
                batch_size=5,
                val_batch_size=3,
                sizes=(12, 8),
            ),
            epochs_case(
                track,
                "the mode in every epoch",
                "train_mode",
                hint="The model arrives in training mode, and two epochs are run.",
                epochs=2,
                training=True,
            ),
            *more_momentum_in_epochs,
        ),
    }
