"""Lesson 03, `epoch_loss`: one number an epoch, from batch means that count by their samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.plain import describe, number_of, show

__all__ = ["EPOCH_LOSS"]


def _moved_up(losses: Any, sizes: Any) -> float | None:
    """Return what comes of leaving out losses of 0 and not their sizes: later losses get other sizes."""
    kept = [loss for loss in losses if loss]
    return np.average(kept, weights=sizes[: len(kept)]) if len(kept) < len(losses) else None


def _zeros_left_out(losses: Any, sizes: Any) -> float:
    kept = [loss != 0 for loss in losses]
    return np.average(np.compress(kept, losses), weights=np.compress(kept, sizes))


def _halved(losses: Any, start: float) -> float:
    return reduce(lambda mean, loss: (mean + loss) / 2, losses, start)


def _by(keys: Any, values: Any) -> dict[Any, Any]:
    """Return each key once, and the last value that it has."""
    return dict(zip(keys, values, strict=True))


def _mean_by_size(by_size: dict[int, float]) -> float:
    return np.average(list(by_size.values()), weights=list(by_size))


def _mean_by_loss(by_loss: dict[float, int]) -> float:
    return np.average(list(by_loss), weights=list(by_loss.values()))


#: What each mistake gives for losses and sizes, beside those of any mean over batches.
_VALUES: tuple[tuple[str, Callable[[Any, Any], float | None]], ...] = (
    ("inputs_cut_to_whole_numbers/losses", lambda losses, sizes: np.average(np.trunc(losses), weights=sizes)),
    ("inputs_cut_to_whole_numbers/losses_rounded", lambda losses, sizes: np.average(np.round(losses), weights=sizes)),
    (
        "inputs_cut_to_whole_numbers/first_loss",
        lambda losses, sizes: np.average(np.trunc(losses), weights=sizes) if isinstance(losses[0], int) else None,
    ),
    ("halved_at_every_batch", lambda losses, sizes: _halved(losses, 0.0)),
    ("halved_at_every_batch", lambda losses, sizes: _halved(losses[1:], losses[0])),
    ("zeros_left_out/epoch_loss", _zeros_left_out),
    ("zeros_left_out/losses", _moved_up),
    ("equal_sizes_merged", lambda losses, sizes: _mean_by_size(_by(sizes, losses))),
    ("weighted_by_losses", lambda losses, sizes: np.dot(losses, sizes) / sum(losses)),
    ("squared_sizes", lambda losses, sizes: np.dot(losses, np.square(sizes)) / sum(sizes)),
    ("divided_twice", lambda losses, sizes: np.average(losses, weights=sizes) / len(sizes)),
    ("largest_or_median/median", lambda losses, sizes: float(np.median(losses))),
    ("equal_losses_merged/epoch_loss", lambda losses, sizes: _mean_by_loss(_by(losses, sizes))),
    (
        "equal_losses_merged/sum",
        lambda losses, sizes: np.dot(list(by := _by(losses, sizes)), list(by.values())) / sum(sizes),
    ),
    ("last_batch_left_out/sum", lambda losses, sizes: np.dot(losses[:-1], sizes[:-1]) / sum(sizes)),
    ("first_batch_left_out/epoch_loss", lambda losses, sizes: np.average(losses[1:], weights=sizes[1:])),
    ("first_batch_left_out/sum", lambda losses, sizes: np.dot(losses[1:], sizes[1:]) / sum(sizes)),
    ("sum_restarted", lambda losses, sizes: losses[-1] * sizes[-1] / sum(sizes)),
    ("largest_or_median/largest_loss", lambda losses, sizes: max(losses)),
    ("largest_or_median/smallest_loss", lambda losses, sizes: min(losses)),
    ("sizes_averaged", lambda losses, sizes: float(np.mean(sizes))),
    ("weights_reversed", lambda losses, sizes: np.average(losses, weights=sizes[::-1])),
)


def _observe_twice(answer: Any, record: dict[str, Any], losses: list[float], sizes: list[int]) -> Any:
    record["first_result"] = describe(answer(list(losses), list(sizes)))
    return answer(losses, sizes)


def _rounded(e: Evidence) -> bool:
    given = number_of(e.result)
    if given is None or near(given, e.expected):
        return False
    scaled = [(e.expected * 10**digits, given * 10**digits) for digits in range(4)]
    return any(abs(mine - whole(right)) < 1e-9 for right, mine in scaled for whole in (round, math.floor))


EPOCH_LOSS = Exercise(
    name="epoch_loss",
    points=2,
    cases=(
        Case("the docstring's example", ([1.0, 4.0], [30, 10]), 1.75),
        Case("a ragged last batch", ([0.5, 0.7, 2.0], [32, 32, 4]), 0.6823529),
        Case("three batches of three sizes", ([4.0, 1.5, 0.6], [10, 50, 24]), 1.5404762),
        Case("two batches with the same loss", ([2.0, 0.5, 0.5], [6, 32, 8]), 0.6956522),
        Case("batches of equal size", ([2.0, 4.0, 3.5, 2.5], [8, 8, 8, 8]), 3.0),
        Case("a single batch", ([0.25], [6]), 0.25),
        # The first loss is an int, the others are not; and no size fits into one byte.
        Case("a first loss that is a whole number", ([2, 0.5, 0.75], [300, 300, 260]), 1.0988372),
        Case("a batch whose loss is exactly 0", ([1.3, 0.0, 0.7], [4, 8, 2]), 0.4714286),
        Case("the same call a second time", ([0.9, 0.4, 1.6], [5, 9, 3]), 0.7588235, observe=_observe_twice),
    ),
    diagnoses=(
        mistake(
            "remembers_earlier_call/epoch_loss",
            probe=lambda e: "first_result" in e.seen and e["first_result"] != e.result,
            fields={"first": lambda e: show(e["first_result"]), "second": lambda e: show(e.result)},
        ),
        *averaging(lambda e: e, lambda e: e.inputs, lambda e: e.given),
        *by_value(_VALUES),
        mistake(
            "rounded/epoch_loss",
            probe=_rounded,
            denied=lambda e: not (_rounded(e) or near(number_of(e.result), e.expected)),
        ),
    ),
)
