"""Lesson 03, tracking loops: the graded exercises and their visible cases."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.plain import describe, number_of, show

__all__ = ["EPOCH_LOSS"]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _merged_sizes(losses: dict[int, float]) -> float:
    return sum(loss * size for size, loss in losses.items()) / sum(losses)


def _halved(losses: Sequence[float], mean: float) -> float:
    for loss in losses:
        mean = (mean + loss) / 2
    return mean


def _merged(sizes: dict[float, int]) -> float:
    return sum(loss * size for loss, size in sizes.items()) / sum(sizes.values())


def _observe_twice(answer: Any, record: dict[str, Any], losses: list[float], sizes: list[int]) -> Any:
    """Call the function twice with the same arguments, and note the first result."""
    record["first_result"] = describe(answer(list(losses), list(sizes)))
    return answer(losses, sizes)


def _whole(losses: Sequence[float], sizes: Sequence[int], cut: Callable[[float], int] = int) -> float | None:
    """Return the mean of losses that were made whole numbers first, if that changes any."""
    whole = [cut(loss) for loss in losses]
    return None if whole == list(losses) else sum(map(_times, whole, sizes)) / sum(sizes)


def _zeros_left_out(losses: Sequence[float], sizes: Sequence[int]) -> float | None:
    pairs = [(loss, size) for loss, size in zip(losses, sizes, strict=True) if loss]
    return sum(loss * size for loss, size in pairs) / sum(size for _, size in pairs) if pairs else None


def _moved_up(losses: Sequence[float], sizes: Sequence[int]) -> float | None:
    """Return what comes of leaving out losses of 0 and not their sizes: later losses get other sizes."""
    kept = [loss for loss in losses if loss]
    used = sizes[: len(kept)]
    return sum(map(_times, kept, used)) / sum(used) if 0 < len(kept) < len(losses) else None


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
        Diagnosis(
            "remembers_earlier_call",
            lambda e: (
                f"two calls with the same arguments gave {show(e['first_result'])} and then {show(e.result)}: "
                "something of an earlier call is still there."
            ),
            probe=lambda e: "first_result" in e.seen and e["first_result"] != e.result,
            look="what is made outside the function, or in its first line as a default argument",
        ),
        Diagnosis(
            "losses_made_whole",
            "the losses were made whole numbers before they were averaged, so all their decimals are lost.",
            faulty=_whole,
            look="the type that the losses are turned into: an array takes over the type of what it is made from",
        ),
        Diagnosis(
            "losses_made_whole",
            "the losses were rounded to whole numbers before they were averaged.",
            faulty=lambda losses, sizes: _whole(losses, sizes, round),
            look="what is done to each loss before it is multiplied",
        ),
        Diagnosis(
            "losses_made_whole",
            "the first loss is a whole number, and all others were made whole numbers as well.",
            faulty=lambda losses, sizes: _whole(losses, sizes) if isinstance(losses[0], int) else None,
            look="the type of the array that the losses are written to",
        ),
        Diagnosis(
            "losses_made_whole",
            "each batch's sum was made a whole number before the sums were added up.",
            faulty=lambda losses, sizes: sum(int(loss * n) for loss, n in zip(losses, sizes, strict=True)) / sum(sizes),
            look="the type that the sums are turned into: an array takes over the type of what it is made from",
        ),
        Diagnosis(
            "mean_of_means",
            "this is the plain mean of the batch means, in which a small batch counts as much as a full one.",
            faulty=lambda losses, sizes: _mean(losses),
            look="how much each batch's loss counts",
        ),
        Diagnosis(
            "halved_at_every_batch",
            "half of it is always the newest batch's loss: the mean so far and the new loss were added and halved.",
            faulty=lambda losses, sizes: _halved(losses, 0.0),
            look="how much the batches before this one must weigh",
        ),
        Diagnosis(
            "halved_at_every_batch",
            "half of it is always the newest batch's loss: the mean so far and the new loss were added and halved.",
            faulty=lambda losses, sizes: _halved(losses[1:], losses[0]),
            look="how much the batches before this one must weigh",
        ),
        Diagnosis(
            "zero_losses_left_out",
            "a batch whose loss is exactly 0 is left out, and so are its samples. In Python 0 counts as false.",
            faulty=_zeros_left_out,
            look="the condition that decides which batches count",
        ),
        Diagnosis(
            "zero_losses_left_out",
            "a loss of exactly 0 is left out, but its size is not, so the losses after it get other batches' sizes.",
            faulty=_moved_up,
            look="the condition that decides which losses count",
        ),
        Diagnosis(
            "equal_sizes_merged",
            "batches of the same size count as one: only the last of them is left.",
            faulty=lambda losses, sizes: _merged_sizes(dict(zip(sizes, losses, strict=True))),
            look="what becomes of a second batch whose size was there already",
        ),
        Diagnosis(
            "weighted_by_losses",
            "this is divided by the sum of the losses, as if they were the weights.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / sum(losses) if sum(losses) else None,
            look="which of the two arguments holds the weights",
        ),
        Diagnosis(
            "squared_sizes",
            "each loss is multiplied by its size twice.",
            faulty=lambda losses, sizes: sum(loss * n * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes),
            look="how often each loss is multiplied by its batch's size",
        ),
        Diagnosis(
            "divided_twice",
            "the mean was divided once more, by the number of batches.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / sum(sizes) / len(sizes),
            look="how often you divide",
        ),
        Diagnosis(
            "median",
            "this is the median of the batch losses.",
            faulty=lambda losses, sizes: statistics.median(losses),
            look="which average of the losses was taken",
        ),
        Diagnosis(
            "equal_losses_merged",
            "two batches with the same loss count as one.",
            faulty=lambda losses, sizes: _merged(dict(zip(losses, sizes, strict=True))),
            look="what becomes of a second batch whose loss was there already",
        ),
        Diagnosis(
            "equal_losses_merged",
            "two batches with the same loss count as one in the sum, but not in the number of samples.",
            faulty=lambda losses, sizes: (
                sum(loss * size for loss, size in dict(zip(losses, sizes, strict=True)).items()) / sum(sizes)
            ),
            look="what becomes of a second batch whose loss was there already",
        ),
        Diagnosis(
            "divided_by_first_size",
            "this is divided as if every batch had held as many samples as the first one.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / (sizes[0] * len(sizes)),
            look="the number of samples you divide by",
        ),
        Diagnosis(
            "weighted_sum_by_batch_count",
            "the losses are weighted by their batch sizes, but then divided by the number of batches.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / len(sizes),
            look="what you divide by: how many samples did the epoch have",
        ),
        Diagnosis(
            "sum_by_samples",
            "the batch means are added up as they are and then divided by the number of samples.",
            faulty=lambda losses, sizes: sum(losses) / sum(sizes),
            look="how a batch's mean becomes the sum over its samples",
        ),
        Diagnosis(
            "weighted_sum_not_divided",
            "this is the sum over all samples, not yet the mean.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)),
            look="the last step, from the sum to the mean",
        ),
        Diagnosis(
            "last_batch_left_out",
            "the last batch is left out.",
            faulty=lambda losses, sizes: (
                sum(map(_times, losses[:-1], sizes[:-1])) / sum(sizes[:-1]) if len(sizes) > 1 else None
            ),
            look="where your loop ends",
        ),
        Diagnosis(
            "last_batch_left_out",
            "the last batch is left out of the sum, but not out of the number of samples.",
            faulty=lambda losses, sizes: sum(map(_times, losses[:-1], sizes[:-1])) / sum(sizes),
            look="where your loop ends",
        ),
        Diagnosis(
            "first_batch_left_out",
            "the first batch is left out.",
            faulty=lambda losses, sizes: (
                sum(map(_times, losses[1:], sizes[1:])) / sum(sizes[1:]) if len(sizes) > 1 else None
            ),
            look="where your loop begins, and at which number Python begins to count",
        ),
        Diagnosis(
            "first_batch_left_out",
            "the first batch is left out of the sum, but not out of the number of samples.",
            faulty=lambda losses, sizes: sum(map(_times, losses[1:], sizes[1:])) / sum(sizes),
            look="where your loop begins, and at which number Python begins to count",
        ),
        Diagnosis(
            "first_batch",
            "this is the first batch's loss alone.",
            faulty=lambda losses, sizes: losses[0],
            look="where the function returns: a `return` inside the loop ends it in the first round",
        ),
        Diagnosis(
            "sum_restarted",
            "only the last batch is in the sum: the sum begins anew with every batch.",
            faulty=lambda losses, sizes: losses[-1] * sizes[-1] / sum(sizes),
            look="where the sum starts at zero",
        ),
        Diagnosis(
            "weighted_by_first_size",
            "every loss is multiplied by the size of the first batch, the smaller last one's, too.",
            faulty=lambda losses, sizes: sum(losses) * sizes[0] / sum(sizes),
            look="which size each loss is multiplied by",
        ),
        Diagnosis(
            "largest_loss",
            "this is the largest of the batch losses.",
            faulty=lambda losses, sizes: max(losses),
            look="what is done with the other losses",
        ),
        Diagnosis(
            "smallest_loss",
            "this is the smallest of the batch losses.",
            faulty=lambda losses, sizes: min(losses),
            look="what is done with the other losses",
        ),
        Diagnosis(
            "last_batch",
            "this is the last batch's loss, not the epoch's.",
            faulty=lambda losses, sizes: losses[-1],
            look="what is kept of the earlier batches",
        ),
        Diagnosis(
            "sum_of_losses",
            "this is the sum of the batch losses, which grows with the number of batches.",
            faulty=lambda losses, sizes: sum(losses),
            look="what the sum has to be divided by",
        ),
        Diagnosis(
            "sizes_averaged",
            "this is an average of the batch sizes, not of the losses.",
            faulty=lambda losses, sizes: _mean(sizes),
            look="which of the two arguments you average",
        ),
        Diagnosis(
            "weights_reversed",
            "each loss is weighted by another batch's size.",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes[::-1])) / sum(sizes),
            look="which size belongs to which loss",
        ),
        Diagnosis(
            "rounded",
            "the mean is right, but rounded; digits that are cut off here are missing in every plot and comparison.",
            probe=_rounded,
            denied=lambda e: not (_rounded(e) or near(number_of(e.result), e.expected)),
            look="the rounding at the end",
        ),
    ),
)


def _times(a: float, b: float) -> float:
    return a * b
