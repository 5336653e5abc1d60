"""Lesson 03, `train_one_epoch`: in PyTorch a function on a spied model; for Keras, see `batch_loss_recorder`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import Matches, close
from course_lib.checks.diagnosis import OneOf
from course_lib.checks.linear import GAIN, LR, START, sizes_of
from course_lib.checks.mistakes import Sign, by_sign, by_value, mistake, noted
from course_lib.checks.mistakes.training import LOOP, Loop
from course_lib.checks.plain import describe, list_of, number_of
from course_lib.checks.reading import alike
from course_lib.lessons.l03_tracking_loops.batch_loss_recorder import BATCH_LOSS_RECORDER
from course_lib.lessons.l03_tracking_loops.watching import (
    named_with_outside,
    noting_the_outside,
    noting_what_is_left,
    remembers,
)

__all__ = ["PAIR", "train_case", "train_one_epoch"]

PAIR = Matches(names=("batch_losses", "batch_sizes"))


# --- how it is watched, and what must be seen --------------------------------------------------------


def _observe_epoch(answer: Any, record: dict[str, Any], start: Any, batches: Any, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch.spies_pytorch import Batches, spied, weights_of

    def arguments(loader: Any, events: list[dict[str, Any]]) -> tuple[Any, ...]:
        momentum, frozen = how.get("momentum", 0.0), how.get("frozen", False)
        model, loss, optimizer = spied(start, events, how["training"], momentum, frozen)
        return model, loader, loss, optimizer

    if "earlier" in how:
        with noting_the_outside(answer, record):
            for of in (how["earlier"], batches):
                record["earlier_result"] = describe(answer(*arguments(Batches(of), [])))
    record["events"] = []
    loader = Batches(batches, how.get("as_list", False), how.get("once", False))
    model, *others = arguments(loader, record["events"])
    try:
        with noting_what_is_left(answer, record, model):
            return answer(model, *others)
    finally:
        record["weights_after_the_epoch"] = weights_of(model)[: len(start)]
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
        return (run.losses, sizes_of(batches)) if compares == "result" else run.weights.tolist()

    compare, judge = (PAIR, None) if compares == "result" else (close, _judge_flags)
    return Case(name, inputs, expected, hint, _observe_epoch, judge, compares, compare, run=run)


def _judge_flags(e: Evidence) -> str | None:
    if e.seen.get("flags_changed"):
        return "the parameters' `requires_grad` is not what it was when the model arrived"
    return "gradients are switched off after the call" if e.seen.get("gradients_left_off") else None


# --- what may go wrong -------------------------------------------------------------------------------


def _of_run(make: Callable[[linear.Run, np.ndarray], Any]) -> Callable[..., Any]:
    """Return what a fault gives that can be worked out from the run and the batches' sizes."""

    def faulty(start: Any, batches: Any, how: dict[str, Any]) -> Any:
        return make(linear.train(start, batches, LR, GAIN, how.get("momentum", 0.0)), np.array(sizes_of(batches)))

    return faulty


def _running_means(run: linear.Run, sizes: np.ndarray) -> OneOf:
    """Return the means so far, weighted or not, beside the sizes or how many samples came so far."""
    count, total = np.cumsum(sizes), np.cumsum(run.losses * sizes)
    plain = np.cumsum(run.losses) / np.arange(1, len(sizes) + 1)
    return OneOf(*((mean.tolist(), beside.tolist()) for mean in (total / count, plain) for beside in (sizes, count)))


class _Epoch(Loop):
    """One call of ``train_one_epoch``, and what it returned."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.items = (list_of(e.result) or []) if e.compares == "result" else []
        #: What was returned for the losses, if two things were returned.
        self.losses = self.items[0] if len(self.items) == 2 else None

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


def _one_number(epoch: _Epoch) -> bool:
    return epoch.e.compares == "result" and any(number_of(one) is not None for one in (epoch.e.result, epoch.losses))


def _fewer_losses(epoch: _Epoch) -> bool:
    losses = list_of(epoch.losses)
    return losses is not None and len(losses) < len(epoch.e.expected[0])


_ARRIVED: tuple[tuple[str, Sign], ...] = (
    ("needs_length/loader", lambda epoch: epoch.raised("", "Batches")),
    ("gone_through_twice/loader", lambda epoch: bool(epoch.how.get("once")) and (epoch.noted("readings") or 0) > 1),
    ("remembers_earlier_call", remembers),
    ("flags_changed", noted("flags_changed")),
)
_MODES: tuple[tuple[str, Sign], ...] = (
    ("outer_flag_only", lambda epoch: not all(event.get("outer_agrees", True) for event in epoch.passes)),
    ("gradients_left_off/notebook", noted("gradients_left_off")),
    ("no_train_mode", lambda epoch: any(event["grad"] and not event["training"] for event in epoch.passes)),
)
_NUMBERS: tuple[tuple[str, Callable[[linear.Run, np.ndarray], Any]], ...] = (
    ("measured_after_update", lambda run, sizes: (run.after, sizes)),
    ("elements_counted", lambda run, sizes: (run.losses, 2 * sizes)),  # each row has two features
    ("running_mean", _running_means),
    ("running_total", lambda run, sizes: OneOf(*((np.cumsum(v), sizes) for v in (run.losses, run.losses * sizes)))),
    ("batch_sums", lambda run, sizes: (run.losses * sizes, sizes)),
    ("mean_of_batch_mean", lambda run, sizes: (run.losses / sizes, sizes)),
    ("pair_swapped", lambda run, sizes: (sizes, run.losses)),
    ("nominal_batch_size", lambda run, sizes: (run.losses, np.full_like(sizes, sizes[0]))),
)
_FORMS: tuple[tuple[str, Sign], ...] = (
    ("several_epochs/batches", lambda epoch: len(epoch.of("step")) > len(epoch.inputs[1])),
    ("one_number", _one_number),
    ("sizes_missing", lambda epoch: epoch.e.compares == "result" and alike(epoch.numbers(), epoch.e.expected[0])),
    ("list_of_pairs", lambda epoch: len(epoch.items) > 2 and all(len(list_of(x) or []) == 2 for x in epoch.items)),
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
    mistake(
        "reported_in_eval/batch_losses",
        faulty=lambda w, batches, how: (linear.losses_in_eval(w, batches, how.get("momentum", 0.0)), sizes_of(batches)),
    ),
    *by_value((name, _of_run(make)) for name, make in _NUMBERS),
    *by_sign(_FORMS, _FIELDS, read=_Epoch),
)


# --- the exercise ------------------------------------------------------------------------------------


def train_one_epoch(track: str) -> Exercise:
    """Return the exercise in one track."""
    if track == "keras":
        return BATCH_LOSS_RECORDER
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
