"""Lesson 03, `train_one_epoch`: in PyTorch a function on a spied model, in Keras a callback in a real fit."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, close
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import by_sign, by_value, mistake
from course_lib.checks.mistakes.training import LOOP, Loop
from course_lib.checks.plain import describe, list_of, number_of, show
from course_lib.checks.reading import Reading, alike, numbers_in
from course_lib.lessons.l03_tracking_loops.watching import (
    gradients_on,
    named_with_outside,
    noting_the_outside,
    spied,
    trainable,
)

__all__ = ["PAIR", "recorder_case", "train_case", "train_one_epoch"]

PAIR = Matches(names=("batch_losses", "batch_sizes"))


def _sizes(batches: Sequence[linear.Batch]) -> list[int]:
    return [len(y) for _, y in batches]


# --- PyTorch: the function ---------------------------------------------------------------------------


def _observe_epoch(answer: Any, record: dict[str, Any], start: Any, batches: Any, how: dict[str, Any]) -> Any:
    """Run ``train_one_epoch`` once on a spied model and note what happened and the weights after it."""
    from course_lib.checks.watch.spies_pytorch import Batches, weights_of

    def run(loader: Any, events: list[dict[str, Any]]) -> tuple[Any, Any]:
        model, loss, optimizer = spied(start, how, events)
        return model, lambda: answer(model, loader, loss, optimizer)

    if "earlier" in how:
        with noting_the_outside(answer, record):
            for of in (how["earlier"], batches):
                record["earlier_result"] = describe(run(Batches(of), [])[1]())
    record["events"] = []
    loader = Batches(batches, how.get("as_list", False), how.get("once", False))
    model, call = run(loader, record["events"])
    arrived = trainable(model)
    try:
        with noting_the_outside(answer, record), gradients_on(record):
            return call()
    finally:
        record["weights_after_the_epoch"] = weights_of(model)[: len(start)]
        record["flags_changed"] = trainable(model) != arrived
        record["readings"] = loader.readings


def train_case(name: str, sizes: Sequence[int], compares: str, hint: str = "", run: str = "", **how: Any) -> Case:
    """Return a case of ``train_one_epoch`` on batches of these sizes.

    Parameters
    ----------
    name, hint : str
    sizes : sequence of int
    compares : {"result", "weights_after_the_epoch"}
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``training``: the mode the model arrives in; ``momentum``; ``as_list``: batches are lists; ``once``: they
        come out once only; ``frozen``: the model has a frozen parameter; ``twice``: the function is called on
        another model and other batches before; ``fixed``: the batches are the same under every seed.
    """

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        settings = {"training": True, **how}
        rng = np.random.default_rng(1) if settings.pop("fixed", False) else rng
        batches = linear.make_problem(rng, sizes)
        if settings.pop("twice", False):
            settings["earlier"] = linear.make_problem(rng, [3, 1])
        return START, batches, settings

    def expected(start: Any, batches: Any, how: dict[str, Any]) -> Any:
        run = linear.train(start, batches, LR, GAIN, how.get("momentum", 0.0))
        return (run.losses, _sizes(batches)) if compares == "result" else run.weights.tolist()

    compare, judge = (PAIR, None) if compares == "result" else (close, _judge_flags)
    return Case(name, inputs, expected, hint, _observe_epoch, judge, compares, compare, run=run)


def _judge_flags(e: Evidence) -> str | None:
    """Return what the training switched that it should have left alone, or ``None``."""
    if e.seen.get("flags_changed"):
        return "the parameters' `requires_grad` is not what it was when the model arrived"
    return "gradients are switched off after the call" if e.seen.get("gradients_left_off") else None


def _measured_in_eval(start: Any, batches: Any, how: dict[str, Any]) -> Any:
    """Return what comes of measuring each batch in evaluation mode, before training on it."""
    weights, velocity, losses = np.array(start, dtype=np.float64), np.zeros(3), []
    for batch in batches:
        losses.append(linear.mean_loss(weights, [batch]))
        weights = linear.train(weights, [batch], LR, GAIN, how.get("momentum", 0.0), velocity).weights
    return losses, _sizes(batches)


def _of_run(make: Callable[[linear.Run, np.ndarray], Any]) -> Callable[..., Any]:
    """Return what a fault gives that can be worked out from the run and the batches' sizes."""

    def faulty(start: Any, batches: Any, how: dict[str, Any]) -> Any:
        return make(linear.train(start, batches, LR, GAIN, how.get("momentum", 0.0)), np.array(_sizes(batches)))

    return faulty


def _running_means(run: linear.Run, sizes: np.ndarray) -> OneOf:
    """Return the means so far, weighted or not, beside the sizes or how many samples came so far."""
    count, total = np.cumsum(sizes), np.cumsum(run.losses * sizes)
    plain = np.cumsum(run.losses) / np.arange(1, len(sizes) + 1)
    return OneOf(*((mean.tolist(), beside.tolist()) for mean in (total / count, plain) for beside in (sizes, count)))


def _running_totals(run: linear.Run, sizes: np.ndarray) -> OneOf:
    totals = np.cumsum(run.losses), np.cumsum(run.losses * sizes)
    return OneOf(*((total.tolist(), sizes.tolist()) for total in totals))


class _Epoch(Loop):
    """One call of ``train_one_epoch``, and what it returned."""

    @property
    def pair(self) -> list[Any]:
        """The two things that were returned, if they are two."""
        items = list_of(self.e.result) or []
        return items if len(items) == 2 and self.e.compares == "result" else [None, None]

    @property
    def trained(self) -> list[int]:
        """The numbers of the batches that went through the model and were followed by a step, from 1."""
        first = {round(float(x[0][0]), 4): i for i, (x, _) in enumerate(self.inputs[1], start=1)}
        if self.e.error is not None or not 0 < len(self.of("step")) == len(self.passes):
            return []
        return [first[round(float(event["rows"][0]), 4)] for event in self.passes]

    @property
    def skipped(self) -> list[int]:
        """The numbers of the batches that were passed over, if later ones were trained on."""
        return [i for i in range(1, max(self.trained, default=0)) if i not in self.trained]


def _remembers(epoch: _Epoch) -> bool:
    earlier = epoch.noted("earlier_result")
    return epoch.e.compares == "result" and earlier is not None and earlier != epoch.e.result


def _one_number(epoch: _Epoch) -> bool:
    return epoch.e.compares == "result" and any(number_of(one) is not None for one in (epoch.e.result, epoch.pair[0]))


def _pairs(epoch: _Epoch) -> bool:
    items = list_of(epoch.e.result) or []
    return epoch.e.compares == "result" and len(items) > 2 and all(len(list_of(item) or []) == 2 for item in items)


def _fewer_losses(epoch: _Epoch) -> bool:
    losses = list_of(epoch.pair[0])
    return losses is not None and len(losses) < len(epoch.e.expected[0])


_ARRIVED: tuple[tuple[str, Callable[[_Epoch], bool]], ...] = (
    ("needs_length/loader", lambda epoch: epoch.raised("", "Batches")),
    ("gone_through_twice/loader", lambda epoch: bool(epoch.how.get("once")) and (epoch.noted("readings") or 0) > 1),
    ("remembers_earlier_call", _remembers),
    ("flags_changed", lambda epoch: bool(epoch.noted("flags_changed"))),
)
_MODES: tuple[tuple[str, Callable[[_Epoch], bool]], ...] = (
    ("outer_flag_only", lambda epoch: not all(event.get("outer_agrees", True) for event in epoch.passes)),
    ("gradients_left_off/notebook", lambda epoch: bool(epoch.noted("gradients_left_off"))),
    ("no_train_mode", lambda epoch: any(event["grad"] and not event["training"] for event in epoch.passes)),
)
_NUMBERS: tuple[tuple[str, Callable[[linear.Run, np.ndarray], Any]], ...] = (
    ("measured_after_update", lambda run, sizes: (run.after, sizes)),
    ("elements_counted", lambda run, sizes: (run.losses, 2 * sizes)),  # each row has two features
    ("running_mean", _running_means),
    ("running_total", _running_totals),
    ("batch_sums", lambda run, sizes: (run.losses * sizes, sizes)),
    ("mean_of_batch_mean", lambda run, sizes: (run.losses / sizes, sizes)),
    ("pair_swapped", lambda run, sizes: (sizes, run.losses)),
    ("nominal_batch_size", lambda run, sizes: (run.losses, np.full_like(sizes, sizes[0]))),
)
_FORMS: tuple[tuple[str, Callable[[_Epoch], bool]], ...] = (
    ("several_epochs/batches", lambda epoch: len(epoch.of("step")) > len(epoch.inputs[1])),
    ("one_number", _one_number),
    ("sizes_missing", lambda epoch: epoch.e.compares == "result" and alike(epoch.numbers(), epoch.e.expected[0])),
    ("list_of_pairs", _pairs),
    ("batches_skipped", lambda epoch: bool(epoch.skipped)),
    ("batches_missing", _fewer_losses),
    # Those that were trained on are the first ones: none was skipped.
    ("batches_missing/return", lambda epoch: 0 < len(epoch.trained) < len(epoch.inputs[1]) and not epoch.skipped),
)
_FIELDS = {
    "error": lambda epoch: f"{epoch.e.error['type']}: {epoch.e.error['message']}",
    "readings": lambda epoch: epoch.noted("readings"),
    "skipped": lambda epoch: " and ".join(map(str, epoch.skipped)),
}

_PYTORCH = (
    *by_sign(_ARRIVED, _FIELDS, read=_Epoch),
    *LOOP,
    *by_sign(_MODES, read=_Epoch),
    mistake("reported_in_eval/batch_losses", faulty=_measured_in_eval),
    *by_value((name, _of_run(make)) for name, make in _NUMBERS),
    *by_sign(_FORMS, _FIELDS, read=_Epoch),
)


# --- Keras: the class BatchLossRecorder --------------------------------------------------------------


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
    losses, weights = [], start
    for _ in range(epochs):
        run = linear.train(weights, batches, LR, GAIN)
        losses.append(run.losses)
        weights = run.weights
    return losses


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


def _one_an_epoch(e: Evidence) -> bool:
    rows = e.read_as(_Recording).rows
    return bool(rows) and len(e.expected[0]) > 1 and all(len(row) == 1 for row in rows)


_STATE: tuple[tuple[str, Callable[[_Recording], bool]], ...] = (
    ("not_a_callback", lambda seen: seen.noted("is_callback") is False),
    ("no_attribute/batch_losses", lambda seen: bool(seen.noted("no_attribute"))),
    ("shared_between_objects/list", lambda seen: bool(seen.noted("held_before"))),
    ("shared_between_objects/fit", _disturbed),
    ("changed_inputs/batch_sizes", lambda seen: seen.noted("sizes_after") not in (None, _sizes(seen.inputs[1]))),
    ("never_recorded", _never_recorded),
    ("flat_list", _flat),
    (
        "epochs_in_one_list",
        lambda seen: seen.epochs > 1 and any(len(row) > len(seen.e.expected[0]) for row in seen.rows),
    ),
    (
        "last_epoch_only",
        lambda seen: len(seen.rows) == 1 < seen.epochs and alike(seen.rows[0], seen.e.expected[-1]),
    ),
    (
        "epochs_share_a_list",
        lambda seen: len(seen.rows) == seen.epochs > 1 and all(row == seen.rows[0] != [] for row in seen.rows),
    ),
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

_KERAS = (
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


# --- the exercise ------------------------------------------------------------------------------------


def train_one_epoch(track: str) -> Exercise:
    """Return the exercise in one track."""
    if track == "keras":
        return Exercise(
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
            diagnoses=named_with_outside(_KERAS),
        )
    weights = "weights_after_the_epoch"
    return Exercise(
        name="train_one_epoch",
        points=2,
        cases=(
            train_case("each batch's loss and size", [4, 4, 3], "result", run="three batches"),
            train_case("the weights after the epoch", [4, 4, 3], weights, run="three batches"),
            train_case("a model that arrives in evaluation mode", [4, 2], weights, training=False),
            train_case("batches that come only once, from a generator", [3, 2], "result", once=True, fixed=True),
            train_case("a third call, on another model", [3, 4], "result", twice=True, fixed=True),
            train_case("a model with a frozen parameter", [2, 3], weights, frozen=True, fixed=True),
        ),
        diagnoses=named_with_outside(_PYTORCH),
    )
