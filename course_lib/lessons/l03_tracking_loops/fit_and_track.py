"""Lesson 03, `fit_and_track`, in both tracks: training and validation, epoch by epoch, on a spied model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import Sign, by_sign
from course_lib.checks.mistakes.training import LOOP, loss_not_called
from course_lib.checks.plain import describe, dict_of, has_graph, list_of, show, show_apart, type_name
from course_lib.checks.reading import alike
from course_lib.checks.updates import judge_training
from course_lib.lessons.l03_tracking_loops.fit_numbers import (
    ALL_BUT_LAST,
    FIRST_BATCH,
    FORMS,
    Fit,
    KerasFit,
    history_mistakes,
    order_of,
)
from course_lib.lessons.l03_tracking_loops.watching import (
    gradients_on,
    named_with_outside,
    noting_the_outside,
    spied,
    trainable,
)

__all__ = ["fit_and_track", "judge_history", "judge_loop", "keras_case", "torch_case"]


def _fitting(x: np.ndarray) -> np.ndarray:
    """Return targets that the starting weights fit, so that training leads away from them."""
    return (x @ np.array(START[:-1]) + START[-1]).astype(np.float32)


def _joined(batches: Sequence[linear.Batch]) -> tuple[np.ndarray, np.ndarray]:
    x, y = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    return x, y


# --- PyTorch -----------------------------------------------------------------------------------------


def _arguments(start: Any, train: Any, val: Any, how: dict[str, Any], events: list[dict[str, Any]]) -> tuple[Any, ...]:
    """Return the arguments of ``fit_and_track``, spied on."""
    from course_lib.checks.watch.spies_pytorch import loaders

    def order() -> list[int]:
        # By the steps that were taken: who only counts the rows uses up no order.
        steps = sum(event["what"] == "step" for event in events)
        return order_of(steps // -(-len(train[1]) // how["batch_size"]), len(train[1]))

    train_loader = loaders(train[0], train[1], how["batch_size"], order if how.get("reordered") else None)
    model, loss, optimizer = spied(start, how, events)
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
            result = answer(*arguments)
        record["history_object"] = type_name(result).endswith("History")
        return "a History object" if record["history_object"] else result
    finally:
        record["weights_after_the_run"] = weights_of(model)
        record["training_mode_after_the_run"] = all(module.training for module in model.modules())
        record["flags_changed"] = not all(trainable(model))


def _train_and_val(rng: np.random.Generator, n: int, n_val: int, away: bool = False) -> tuple[Any, Any]:
    train = linear.make_problem(rng, [n // 3] * 3 + ([n % 3] if n % 3 else []))
    x, y = _joined(linear.make_problem(rng, [n_val // 2, n_val - n_val // 2], shift=0.5))
    return _joined(train), (x, _fitting(x) if away else y)


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
        (_val_in_training(fit), "validation rows went through the model in training mode"),
        (_graph_on_val(fit), "gradients were recorded while the validation rows went through the model"),
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


def _val_in_training(fit: Fit) -> bool:
    return any(event["training"] for event in fit.val_passes)


def _graph_on_val(fit: Fit) -> bool:
    return any(event["grad"] for event in fit.val_passes)


def _left_in_eval(fit: Fit) -> bool:
    left = fit.e.compares == "training_mode_after_the_run" and fit.noted(fit.e.compares) is False
    return left and bool(fit.val_passes) and not _val_in_training(fit)


def _not_restored(fit: Fit) -> bool:
    modes = [event["training"] for event in fit.trained]
    return bool(modes) and modes[0] and not all(modes)


def _judged_on_val(fit: Fit) -> bool:
    """Whether the case judges how the validation was done."""
    return fit.e.compares == "weights_after_the_run" and fit.e.expected is None


#: Before the faults of any loop: what these do to the gradients looks like one of them.
_FIRST: tuple[tuple[str, Sign], ...] = (
    ("remembers_earlier_call", lambda fit: fit.remembers),
    ("weights_put_back/earlier_epoch", lambda fit: fit.put_back),
    ("batches_kept", lambda fit: fit.batches_kept),
    ("gradients_left_off/notebook", lambda fit: bool(fit.noted("gradients_left_off"))),
    (
        "flags_changed/left_frozen",
        lambda fit: fit.e.compares == "weights_after_the_run" and bool(fit.noted("flags_changed")),
    ),
    ("updates_on_validation_rows", lambda fit: fit.on_val("step")),
    ("backward_on_validation_rows", lambda fit: fit.on_val("backward")),
    ("optimizer_made_again", lambda fit: fit.optimizer_replaced),
)
_PASSES: tuple[tuple[str, Sign], ...] = (
    (
        "validated_on_training_rows/none",
        lambda fit: fit.e.error is None and bool(fit.train_passes) and not fit.val_passes,
    ),
    ("outer_flag_only", lambda fit: not all(event.get("outer_agrees", True) for event in fit.passes)),
    ("no_eval/validation", _val_in_training),
    ("mode_not_restored", _not_restored),
    ("no_train_mode", lambda fit: bool(fit.trained) and not fit.trained[0]["training"]),
    ("history_object", lambda fit: bool(fit.noted("history_object"))),
    *FORMS,
    (
        "other_loss/validation",
        lambda fit: fit.e.compares == "result" and not loss_not_called(fit) and fit.val_loss_not_called,
    ),
    ("validated_every_batch/between_updates", lambda fit: fit.val_between_updates),
    ("one_validation_batch", lambda fit: fit.one_val_batch),
)
_LAST: tuple[tuple[str, Sign], ...] = (
    ("mode_left_in_eval/validation", _left_in_eval),
    ("gradients_on/validation", lambda fit: _judged_on_val(fit) and _graph_on_val(fit)),
)
_FIELDS = {"run": lambda seen: f"{seen.epochs_run:g}", "epochs": lambda seen: str(seen.epochs)}

_PYTORCH = (
    *LOOP[:2],  # what an error says
    *by_sign(_FIRST, read=Fit),
    *LOOP[2:],
    *by_sign(_PASSES, _FIELDS, read=Fit),
    *history_mistakes(Fit, Fit.tolerance, FIRST_BATCH),
    *by_sign(_LAST, read=Fit),
)


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
            result = answer(model, train, val, how["epochs"], how["batch_size"])
        record["history_object"] = type_name(result).endswith("History")
        return "a History object" if record["history_object"] else result
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
        full, rest = divmod(rows[0], 4)
        train = _joined(linear.make_problem(rng, [4] * full + ([rest] if rest else [])))
        ((x_val, y_val),) = linear.make_problem(rng, [rows[1]], shift=0.7)
        order = rng.permutation(rows[0])
        return (
            START,
            tuple(part[order] for part in train),
            (x_val, _fitting(x_val) if settings["away"] else y_val),
            settings,
        )

    return Case(name, inputs, None, hint, _observe_keras, judge, run=run)


def judge_loop(e: Evidence) -> str | None:
    """Return what is wrong with the training, or ``None``: an own loop, every row once an epoch, plain steps."""
    if e.read_as(KerasFit).noted("fit_calls"):
        return "`model.fit` was called; the loop over the batches is yours to write"
    return judge_training(e)


def judge_history(e: Evidence) -> str | None:
    """Return what is wrong with the loop or with the returned dictionary, or ``None``."""
    fit = e.read_as(KerasFit)
    found = dict_of(e.result)
    if found is None and not fit.noted("fit_calls"):
        return f"it should return a dictionary with the keys 'loss' and 'val_loss'; yours is {show(e.result)}"
    if problem := judge_loop(e):
        return problem
    assert found is not None
    for key in ("loss", "val_loss"):
        if key not in found:
            return f"the key {key!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
        given = list_of(found[key])
        if given is None:
            return f"{key!r} must be a list with one number for each epoch; yours is {show(found[key])}"
        if len(given) != fit.epochs:
            return (
                f"{key!r} must have {fit.epochs} values, one for each epoch; yours has {len(given)}: {show(found[key])}"
            )
        if not alike(fit.numbers(key), fit.right(key), *fit.tolerance):
            yours, truth = show_apart(found[key], fit.right(key))
            return f"{key!r}: yours {yours}, right {truth}"
    return "the values are tensors that still carry a graph" if has_graph(e.result) else None


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


def _nested(fit: KerasFit) -> bool:
    found = dict_of(fit.e.result) or {}
    entries = [entry for key in ("loss", "val_loss") for entry in list_of(found.get(key)) or []]
    return any(list_of(entry) for entry in entries)


def _ragged_dropped(fit: KerasFit) -> bool:
    whole, rest = divmod(len(fit.train[1]), fit.batch_size)
    sizes = [len(update.event["rows"]) for update in fit.updates]
    return fit.e.error is None and bool(rest) and sizes == [fit.batch_size] * whole * fit.epochs


def _no_val_rows(fit: KerasFit, has_key: bool) -> bool:
    if not fit.updates or "val" in fit.sets_seen or ("val_loss" in (dict_of(fit.e.result) or {})) != has_key:
        return False
    return fit.e.error is None or (not has_key and fit.e.error["message"] == "'val_loss'")


def _step_outside(fit: KerasFit) -> bool:
    """Whether all batches of an epoch went through the model in training mode before one step followed."""
    batches = len(fit.rows_in["loss"]) * fit.epochs
    passes = sum(event["training"] for event in fit.passes)
    return passes == batches > fit.noted("optimizer_steps") == fit.epochs


def _other_batches(fit: KerasFit) -> bool:
    return fit.epochs_run == fit.epochs and len(fit.updates) != len(fit.rows_in["loss"]) * fit.epochs


_KERAS_FIRST: tuple[tuple[str, Sign], ...] = (
    # First, whatever else is wrong: before the loop is written nothing said of it would help.
    ("fit_called", lambda fit: bool(fit.noted("fit_calls"))),
    ("remembers_earlier_call", lambda fit: fit.remembers),
    ("flags_changed/left_frozen", lambda fit: bool(fit.noted("frozen"))),
    ("compiled_anew", lambda fit: bool(fit.noted("compiled_anew"))),
    ("pair_not_unpacked/loop", lambda fit: fit.raised("ValueError", "too many values to unpack")),
    ("gradients_off/tape", lambda fit: fit.raised("ValueError", "No gradients provided")),
    ("history_object", lambda fit: bool(fit.noted("history_object"))),
    ("updates_on_validation_rows", lambda fit: any("val" in fit.sets(update.event) for update in fit.updates)),
    ("validation_split", lambda fit: fit.split_off),
    ("validated_on_training_rows/none", lambda fit: _no_val_rows(fit, True)),
    ("no_validation", lambda fit: _no_val_rows(fit, False)),
    ("never_trained", lambda fit: fit.e.error is None and not fit.updates),
    ("optimizer_not_used/compiled", lambda fit: bool(fit.updates) and fit.noted("optimizer_steps") == 0),
    ("step_outside_loop", lambda fit: fit.e.error is None and _step_outside(fit)),
    ("several_steps_a_batch", lambda fit: 0 < len(fit.updates) < fit.noted("optimizer_steps")),
    ("swapped_loss_arguments", lambda fit: fit.swapped),
    ("no_eval/argument", lambda fit: any(ev["training"] and "val" in fit.sets(ev) for ev in fit.passes)),
    ("no_train_mode/inference_mode", lambda fit: not all(update.event["training"] for update in fit.updates)),
    *FORMS,
    ("nested_lists", _nested),
    ("last_batch_left_out/training", _ragged_dropped),
    ("weights_put_back", lambda fit: fit.e.error is None and fit.put_back),
    ("wrong_number_of_epochs/rows", lambda fit: fit.e.error is None and fit.epochs_run != fit.epochs),
    ("other_batches/batch_size", _other_batches),
)

_KERAS = (
    *by_sign(_KERAS_FIRST, _FIELDS, read=KerasFit),
    *history_mistakes(KerasFit, KerasFit.tolerance, ALL_BUT_LAST),
)


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
        diagnoses=named_with_outside(_KERAS if keras else _PYTORCH),
    )
