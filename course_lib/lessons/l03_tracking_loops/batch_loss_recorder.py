"""Lesson 03, `train_one_epoch` in Keras: the callback `BatchLossRecorder`, in a real fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import Sign, by_sign, by_value, mistake, noted
from course_lib.checks.plain import describe, list_of, number_of, show
from course_lib.checks.reading import Reading, alike, numbers_in
from course_lib.lessons.l03_tracking_loops.watching import named_with_outside, noting_the_outside

__all__ = ["BATCH_LOSS_RECORDER", "recorder_case"]

# --- how it is watched, and what must be seen --------------------------------------------------------


def _sizes(batches: Sequence[linear.Batch]) -> list[int]:
    return [len(y) for _, y in batches]


def _observe_recorder(
    answer: Any, record: dict[str, Any], start: Any, batches: Any, epochs: int, how: dict[str, Any]
) -> Any:
    """Let the learner's callback watch a real ``model.fit`` and return what it recorded."""
    from course_lib.checks.watch.spies_keras import compiled

    model = compiled(start, GAIN, [], LR)
    x, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    how_to: dict[str, Any] = {"batch_size": len(batches[0][1]), "epochs": epochs, "shuffle": False, "verbose": 0}
    given = _sizes(batches)
    with noting_the_outside(answer, record):
        recorder = answer(given)
        record["held_before"] = _holds_something(inspect.getattr_static(recorder, "batch_losses", None))
        record["is_callback"] = callable(getattr(recorder, "set_model", None))
        # The second one watches the same fit; what it is told is what the first one was told.
        recorders = [recorder, answer(_sizes(batches))] if how.get("two") else [recorder]
        model.fit(x, y, callbacks=recorders, **how_to)
    record["sizes_after"] = [int(size) for size in given]
    if not hasattr(recorder, "batch_losses"):
        record["no_attribute"] = True
        return None
    record["second"] = describe(getattr(recorders[-1], "batch_losses", None))
    return recorder.batch_losses


def _holds_something(kept: Any) -> bool:
    return isinstance(kept, list) and any(bool(row) if isinstance(row, list) else True for row in kept)


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
    """Return what is wrong besides the recorded losses, or ``None``."""
    if close(e["second"], e.expected) is not None:
        return f"two recorders watched the same fit; the second one holds {show(e['second'])}, right {show(e.expected)}"
    if e["sizes_after"] != _sizes(e.inputs[1]):
        return f"the list of batch sizes was {_sizes(e.inputs[1])} before the fit and is {e['sizes_after']} after it"
    return None


# --- what may go wrong -------------------------------------------------------------------------------


class _Recording(Reading):
    """What a recorder held after its fit."""

    @property
    def rows(self) -> list[list[float | None]]:
        """The recorded numbers, a list for each epoch; none, if that is not what there is."""
        epochs = list_of(self.e.result) or []
        return [] if any(list_of(epoch) is None for epoch in epochs) else [numbers_in(epoch) for epoch in epochs]

    @property
    def epochs(self) -> int:
        """How many epochs were run."""
        return len(self.e.expected)

    def right(self, epoch: int) -> bool:
        """Whether an epoch's losses are right."""
        return alike(self.rows[epoch], self.e.expected[epoch])


def _disturbed(seen: _Recording) -> bool:
    """Whether two recorders of one fit differ, or both are off where one alone would be right."""
    second = seen.noted("second")
    return bool(seen.how.get("two")) and seen.e.error is None and second is not None and second != seen.e.result


def _never_recorded(seen: _Recording) -> bool:
    epochs = list_of(seen.e.result)
    return seen.e.error is None and epochs is not None and all(list_of(epoch) == [] for epoch in epochs)


def _flat(seen: _Recording) -> bool:
    items = list_of(seen.e.result) or []
    return bool(items) and all(number_of(item) is not None for item in items)


def _in_one_list(seen: _Recording) -> bool:
    return seen.epochs > 1 and any(len(row) > len(seen.e.expected[0]) for row in seen.rows)


def _list_shared(seen: _Recording) -> bool:
    return len(seen.rows) == seen.epochs > 1 and all(row == seen.rows[0] != [] for row in seen.rows)


def _one_an_epoch(e: Evidence) -> bool:
    rows = e.read_as(_Recording).rows
    return bool(rows) and len(e.expected[0]) > 1 and all(len(row) == 1 for row in rows)


def _zero_left_out(seen: _Recording) -> bool:
    """Whether an epoch lacks its batches with a loss of exactly 0, and none else."""
    pairs = list(zip(seen.rows, seen.e.expected, strict=False))
    return any(0 in right and len(row) == len(right) - right.count(0) for row, right in pairs)


_STATE: tuple[tuple[str, Sign], ...] = (
    ("not_a_callback", lambda seen: seen.noted("is_callback") is False),
    ("no_attribute/batch_losses", noted("no_attribute")),
    ("shared_between_objects/list", noted("held_before")),
    ("shared_between_objects/fit", _disturbed),
    ("changed_inputs/batch_sizes", lambda seen: seen.noted("sizes_after") not in (None, _sizes(seen.inputs[1]))),
    ("never_recorded", _never_recorded),
    ("zeros_left_out/recorder", _zero_left_out),
    ("flat_list", _flat),
    ("epochs_in_one_list", _in_one_list),
    ("last_epoch_only", lambda seen: len(seen.rows) == 1 < seen.epochs and alike(seen.rows[0], seen.e.expected[-1])),
    ("epochs_share_a_list", _list_shared),
)


def _each_epoch(make: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[..., Any]:
    """Return what a fault that works alike in every epoch gives."""

    def faulty(start: Any, batches: Any, epochs: int, how: dict[str, Any]) -> Any:
        sizes = np.array(_sizes(batches))
        return [make(np.array(losses), sizes).tolist() for losses in _recorded(start, batches, epochs, how)]

    return faulty


def _total(losses: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.cumsum(losses * sizes)


def _mean(losses: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return what `logs` hold after each batch: the mean of the epoch so far."""
    return _total(losses, sizes) / np.cumsum(sizes)


def _apart(values: np.ndarray) -> np.ndarray:
    return np.diff(values, prepend=0.0)


#: How the running means of `logs` are undone wrongly.
_UNDONE: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("running_mean/logs", _mean),
    ("undone_by_count", lambda losses, sizes: _apart(_mean(losses, sizes) * np.arange(1, len(sizes) + 1))),
    ("undone_by_own_size", lambda losses, sizes: _apart(_mean(losses, sizes) * sizes) / sizes),
    ("total_not_updated", lambda losses, sizes: _total(losses, sizes) / sizes),
    # Each sum so far is added to the earlier ones instead of kept in their place.
    ("total_piled_up", lambda losses, sizes: (2 * (t := _total(losses, sizes)) - np.cumsum(t)) / sizes),
    ("divided_by_samples_so_far", lambda losses, sizes: losses * sizes / np.cumsum(sizes)),
)
_UNDONE_LATER: tuple[tuple[str, Callable[[np.ndarray, np.ndarray], np.ndarray]], ...] = (
    ("difference_of_means", lambda losses, sizes: _apart(_mean(losses, sizes))),
    ("batch_sums", lambda losses, sizes: losses * sizes),
    ("running_total", _total),
)

_MISTAKES = (
    *by_sign(_STATE, {"sizes_after": lambda seen: str(seen.noted("sizes_after"))}, read=_Recording),
    *by_value((name, _each_epoch(make)) for name, make in _UNDONE),
    mistake(
        "one_entry_an_epoch",
        probe=_one_an_epoch,
        denied=lambda e: any(len(row) > 1 for row in e.read_as(_Recording).rows),
    ),
    *by_value((name, _each_epoch(make)) for name, make in _UNDONE_LATER),
    mistake(
        "not_reset_per_epoch/recorder",
        probe=lambda e: len(e.expected) > 1 and (seen := e.read_as(_Recording)).right(0) and not seen.right(1),
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
