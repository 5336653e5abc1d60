"""Lesson 11, `align_axes`: batch losses and epoch losses on one axis of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Exercise
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.mistakes import by_claim
from course_lib.checks.reading import Reading

__all__ = ["ALIGN_AXES"]

Places = Callable[[int, int, int], float]


def _epochs(seen: Reading) -> tuple[int, int]:
    """Return how many epochs are whole, and how many batches each has."""
    losses, _, steps = seen.inputs
    return len(losses) // steps, steps


def _at(*places: Places) -> Callable[[Reading], OneOf]:
    """Return where the epochs stand by other rules: each is told the epoch from 0, its batches, and their rows."""

    def value(seen: Reading) -> OneOf:
        whole, steps = _epochs(seen)
        sizes = list(seen.inputs[1])
        return OneOf(*([place(k, steps, sizes[0]) for k in range(whole)] for place in places))

    return value


def _per_epoch(worth: Callable[[Sequence[float], Sequence[float]], float]) -> Callable[[Reading], list[float]]:
    """Return what stands for each epoch in the place of its mean."""

    def value(seen: Reading) -> list[float]:
        whole, steps = _epochs(seen)
        losses, sizes, _ = seen.inputs
        parts = [slice(k * steps, (k + 1) * steps) for k in range(whole)]
        return [worth(losses[part], sizes[part]) for part in parts]

    return value


def _so_far(seen: Reading) -> list[float]:
    """Return the means from the beginning of the run."""
    whole, steps = _epochs(seen)
    losses, sizes, _ = seen.inputs
    sums = list(accumulate(loss * size for loss, size in zip(losses, sizes, strict=True)))
    return [sums[(k + 1) * steps - 1] / sum(sizes[: (k + 1) * steps]) for k in range(whole)]


def _with_the_rest(seen: Reading) -> list[float] | None:
    """Return the means with one of the epoch that was broken off."""
    whole, steps = _epochs(seen)
    losses, sizes, _ = seen.inputs
    if whole * steps == len(losses):
        return None
    rest = slice(whole * steps, None)
    return [*seen.e.expected["train_loss"], float(np.average(losses[rest], weights=sizes[rest]))]


_TRAIN_AT = (
    ("counted_from_zero/log", _at(lambda k, n, rows: k * n + (n - 1) / 2)),
    ("half_a_step_off/log", _at(lambda k, n, rows: (k + 0.5) * n, lambda k, n, rows: k * n + n / 2 + 1)),
    ("mean_at_the_end", _at(lambda k, n, rows: (k + 1) * n, lambda k, n, rows: (k + 1) * n - 1)),
    ("mean_at_the_start", _at(lambda k, n, rows: k * n + 1, lambda k, n, rows: k * n)),
    ("axis_in_epochs", _at(lambda k, n, rows: k + 0.5, lambda k, n, rows: k + 1, lambda k, n, rows: k)),
    ("axis_in_samples", _at(lambda k, n, rows: (k * n + (n + 1) / 2) * rows, lambda k, n, rows: (k + 0.5) * n * rows)),
    ("middle_cut_to_whole_step", _at(lambda k, n, rows: (2 * k * n + n + 1) // 2)),
)
_VAL_AT = (
    ("counted_from_zero/log", _at(lambda k, n, rows: (k + 1) * n - 1)),
    ("validation_at_the_start", _at(lambda k, n, rows: k * n + 1, lambda k, n, rows: k * n)),
    ("validation_at_the_middle", _at(lambda k, n, rows: k * n + (n + 1) / 2)),
    ("validation_one_step_late", _at(lambda k, n, rows: (k + 1) * n + 1)),
    ("axis_in_epochs", _at(lambda k, n, rows: k + 1, lambda k, n, rows: k)),
    ("axis_in_samples", _at(lambda k, n, rows: (k + 1) * n * rows)),
)
_MEANS: tuple[tuple[str, Callable[[Reading], Any]], ...] = (
    ("broken_epoch_counted", _with_the_rest),
    ("mean_of_means", _per_epoch(lambda losses, sizes: float(np.mean(losses)))),
    ("last_batch", _per_epoch(lambda losses, sizes: losses[-1])),
    ("not_reset_per_epoch/log", _so_far),
    ("not_divided/sum_of_losses", _per_epoch(lambda losses, sizes: float(np.dot(losses, sizes)))),
    ("not_divided/sum_of_losses", _per_epoch(lambda losses, sizes: float(np.sum(losses)))),
    (
        "last_batch_left_out",
        _per_epoch(lambda losses, sizes: float(np.average(losses[:-1] or losses, weights=sizes[:-1] or sizes))),
    ),
)


def _claims(table: Any, key: str) -> Any:
    return by_claim(table, lambda seen: seen.numbers(key), lambda seen: list(seen.e.expected[key]), read=Reading)


def _expected(train_at: list[float], train_loss: list[float], val_at: list[float]) -> dict[str, list[float]]:
    return {"train_at": train_at, "train_loss": train_loss, "val_at": val_at}


ALIGN_AXES = Exercise(
    name="align_axes",
    points=2,
    cases=(
        Case(
            "the docstring's example",
            ([4.0, 2.0, 3.0, 1.0], [8, 8, 8, 8], 2),
            _expected([1.5, 3.5], [3.0, 2.0], [2, 4]),
            weight=0.5,
        ),
        Case(
            "a smaller last batch in each epoch",
            ([2.0, 1.0, 6.0, 1.5, 0.5, 4.0], [32, 32, 4, 32, 32, 4], 3),
            _expected([2, 5], [1.7647059, 1.1764706], [3, 6]),
        ),
        Case(
            "four batches an epoch",
            ([5.0, 3.0, 2.0, 4.0, 3.0, 1.0, 2.0, 0.5, 1.5, 1.0, 0.5, 0.25], [16, 16, 16, 2] * 3, 4),
            _expected([2.5, 6.5, 10.5], [3.36, 1.94, 0.97], [4, 8, 12]),
        ),
        Case(
            "a run that was broken off in its third epoch",
            ([4.0, 2.0, 9.0, 3.0, 1.0, 7.0, 2.5, 0.75], [10, 10, 5, 10, 10, 5, 10, 10], 3),
            _expected([2, 5], [4.2, 3.0], [3, 6]),
        ),
        Case(
            "a single batch an epoch",
            ([3.0, 2.0, 1.5], [50, 50, 50], 1),
            _expected([1, 2, 3], [3.0, 2.0, 1.5], [1, 2, 3]),
            weight=0.5,
        ),
    ),
    diagnoses=(*_claims(_MEANS, "train_loss"), *_claims(_TRAIN_AT, "train_at"), *_claims(_VAL_AT, "val_at")),
)
