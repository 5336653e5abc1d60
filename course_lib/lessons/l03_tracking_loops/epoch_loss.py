"""Lesson 03, `epoch_loss`: one number an epoch, from batch means that count by their samples."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import by_value, mistake
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.plain import describe, number_of, show

__all__ = ["EPOCH_LOSS"]

Losses = Sequence[float]
Sizes = Sequence[int]


def _mean(batches: Iterable[tuple[float, int]]) -> float:
    """Return the mean of pairs of a loss and a size; an error where there is none."""
    losses, sizes = zip(*batches, strict=True)
    return float(np.average(losses, weights=sizes))


def _made_whole(cut: Callable[[float], int]) -> Callable[[Losses, Sizes], float]:
    return lambda losses, sizes: _mean(zip(map(cut, losses), sizes, strict=True))


def _moved_up(losses: Losses, sizes: Sizes) -> float | None:
    """Return what comes of leaving out losses of 0 and not their sizes: later losses get other sizes."""
    kept = [loss for loss in losses if loss]
    return _mean(zip(kept, sizes, strict=False)) if len(kept) < len(losses) else None


def _halved(losses: Losses, start: float) -> float:
    return reduce(lambda mean, loss: (mean + loss) / 2, losses, start)


def _by_loss(losses: Losses, sizes: Sizes) -> dict[float, int]:
    return dict(zip(losses, sizes, strict=True))


#: What each mistake gives for losses and sizes, beside those of any mean over batches. Where one cannot be made, as
#: with the first of a single batch, the mean over nothing raises, and the mistake is not told of.
_VALUES: tuple[tuple[str, Callable[[Any, Any], float | None]], ...] = (
    ("inputs_cut_to_whole_numbers/losses", _made_whole(int)),
    ("inputs_cut_to_whole_numbers/losses_rounded", _made_whole(round)),
    (
        "inputs_cut_to_whole_numbers/first_loss",
        lambda losses, sizes: _made_whole(int)(losses, sizes) if isinstance(losses[0], int) else None,
    ),
    ("halved_at_every_batch", lambda losses, sizes: _halved(losses, 0.0)),
    ("halved_at_every_batch", lambda losses, sizes: _halved(losses[1:], losses[0])),
    ("zeros_left_out/epoch_loss", lambda losses, sizes: _mean((v, n) for v, n in zip(losses, sizes, strict=True) if v)),
    ("zeros_left_out/losses", _moved_up),
    (
        "equal_sizes_merged",
        lambda losses, sizes: _mean((v, n) for n, v in dict(zip(sizes, losses, strict=True)).items()),
    ),
    ("weighted_by_losses", lambda losses, sizes: np.dot(losses, sizes) / sum(losses)),
    ("squared_sizes", lambda losses, sizes: np.dot(losses, np.square(sizes)) / sum(sizes)),
    ("divided_twice", lambda losses, sizes: _mean(zip(losses, sizes, strict=True)) / len(sizes)),
    ("largest_or_median/median", lambda losses, sizes: statistics.median(losses)),
    ("equal_losses_merged/epoch_loss", lambda losses, sizes: _mean(_by_loss(losses, sizes).items())),
    (
        "equal_losses_merged/sum",
        lambda losses, sizes: np.dot(list(by := _by_loss(losses, sizes)), list(by.values())) / sum(sizes),
    ),
    ("last_batch_left_out/sum", lambda losses, sizes: np.dot(losses[:-1], sizes[:-1]) / sum(sizes)),
    ("first_batch_left_out/epoch_loss", lambda losses, sizes: _mean(list(zip(losses, sizes, strict=True))[1:])),
    ("first_batch_left_out/sum", lambda losses, sizes: np.dot(losses[1:], sizes[1:]) / sum(sizes)),
    ("sum_restarted", lambda losses, sizes: losses[-1] * sizes[-1] / sum(sizes)),
    ("largest_or_median/largest_loss", lambda losses, sizes: max(losses)),
    ("largest_or_median/smallest_loss", lambda losses, sizes: min(losses)),
    ("sizes_averaged", lambda losses, sizes: statistics.fmean(sizes)),
    ("weights_reversed", lambda losses, sizes: _mean(zip(losses, sizes[::-1], strict=True))),
)


def _observe_twice(answer: Any, record: dict[str, Any], losses: list[float], sizes: list[int]) -> Any:
    """Call the function twice with the same arguments, and note the first result."""
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
