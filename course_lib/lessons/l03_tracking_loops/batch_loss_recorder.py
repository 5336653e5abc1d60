"""Lesson 03, `train_one_epoch` in Keras: the callback `BatchLossRecorder`, in a real fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.linear import GAIN, LR, START, sizes_of
from course_lib.checks.mistakes import Sign, by_sign, by_value, mistake, noted
from course_lib.checks.plain import describe, list_of, number_of, show
from course_lib.checks.reading import Reading, alike, numbers_in
from course_lib.lessons.l03_tracking_loops.watching import named_with_outside, noting_the_outside

__all__ = ["BATCH_LOSS_RECORDER", "recorder_case"]

# --- how it is watched, and what must be seen --------------------------------------------------------


def _observe_recorder(
    answer: Any, record: dict[str, Any], start: Any, batches: Any, epochs: int, how: dict[str, Any]
) -> Any:
    from course_lib.checks.watch.spies_keras import compiled

    model = compiled(start, GAIN, [], LR)
    x, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    how_to: dict[str, Any] = {"batch_size": len(batches[0][1]), "epochs": epochs, "shuffle": False, "verbose": 0}
    given = sizes_of(batches)
    with noting_the_outside(answer, record):
        recorder = answer(given)
        kept = inspect.getattr_static(recorder, "batch_losses", None)
        record["held_before"] = isinstance(kept, list) and any(not isinstance(row, list) or row for row in kept)
        record["is_callback"] = callable(getattr(recorder, "set_model", None))
        # The second one watches the same fit; what it is told is what the first one was told.
        recorders = [recorder, answer(sizes_of(batches))] if how.get("two") else [recorder]
        model.fit(x, y, callbacks=recorders, **how_to)
    record["sizes_after"] = [int(size) for size in given]
    if not hasattr(recorder, "batch_losses"):
        record["no_attribute"] = True
        return None
    record["second"] = describe(getattr(recorders[-1], "batch_losses", None))
    return recorder.batch_losses


def _recorded(start: Any, batches: Any, epochs: int, how: dict[str, Any]) -> list[list[float]]:
    run = linear.train(start, list(batches) * epochs, LR, GAIN)
    return [run.losses[i : i + len(batches)] for i in range(0, len(run.losses), len(batches))]


def recorder_case(
    name: str, sizes: Sequence[int], epochs: int, hint: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of ``BatchLossRecorder``: a real fit with batches of these sizes.

    Parameters
    ----------
    name, hint : str
    sizes : sequence of int
    epochs : int
    weight : float, optional
    **how
        ``two``: two recorders watch the same fit; ``zero``: the first batch's loss is exactly 0 in the first
        epoch; ``fixed``: the batches are the same under every seed.
    """

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        settings = dict(how)
        rng = np.random.default_rng(1) if settings.pop("fixed", False) else rng
        batches = linear.make_problem(rng, sizes)
        if not settings.pop("zero", False):
            return START, batches, epochs, settings
        # With all weights 0 the outputs are 0, and so is the loss where the targets are.
        (x, y), *rest = batches
        return (0.0, 0.0, 0.0), [(x, np.zeros_like(y)), *rest], epochs, settings

    return Case(name, inputs, _recorded, hint, _observe_recorder, _judge_recorder, weight=weight)


def _judge_recorder(e: Evidence) -> str | None:
    if close(e["second"], e.expected) is not None:
        return f"two recorders watched the same fit; the second one holds {show(e['second'])}, right {show(e.expected)}"
    if e["sizes_after"] != sizes_of(e.inputs[1]):
        return f"the list of batch sizes was {sizes_of(e.inputs[1])} before the fit and is {e['sizes_after']} after it"
    return None


# --- what may go wrong -------------------------------------------------------------------------------


class _Recording(Reading):
    """What a recorder held after its fit, and what it must."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.right: list[list[float]] = e.expected
        self.items = list_of(e.result) or []
        #: The recorded numbers, a list for each epoch; none, if that is not what there is.
        self.rows = [] if any(list_of(item) is None for item in self.items) else [*map(numbers_in, self.items)]

    @property
    def disturbed(self) -> bool:
        """Whether two recorders of one fit differ, or both are off where one alone would be right."""
        second = self.noted("second")
        return bool(self.how.get("two")) and self.e.error is None and second is not None and second != self.e.result

    @property
    def empty(self) -> bool:
        """Whether nothing was recorded in any epoch."""
        recorded = self.e.error is None and list_of(self.e.result) is not None
        return recorded and all(list_of(item) == [] for item in self.items)

    @property
    def zero_left_out(self) -> bool:
        """Whether an epoch lacks its batches with a loss of exactly 0, and none else."""
        pairs = zip(self.rows, self.right, strict=False)
        return any(0 in right and len(row) == len(right) - right.count(0) for row, right in pairs)

    def is_right(self, epoch: int) -> bool:
        """Whether an epoch's losses are right."""
        return alike(self.rows[epoch], self.right[epoch])


_STATE: tuple[tuple[str, Sign], ...] = (
    ("not_a_callback", lambda seen: seen.noted("is_callback") is False),
    ("no_attribute/batch_losses", noted("no_attribute")),
    ("shared_between_objects/list", noted("held_before")),
    ("shared_between_objects/fit", lambda seen: seen.disturbed),
    ("changed_inputs/batch_sizes", lambda seen: seen.noted("sizes_after") not in (None, sizes_of(seen.inputs[1]))),
    ("never_recorded", lambda seen: seen.empty),
    ("zeros_left_out/recorder", lambda seen: seen.zero_left_out),
    ("flat_list", lambda seen: seen.items and all(number_of(item) is not None for item in seen.items)),
    ("epochs_in_one_list", lambda seen: len(seen.right) > 1 and any(len(r) > len(seen.right[0]) for r in seen.rows)),
    ("last_epoch_only", lambda seen: len(seen.rows) == 1 < len(seen.right) and alike(seen.rows[0], seen.right[-1])),
    (
        "epochs_share_a_list",
        lambda seen: len(seen.rows) == len(seen.right) > 1 and all(row == seen.rows[0] != [] for row in seen.rows),
    ),
)


def _each_epoch(make: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[..., Any]:
    def faulty(start: Any, batches: Any, epochs: int, how: dict[str, Any]) -> Any:
        sizes = np.array(sizes_of(batches))
        return [make(np.array(losses), sizes).tolist() for losses in _recorded(start, batches, epochs, how)]

    return faulty


def _mean(losses: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return what `logs` hold after each batch: the mean of the epoch so far."""
    return np.cumsum(losses * sizes) / np.cumsum(sizes)


def _apart(values: np.ndarray) -> np.ndarray:
    return np.diff(values, prepend=0.0)


def _piled_up(losses: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return what comes of adding each sum so far to the earlier ones instead of keeping it in their place."""
    totals = np.cumsum(losses * sizes)
    return (2 * totals - np.cumsum(totals)) / sizes


#: How the running means of `logs` are undone wrongly.
_UNDONE: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("running_mean/logs", _mean),
    ("undone_by_count", lambda losses, sizes: _apart(_mean(losses, sizes) * np.arange(1, len(sizes) + 1))),
    ("undone_by_own_size", lambda losses, sizes: _apart(_mean(losses, sizes) * sizes) / sizes),
    ("total_not_updated", lambda losses, sizes: np.cumsum(losses * sizes) / sizes),
    ("total_piled_up", _piled_up),
    ("divided_by_samples_so_far", lambda losses, sizes: losses * sizes / np.cumsum(sizes)),
)
_UNDONE_LATER: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("difference_of_means", lambda losses, sizes: _apart(_mean(losses, sizes))),
    ("batch_sums", lambda losses, sizes: losses * sizes),
    ("running_total", lambda losses, sizes: np.cumsum(losses * sizes)),
)

_MISTAKES = (
    *by_sign(_STATE, {"sizes_after": lambda seen: str(seen.noted("sizes_after"))}, read=_Recording),
    *by_value((name, _each_epoch(make)) for name, make in _UNDONE),
    mistake(
        "one_entry_an_epoch",
        probe=lambda e: len(e.expected[0]) > 1 and {len(row) for row in e.read_as(_Recording).rows} == {1},
        denied=lambda e: any(len(row) > 1 for row in e.read_as(_Recording).rows),
    ),
    *by_value((name, _each_epoch(make)) for name, make in _UNDONE_LATER),
    mistake(
        "not_reset_per_epoch/recorder",
        probe=lambda e: len(e.expected) > 1 and (seen := e.read_as(_Recording)).is_right(0) and not seen.is_right(1),
    ),
)

BATCH_LOSS_RECORDER = Exercise(
    name="train_one_epoch",
    points=2,
    kind="class",
    answer="BatchLossRecorder",
    cases=(
        recorder_case("one epoch of full batches", [4, 4, 4], 1),
        recorder_case("a smaller last batch", [4, 4, 2], 1),
        recorder_case("two epochs", [4, 3], 2),
        recorder_case("a first batch whose loss is exactly 0", [3, 2], 1, zero=True, fixed=True),
        recorder_case("two recorders in the same fit", [3, 1], 1, two=True, fixed=True),
    ),
    diagnoses=named_with_outside(_MISTAKES),
)
