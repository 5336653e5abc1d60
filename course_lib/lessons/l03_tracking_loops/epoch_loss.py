"""Lesson 03, tracking loops: the graded exercises and their visible cases."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import near
from course_lib.checks.mistakes import mistake
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
        mistake(
            "remembers_earlier_call/epoch_loss",
            says=lambda e: (
                f"two calls with the same arguments gave {show(e['first_result'])} and then {show(e.result)}: "
                "something of an earlier call is still there."
            ),
            probe=lambda e: "first_result" in e.seen and e["first_result"] != e.result,
        ),
        mistake("inputs_cut_to_whole_numbers/epoch_loss", faulty=_whole),
        mistake("inputs_cut_to_whole_numbers/epoch_loss_2", faulty=lambda losses, sizes: _whole(losses, sizes, round)),
        mistake(
            "inputs_cut_to_whole_numbers/epoch_loss_3",
            faulty=lambda losses, sizes: _whole(losses, sizes) if isinstance(losses[0], int) else None,
        ),
        mistake(
            "inputs_cut_to_whole_numbers/epoch_loss_4",
            faulty=lambda losses, sizes: sum(int(loss * n) for loss, n in zip(losses, sizes, strict=True)) / sum(sizes),
        ),
        mistake("mean_of_means/epoch_loss", faulty=lambda losses, sizes: _mean(losses)),
        mistake("halved_at_every_batch", faulty=lambda losses, sizes: _halved(losses, 0.0)),
        mistake("halved_at_every_batch", faulty=lambda losses, sizes: _halved(losses[1:], losses[0])),
        mistake("zeros_left_out/epoch_loss", faulty=_zeros_left_out),
        mistake("zeros_left_out/epoch_loss_2", faulty=_moved_up),
        mistake(
            "equal_sizes_merged", faulty=lambda losses, sizes: _merged_sizes(dict(zip(sizes, losses, strict=True)))
        ),
        mistake(
            "weighted_by_losses",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / sum(losses) if sum(losses) else None,
        ),
        mistake(
            "squared_sizes",
            faulty=lambda losses, sizes: sum(loss * n * n for loss, n in zip(losses, sizes, strict=True)) / sum(sizes),
        ),
        mistake(
            "divided_twice", faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / sum(sizes) / len(sizes)
        ),
        mistake("largest_or_median/median", faulty=lambda losses, sizes: statistics.median(losses)),
        mistake(
            "equal_losses_merged/epoch_loss",
            faulty=lambda losses, sizes: _merged(dict(zip(losses, sizes, strict=True))),
        ),
        mistake(
            "equal_losses_merged/epoch_loss_2",
            faulty=lambda losses, sizes: (
                sum(loss * size for loss, size in dict(zip(losses, sizes, strict=True)).items()) / sum(sizes)
            ),
        ),
        mistake(
            "wrong_count/divided_by_first_size",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / (sizes[0] * len(sizes)),
        ),
        mistake(
            "wrong_count/weighted_sum_by_batch_count",
            faulty=lambda losses, sizes: sum(map(_times, losses, sizes)) / len(sizes),
        ),
        mistake("wrong_count/sum_by_samples", faulty=lambda losses, sizes: sum(losses) / sum(sizes)),
        mistake("not_divided/weighted_sum_not_divided", faulty=lambda losses, sizes: sum(map(_times, losses, sizes))),
        mistake(
            "last_batch_left_out/epoch_loss",
            faulty=lambda losses, sizes: (
                sum(map(_times, losses[:-1], sizes[:-1])) / sum(sizes[:-1]) if len(sizes) > 1 else None
            ),
        ),
        mistake(
            "last_batch_left_out/epoch_loss_2",
            faulty=lambda losses, sizes: sum(map(_times, losses[:-1], sizes[:-1])) / sum(sizes),
        ),
        mistake(
            "first_batch_left_out/epoch_loss",
            faulty=lambda losses, sizes: (
                sum(map(_times, losses[1:], sizes[1:])) / sum(sizes[1:]) if len(sizes) > 1 else None
            ),
        ),
        mistake(
            "first_batch_left_out/epoch_loss_2",
            faulty=lambda losses, sizes: sum(map(_times, losses[1:], sizes[1:])) / sum(sizes),
        ),
        mistake("first_batch/epoch_loss", faulty=lambda losses, sizes: losses[0]),
        mistake("sum_restarted", faulty=lambda losses, sizes: losses[-1] * sizes[-1] / sum(sizes)),
        mistake("wrong_count/weighted_by_first_size", faulty=lambda losses, sizes: sum(losses) * sizes[0] / sum(sizes)),
        mistake("largest_or_median/largest_loss", faulty=lambda losses, sizes: max(losses)),
        mistake("largest_or_median/smallest_loss", faulty=lambda losses, sizes: min(losses)),
        mistake("last_batch/epoch_loss", faulty=lambda losses, sizes: losses[-1]),
        mistake("not_divided/sum_of_losses", faulty=lambda losses, sizes: sum(losses)),
        mistake("sizes_averaged", faulty=lambda losses, sizes: _mean(sizes)),
        mistake("weights_reversed", faulty=lambda losses, sizes: sum(map(_times, losses, sizes[::-1])) / sum(sizes)),
        mistake(
            "rounded/epoch_loss",
            probe=_rounded,
            denied=lambda e: not (_rounded(e) or near(number_of(e.result), e.expected)),
        ),
    ),
)


def _times(a: float, b: float) -> float:
    return a * b
