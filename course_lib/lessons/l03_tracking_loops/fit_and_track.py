"""Lesson 03, `fit_and_track`, in both tracks: training and validation, epoch by epoch, on a spied model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.plain import describe, dict_of, has_graph, show_apart, type_name
from course_lib.checks.updates import judge_training
from course_lib.lessons.l03_tracking_loops.fit_mistakes import KERAS, PYTORCH
from course_lib.lessons.l03_tracking_loops.fit_run import Fit, KerasFit, order_of
from course_lib.lessons.l03_tracking_loops.watching import named_with_outside, noting_the_outside, noting_what_is_left

__all__ = ["fit_and_track", "fit_case", "judge_history", "judge_loop"]


def _returned(answer: Any, record: dict[str, Any]) -> Any:
    """Return what came back, or a word for a History, which is none of the lists that are asked for."""
    record["history_object"] = type_name(answer).endswith("History")
    return "a History object" if record["history_object"] else answer


def _first_fault(*faults: tuple[Any, str]) -> str | None:
    return next((text for fault, text in faults if fault), None)


# --- PyTorch -----------------------------------------------------------------------------------------


def _arguments(start: Any, train: Any, val: Any, how: dict[str, Any], events: list[dict[str, Any]]) -> tuple[Any, ...]:
    from course_lib.checks.watch.spies_pytorch import loaders, spied

    def order() -> list[int]:
        # By the steps that were taken: who only counts the rows uses up no order.
        steps = sum(event["what"] == "step" for event in events)
        return order_of(steps // -(-len(train[1]) // how["batch_size"]), len(train[1]))

    train_loader = loaders(train[0], train[1], how["batch_size"], order if how.get("reordered") else None)
    model, loss, optimizer = spied(start, events, how["training"], how.get("momentum", 0.0))
    return model, train_loader, loaders(val[0], val[1], how["val_batch_size"]), loss, optimizer, how["epochs"]


def _observe(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch.spies_pytorch import weights_of

    if "earlier" in how:
        with noting_the_outside(answer, record):
            for rows, unseen in (how["earlier"], (train, val)):
                record["earlier_result"] = describe(answer(*_arguments(start, rows, unseen, how, [])))
    record["events"] = []
    model, *others = _arguments(start, train, val, how, record["events"])
    try:
        with noting_what_is_left(answer, record, model):
            return _returned(answer(model, *others), record)
    finally:
        record["weights_after_the_run"] = weights_of(model)
        record["training_mode_after_the_run"] = all(module.training for module in model.modules())


def _draw(rng: np.random.Generator, n: int, n_val: int, away: bool = False) -> tuple[Any, Any]:
    train = linear.draw_rows(rng, linear.in_groups(n, n // 3))
    x, y = linear.draw_rows(rng, [n_val // 2, n_val - n_val // 2], shift=0.5)
    return train, (x, linear.fitted(x) if away else y)


def _judge_val(e: Evidence) -> str | None:
    fit = e.read_as(Fit)
    given, right = describe(e["weights_after_the_run"]), fit.weights[-1].tolist()
    yours, truth = show_apart(given, right)
    return _first_fault(
        (not fit.val_passes, "no validation row ever went through the model"),
        (fit.on_val("step"), "the weights were updated on validation rows"),
        (fit.any_val("training"), "validation rows went through the model in training mode"),
        (fit.any_val("grad"), "gradients were recorded while the validation rows went through the model"),
        (fit.noted("gradients_left_off"), "gradients are switched off after the call"),
        (fit.noted("flags_changed"), "parameters that could learn when the model arrived are frozen after the call"),
        (close(given, right), f"The weights after the run: yours {yours}, right {truth}"),
    )


def _judge_ran(e: Evidence) -> str | None:
    fit = e.read_as(Fit)
    return _first_fault(
        (not fit.train_passes, "no training row ever went through the model"),
        (not fit.val_passes, "no validation row ever went through the model"),
        (e["training_mode_after_the_run"] is not True, "the model is left in evaluation mode"),
    )


# --- Keras -------------------------------------------------------------------------------------------


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch.spies_keras import compiled, weights_of

    if how.get("again"):
        with noting_the_outside(answer, record):
            first = answer(compiled(start, GAIN, [], how["lr"]), train, val, how["epochs"], how["batch_size"])
        record["earlier_result"] = describe(first)
    events = record["events"] = []
    model = compiled(start, GAIN, events, how["lr"], how.get("momentum", 0.0))
    before = [part.copy() for part in (*train, *val)]
    came_with, learning = model.optimizer, len(model.trainable_variables)
    try:
        with noting_the_outside(answer, record):
            return _returned(answer(model, train, val, how["epochs"], how["batch_size"]), record)
    finally:
        record["weights"] = weights_of(model)
        record["fit_calls"] = model.notes.fits
        record["optimizer_steps"] = int(came_with.iterations)
        record["compiled_anew"] = model.optimizer is not came_with
        record["frozen"] = len(model.trainable_variables) < learning
        record["rows_changed"] = any(not np.array_equal(a, b) for a, b in zip(before, (*train, *val), strict=True))


def _draw_keras(rng: np.random.Generator, n: int, n_val: int, away: bool = False) -> tuple[Any, Any]:
    train = linear.draw_rows(rng, linear.in_groups(n, 4))
    x, y = linear.draw_rows(rng, [n_val], shift=0.7)
    order = rng.permutation(n)
    return tuple(part[order] for part in train), (x, linear.fitted(x) if away else y)


def judge_loop(e: Evidence) -> str | None:
    """Return what is wrong with the training, or ``None``: an own loop, every row once an epoch, plain steps."""
    if e.read_as(KerasFit).noted("fit_calls"):
        return "`model.fit` was called; the loop over the batches is yours to write"
    return judge_training(e)


def judge_history(e: Evidence) -> str | None:
    """Return what is wrong with the loop or with the returned dictionary, or ``None``."""
    fit: KerasFit = e.read_as(KerasFit)
    if dict_of(e.result) is None and not fit.noted("fit_calls"):
        return fit.problem("loss")
    problem = judge_loop(e) or fit.problem("loss") or fit.problem("val_loss")
    return problem or ("the values are tensors that still carry a graph" if has_graph(e.result) else None)


def _judge_keras_val(e: Evidence) -> str | None:
    fit = e.read_as(KerasFit)
    if fit.noted("fit_calls"):
        return judge_loop(e)
    passed = [event for event in fit.passes if "val" in fit.sets(event)]
    updated = any("val" in fit.sets(update.event) for update in fit.updates)
    return _first_fault(
        (not passed, "no validation row ever went through the model"),
        (any(event["training"] for event in passed), "validation rows went through the model in training mode"),
        (updated, "the weights changed on validation rows"),
        (fit.noted("frozen"), "weights that could learn when the model arrived are frozen after the call"),
        (fit.noted("rows_changed"), "the training or validation arrays were changed"),
    )


# --- the exercise ------------------------------------------------------------------------------------

_OBSERVE = {"pytorch": _observe, "keras": _observe_keras}
_DRAW = {"pytorch": _draw, "keras": _draw_keras}
#: How many training and validation rows there are, and how the answer is called, if a case does not say.
_ROWS = {"pytorch": (11, 7), "keras": (7, 6)}
_HOW: dict[str, dict[str, Any]] = {"pytorch": {"val_batch_size": 3, "training": True}, "keras": {"lr": LR}}


def fit_case(
    track: str,
    name: str,
    judge: Callable[[Evidence], str | None] | None = None,
    compares: str = "result",
    hint: str = "",
    rows: tuple[int, int] | None = None,
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``fit_and_track``.

    Parameters
    ----------
    track, name, hint : str
    judge : callable(Evidence) -> str or None, optional
        In Keras `judge_history` or `judge_loop`.
    compares : {"result", "weights_after_the_run", "training_mode_after_the_run"}
        What is held against the truth, unless there is a judge.
    rows : (int, int), optional
        Training and validation rows.
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``epochs``, ``batch_size``, ``momentum``; ``away``: the starting weights fit the validation rows, so that
        their loss rises from epoch to epoch; ``fixed``: the rows are the same under every seed. In PyTorch
        ``val_batch_size``, ``training`` (the mode it arrives in); ``reordered``: every epoch has the rows in another
        order; ``twice``: the function is called on another model and other rows before. In Keras ``lr``; ``again``:
        the function is called before, with the same arguments.
    """
    draw, settings = _DRAW[track], {"epochs": 2, "batch_size": 4, **_HOW[track], **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(1) if how.get("fixed") else rng
        train, val = draw(rng, *(rows or _ROWS[track]), how.get("away", False))
        return START, train, val, settings | ({"earlier": draw(rng, 5, 4)} if how.get("twice") else {})

    def expected(*inputs: Any) -> Any:
        fit = Fit(Evidence(inputs, {}))
        return {k: fit.right(k) for k in ("loss", "val_loss")} if compares == "result" else fit.weights[-1].tolist()

    return Case(name, inputs, None if judge else expected, hint, _OBSERVE[track], judge, compares, run=run)


def _torch_cases() -> tuple[Case, ...]:
    case = partial(fit_case, "pytorch")
    weights: dict[str, Any] = {"compares": "weights_after_the_run"}
    mode: dict[str, Any] = {"compares": "training_mode_after_the_run", "training": False}
    one: dict[str, Any] = {"run": "one epoch", "epochs": 1}
    three: dict[str, Any] = {"run": "three epochs", "epochs": 3, "training": False}
    small: dict[str, Any] = {"fixed": True, "rows": (7, 4)}
    rising: dict[str, Any] = {"run": "rising", "epochs": 3, "away": True, **small}
    return (
        case("one epoch: both losses", **one),
        case("three epochs: both lists", **three),
        case("the weights after three epochs", **weights, **three),
        case("validation changes nothing", _judge_val, **weights, **one),
        case("training mode afterwards", _judge_ran, **mode),
        case("a validation loss that rises: both lists", **rising),
        case("a validation loss that rises: the weights", **weights, **rising),
        case("momentum, and another order in the second epoch", **weights, reordered=True, momentum=0.5, **small),
        case("a third call, on another model", epochs=1, twice=True, **small),
    )


def _keras_cases() -> tuple[Case, ...]:
    case = partial(fit_case, "keras")
    # The validation loss rises while the training loss falls, whatever the seed.
    three: dict[str, Any] = {"run": "three epochs", "epochs": 3, "lr": 0.015, "away": True}
    return (
        case("one epoch: both losses", judge_history, epochs=1),
        case("three epochs: both lists", judge_history, **three),
        case("every training row once an epoch", judge_loop, **three),
        case("validation changes nothing", _judge_keras_val, **three),
        case("an optimizer with momentum", judge_history, rows=(6, 3), momentum=0.8, lr=0.02, fixed=True),
        case("the same call a second time", judge_history, rows=(4, 3), epochs=1, again=True, fixed=True),
    )


def fit_and_track(track: str) -> Exercise:
    """Return the exercise in one track."""
    keras = track == "keras"
    return Exercise(
        name="fit_and_track",
        points=3,
        cases=_keras_cases() if keras else _torch_cases(),
        diagnoses=named_with_outside(KERAS if keras else PYTORCH),
    )
