"""Lesson 05, no_grad validation: the hidden cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.exercises.no_grad_validation import evaluate_case
from course_lib.exercises.no_grad_validation_curves import aligned

__all__ = ["hidden_cases"]


def _falling(rng: np.random.Generator, epochs: int) -> tuple[list[float], list[float]]:
    train = 4.0 * 0.7 ** np.arange(epochs) + rng.uniform(0, 0.1, epochs)
    return train.tolist(), (train + rng.uniform(0.2, 0.9, epochs)).tolist()


CURVES = (
    Case(
        "twelve epochs",
        lambda rng: _falling(rng, 12),
        aligned,
        hint="Does every epoch have its place, and all but the last a gap?",
    ),
    Case(
        "arrays",
        lambda rng: tuple(np.array(part) for part in _falling(rng, 5)),
        aligned,
        hint="The losses may come as NumPy arrays.",
    ),
    Case(
        "a validation loss below the training loss",
        lambda rng: ([5.0 - i + float(rng.uniform()) for i in range(4)], [1.0 + i / 9 for i in range(4)]),
        aligned,
        hint="A gap may be negative.",
        weight=0.5,
    ),
)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    if track == "pytorch":
        from course_lib.exercises import no_grad_validation_pytorch as own
    else:
        from course_lib.exercises import no_grad_validation_keras as own  # type: ignore[no-redef]

    def measured(name: str, sizes: list[int], about: str, hint: str, **how: Any) -> Case:
        return evaluate_case(own.observe_evaluate, name, sizes, about, hint, **how)

    return {
        "evaluate": (
            measured(
                "labels and a cross-entropy",
                [5, 5, 2],
                "result",
                "Does it work with any model and any loss that is a mean over the batch?",
                classes=3,
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
                "Is the model afterwards what it was before, in everything?",
            ),
        ),
        "same_weights_train_loss": (
            own.same_weights_case(
                "a last batch of one row",
                "result",
                hint="Does every row count alike, in both numbers?",
                rows=9,
            ),
            own.same_weights_case(
                "one batch holds everything",
                "result",
                hint="An epoch may have a single batch.",
                rows=8,
                batch_size=16,
            ),
        ),
        "shift_aligned_curves": CURVES,
        "bug_hunt": (
            own.epochs_case(
                "one epoch: the validation loss",
                "val_loss",
                hint="Does every validation row count alike, also in one epoch alone?",
                epochs=1,
                sizes=(7, 5),
            ),
            own.epochs_case(
                "two epochs of other batches: the training loss",
                "loss",
                hint="Does every training row count alike, and every epoch begin with new sums?",
                epochs=2,
                batch_size=5,
                val_batch_size=3,
                sizes=(12, 8),
            ),
            own.epochs_case(
                "the mode in every epoch",
                "train_mode",
                hint="In which mode does each epoch train, in which does it validate?",
                epochs=2,
                training=True,
            ),
        ),
    }
