"""Lesson 03, `fit_and_track`, in both tracks: training and validation, epoch by epoch, on a spied model."""

from __future__ import annotations

from collections.abc import Callable
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
from course_lib.lessons.l03_tracking_loops.watching import (
    gradients_on,
    named_with_outside,
    noting_the_outside,
    trainable,
)

__all__ = ["fit_and_track", "judge_history", "judge_loop", "keras_case", "torch_case"]


def _returned(answer: Any, record: dict[str, Any]) -> Any:
    """Return what came back, or a word for a History, which is none of the lists that are asked for."""
    record["history_object"] = type_name(answer).endswith("History")
    return "a History object" if record["history_object"] else answer


# --- PyTorch -----------------------------------------------------------------------------------------


def _arguments(start: Any, train: Any, val: Any, how: dict[str, Any], events: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return the arguments of ``fit_and_track``, spied on."""
    from course_lib.checks.watch.spies_pytorch import loaders, spied

    def order() -> list[int]:
        # By the steps that were taken: who only counts the rows uses up no order.
        steps = sum(event["what"] == "step" for event in events)
        return order_of(steps // -(-len(train[1]) // how["batch_size"]), len(train[1]))

    train_loader = loaders(train[0], train[1], how["batch_size"], order if how.get("reordered") else None)
    model, loss, optimizer = spied(start, events, how["training"], how.get("momentum", 0.0))
    return model, train_loader, loaders(val[0], val[1], how["val_batch_size"]), loss, optimizer, how["epochs"]


def _observe(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``fit_and_track`` on a spied model and note what happened, the weights and the mode after it."""
    from course_lib.checks.watch.spies_pytorch import weights_of

    if "earlier" in how:
        with noting_the_outside(answer, record):
            for rows, unseen in (how["earlier"], (train, val)):
                record["earlier_result"] = describe(answer(*_arguments(start, rows, unseen, how, [])))
    record["events"] = []
    arguments = _arguments(start, train, val, how, record["events"])
    model = arguments[0]
    try:
        with noting_the_outside(answer, record), gradients_on(record):
            return _returned(answer(*arguments), record)
    finally:
        record["weights_after_the_run"] = weights_of(model)
        record["training_mode_after_the_run"] = all(module.training for module in model.modules())
        record["flags_changed"] = not all(trainable(model))


def _train_and_val(rng: np.random.Generator, n: int, n_val: int, away: bool = False) -> tuple[Any, Any]:
    train = linear.draw_rows(rng, linear.in_groups(n, n // 3))
    x, y = linear.draw_rows(rng, [n_val // 2, n_val - n_val // 2], shift=0.5)
    return train, (x, linear.fitted(x) if away else y)


def torch_case(
    name: str,
    compares: str = "result",
    hint: str = "",
    judge: Any = None,
    sizes: tuple[int, int] = (11, 7),
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``fit_and_track`` in PyTorch.

    Parameters
    ----------
    name, hint : str
    compares : {"result", "weights_after_the_run", "training_mode_after_the_run"}
        Only a judge looks at the training mode; so it does at the weights, if there is one.
    judge : callable(Evidence) -> str or None, optional
    sizes : (int, int)
        Training and validation rows.
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``epochs``, ``batch_size``, ``val_batch_size``, ``training`` (the mode it arrives in), ``momentum``;
        ``away``: the starting weights fit the validation rows, so that their loss rises from epoch to epoch;
        ``reordered``: every epoch has the rows in another order; ``twice``: the function is called on another
        model and other rows before; ``fixed``: the rows are the same under every seed.
    """
    settings = {"epochs": 2, "batch_size": 4, "val_batch_size": 3, "training": True, **how}
    away, twice, fixed = (settings.pop(name, False) for name in ("away", "twice", "fixed"))

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(1) if fixed else rng
        train, val = _train_and_val(rng, *sizes, away=away)
        return START, train, val, settings | ({"earlier": _train_and_val(rng, 5, 4)} if twice else {})

    def expected(*inputs: Any) -> Any:
        fit = Fit(Evidence(inputs, {}))
        if compares == "result":
            return {key: fit.right(key) for key in ("loss", "val_loss")}
        return fit.weights[-1].tolist()

    return Case(name, inputs, None if judge else expected, hint, _observe, judge, compares, run=run)


def _judge_val(e: Evidence) -> str | None:
    """Return what the validation pass changed or built, or ``None``."""
    fit = e.read_as(Fit)
    wrong = (
        (not fit.val_passes, "no validation row ever went through the model"),
        (fit.on_val("step"), "the weights were updated on validation rows"),
        (fit.any_val("training"), "validation rows went through the model in training mode"),
        (fit.any_val("grad"), "gradients were recorded while the validation rows went through the model"),
        (fit.noted("gradients_left_off"), "gradients are switched off after the call"),
        (fit.noted("flags_changed"), "parameters that could learn when the model arrived are frozen after the call"),
    )
    for fault, text in wrong:
        if fault:
            return text
    given, right = describe(e["weights_after_the_run"]), fit.weights[-1].tolist()
    if close(given, right) is None:
        return None
    yours, truth = show_apart(given, right)
    return f"The weights after the run: yours {yours}, right {truth}"


def _judge_ran(e: Evidence) -> str | None:
    """Return what is missing if not both passes ran, or ``None``."""
    fit = e.read_as(Fit)
    if not fit.train_passes:
        return "no training row ever went through the model"
    if not fit.val_passes:
        return "no validation row ever went through the model"
    if e["training_mode_after_the_run"] is not True:
        return "the model is left in evaluation mode"
    return None


# --- Keras -------------------------------------------------------------------------------------------


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``fit_and_track`` on a spied model and note what passed through it."""
    from course_lib.checks.watch.spies_keras import compiled, weights_of

    if how.get("twice"):
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


def keras_case(
    name: str,
    judge: Callable[[Evidence], str | None],
    hint: str = "",
    rows: tuple[int, int] = (7, 6),
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``fit_and_track`` in Keras.

    Parameters
    ----------
    name, hint : str
    judge : callable(Evidence) -> str or None
        `judge_history` or `judge_loop`.
    rows : (int, int)
        Training and validation rows.
    run : str, optional
        The name of a run that several cases judge.
    **how
        ``epochs``, ``batch_size``, ``lr``, ``momentum``; ``away``: the starting weights fit the validation rows,
        so that the validation loss rises from epoch to epoch while the training loss falls; ``twice``: the
        function is called before, with the same arguments; ``fixed``: the rows are the same under every seed.
    """
    settings = {"epochs": 2, "batch_size": 4, "lr": LR, "away": False, **how}
    fixed = settings.pop("fixed", False)

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(1) if fixed else rng
        train = linear.draw_rows(rng, linear.in_groups(rows[0], 4))
        x, y = linear.draw_rows(rng, [rows[1]], shift=0.7)
        order = rng.permutation(rows[0])
        shuffled = tuple(part[order] for part in train)
        return START, shuffled, (x, linear.fitted(x) if settings["away"] else y), settings

    return Case(name, inputs, None, hint, _observe_keras, judge, run=run)


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
    """Return what is wrong with how validation was done, or ``None``."""
    fit = e.read_as(KerasFit)
    if fit.noted("fit_calls"):
        return judge_loop(e)
    passed = [event for event in fit.passes if "val" in fit.sets(event)]
    if not passed:
        return "no validation row ever went through the model"
    if any(event["training"] for event in passed):
        return "validation rows went through the model in training mode"
    if any("val" in fit.sets(update.event) for update in fit.updates):
        return "the weights changed on validation rows"
    if fit.noted("frozen"):
        return "weights that could learn when the model arrived are frozen after the call"
    return "the training or validation arrays were changed" if fit.noted("rows_changed") else None


# --- the exercise ------------------------------------------------------------------------------------

_SMALL: dict[str, Any] = {"fixed": True, "sizes": (7, 4)}
#: Three epochs in which the validation loss rises; in Keras the training loss falls, whatever the seed.
_RISING: dict[str, Any] = {"run": "rising", "epochs": 3, "away": True, **_SMALL}
_RISING_KERAS: dict[str, Any] = {"run": "three epochs", "epochs": 3, "lr": 0.015, "away": True}


def _torch_cases() -> tuple[Case, ...]:
    weights = "weights_after_the_run"
    three: dict[str, Any] = {"run": "three epochs", "epochs": 3, "training": False}
    return (
        torch_case("one epoch: both losses", run="one epoch", epochs=1),
        torch_case("three epochs: both lists", **three),
        torch_case("the weights after three epochs", weights, **three),
        torch_case("validation changes nothing", weights, judge=_judge_val, run="one epoch", epochs=1),
        torch_case("training mode afterwards", "training_mode_after_the_run", judge=_judge_ran, training=False),
        torch_case("a validation loss that rises: both lists", **_RISING),
        torch_case("a validation loss that rises: the weights", weights, **_RISING),
        torch_case("momentum, and another order in the second epoch", weights, reordered=True, momentum=0.5, **_SMALL),
        torch_case("a third call, on another model", epochs=1, twice=True, **_SMALL),
    )


def _keras_cases() -> tuple[Case, ...]:
    return (
        keras_case("one epoch: both losses", judge_history, epochs=1),
        keras_case("three epochs: both lists", judge_history, **_RISING_KERAS),
        keras_case("every training row once an epoch", judge_loop, **_RISING_KERAS),
        keras_case("validation changes nothing", _judge_keras_val, **_RISING_KERAS),
        keras_case("an optimizer with momentum", judge_history, rows=(6, 3), momentum=0.8, lr=0.02, fixed=True),
        keras_case("the same call a second time", judge_history, rows=(4, 3), epochs=1, twice=True, fixed=True),
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
