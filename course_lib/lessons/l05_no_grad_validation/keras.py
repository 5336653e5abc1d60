"""Lesson 05 in Keras: how its three functions are watched, and what can go wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes import mistake
from course_lib.lessons.l03_tracking_loops.keras import Seen, judge_training
from course_lib.lessons.l05_no_grad_validation.evaluate import (
    EPSILON,
    REMEMBERS,
    Notes,
    Once,
    compiled_loss,
    evaluate_exercise,
    events,
    twice,
    without_errors,
)
from course_lib.lessons.l05_no_grad_validation.run_epochs import (
    Truth,
    hunt_case,
    judge_pair,
    pair_diagnoses,
)

__all__ = ["BUG_HUNT", "EVALUATE", "SAME_WEIGHTS", "epochs_case", "observe_evaluate", "same_weights_case"]


@contextlib.contextmanager
def _eagerly() -> Iterator[None]:
    """Run what Keras would compile step by step, so that passes can be noted and take milliseconds."""
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


def _tape_is_open() -> bool:
    from tensorflow.python.eager import record

    return bool(record.could_possibly_record())


# --- evaluate ----------------------------------------------------------------------------------------


def _model(p: dict[str, np.ndarray], noted: list[dict[str, Any]]) -> Any:
    """Return a compiled model of batch norm, dropout and a dense layer that notes each pass.

    The loss that it is compiled with is another one than it will be measured with.
    """
    import keras
    from keras import ops

    class Watched(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.norm = keras.layers.BatchNormalization(epsilon=EPSILON)
            self.drop = keras.layers.Dropout(0.5, seed=0)
            self.head = keras.layers.Dense(p["kernel"].shape[1])
            self.notes = Notes(noted)

        def build(self, shape: Any) -> None:
            for layer in (self.norm, self.drop, self.head):
                layer.build((None, 2))
            self.built = True

        def call(self, inputs: Any, training: bool | None = None) -> Any:
            outputs = self.head(self.drop(self.norm(inputs, training=training), training=training))
            outputs = outputs if p["kernel"].shape[1] > 1 else ops.squeeze(outputs, -1)
            with contextlib.suppress(Exception):
                self.notes.add(
                    {
                        "what": "forward",
                        "rows": [float(v) for v in np.asarray(ops.convert_to_numpy(inputs))[:, 0]],
                        "training": bool(training),
                        "norm": bool(training) and bool(self.norm.trainable),
                        "drop": bool(training),
                        "grad": _tape_is_open(),
                    }
                )
            return outputs

    model = Watched()
    model.build((None, 2))
    model.norm.set_weights([p["gamma"], p["beta"], p["mean"], p["variance"]])
    model.head.set_weights([p["kernel"], p["bias"]])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=lambda targets, outputs: ops.mean(ops.square(outputs)))
    return model


def _state(model: Any) -> dict[str, Any]:
    from keras import ops

    def read(variables: Any) -> list[list[float]]:
        return [np.ravel(ops.convert_to_numpy(v)).tolist() for v in variables]

    return {
        "weights": read([model.norm.gamma, model.norm.beta, *model.head.weights]),
        "statistics": read([model.norm.moving_mean, model.norm.moving_variance]),
        "trainable": [bool(layer.trainable) for layer in (model, model.norm, model.drop, model.head)],
        "settings": [model.drop.rate, model.norm.momentum, model.norm.epsilon],
        "optimizer": id(model.optimizer),
        "loss": id(model.loss),
    }


def _tilted(targets: Any, outputs: Any) -> Any:
    from keras import ops

    return ops.mean((outputs - targets) ** 2) + linear.TILT * ops.mean(outputs)


def _errors(targets: Any, outputs: Any) -> Any:
    from keras import ops

    wrong = ops.not_equal(ops.argmax(outputs, axis=-1), ops.cast(targets, "int32"))
    return ops.mean(ops.cast(wrong, "float32"))


def _tensors(batches: Any, as_list: bool = False) -> Any:
    import tensorflow as tf

    pairs = [(tf.constant(x), tf.constant(y)) for x, y in batches]
    return [list(pair) for pair in pairs] if as_list else pairs


def observe_evaluate(answer: Any, record: dict[str, Any], p: Any, batches: Any, how: dict[str, Any]) -> Any:
    """Let ``evaluate`` measure a watched model once, and note what it was like before and after."""
    import keras

    noted = record["events"] = []
    losses = {"f": _tilted, "i": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "u": _errors}
    loss = losses[batches[0][1].dtype.kind]
    model = _model(p, noted)
    if how.get("mixed"):
        model.norm.trainable = False
    if not how["training"]:
        model.trainable = False
    before = _state(model)
    try:
        with _eagerly():
            return answer(model, Once(_tensors(batches, how.get("as_list", False)), record), loss)
    finally:
        after = _state(model)
        record["moved"] = [name for name in before if before[name] != after[name] and name != "trainable"]
        flags = after["trainable"]
        record["trainable_afterwards"] = all(flags) if how["training"] else any(flags)
        if how.get("mixed"):
            record["trainable_afterwards"] = flags == before["trainable"]
            record["layer_unfrozen"] = bool(model.norm.trainable)


EVALUATE = evaluate_exercise(
    observe_evaluate,
    frozen=True,
    numbers=(mistake("compiled_loss", faulty=lambda p, batches, how: compiled_loss(p, batches)),),
    changes=(
        mistake("compiled_anew/keras_3", probe=lambda e: bool({"optimizer", "loss"} & set(e.seen.get("moved") or []))),
    ),
    gradients=(mistake("gradients_on/keras", probe=lambda e: any(event["grad"] for event in events(e, "forward"))),),
    mode=(
        mistake("flags_changed/keras_2", probe=lambda e: bool(e.seen.get("layer_unfrozen"))),
        mistake(
            "mode_left_in_eval/keras",
            probe=lambda e: e.inputs[2]["training"] and not e.seen.get("trainable_afterwards"),
        ),
        mistake(
            "mode_forced_to_training/keras",
            probe=lambda e: not e.inputs[2]["training"] and bool(e.seen.get("trainable_afterwards")),
        ),
    ),
)


# --- same_weights_train_loss -------------------------------------------------------------------------


def observe_same_weights(
    answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]
) -> Any:
    """Run ``same_weights_train_loss`` on a spied model and note what passed through it."""
    import keras

    from course_lib.checks.watch.spies_keras import compiled, weights_of

    if how.get("fixed"):  # then `fit` shuffles in the same way each time
        keras.utils.set_random_seed(0)
    noted = record["events"] = []
    model = compiled(start, GAIN, noted, LR, how.get("momentum", 0.0))
    if how.get("by_row"):
        model.compile(optimizer=model.optimizer, loss=_by_row, run_eagerly=True)
    came_with = model.optimizer, model.loss
    try:
        return answer(model, *train, how["batch_size"])  # compiled to run eagerly
    finally:
        record["weights"] = weights_of(model)
        record["compiled_anew"] = model.optimizer is not came_with[0] or model.loss is not came_with[1]


def _by_row(targets: Any, outputs: Any) -> Any:
    """Return the same loss as a plain function, which gives a number for each row."""
    from course_lib.checks.watch.spies_keras import TiltedLoss

    return TiltedLoss().call(targets, outputs)


def _truth(e: Evidence) -> Truth:
    seen = Seen(e)
    updates = seen.updates()[: -(-len(seen.train[1]) // seen.batch_size)]
    losses = [loss for loss, _ in seen.losses()[: len(updates)]]
    batches = [seen.batch(u["event"]) for u in updates]
    after = [linear.mean_loss(u["after"], [batch], GAIN) for u, batch in zip(updates, batches, strict=True)]
    measured = [seen.batch(event) for event in _later(e)]  # `fit` shuffles the rows, `evaluate` does not
    return Truth(seen.start, updates[-1]["after"], losses, batches, after, measured)


def _along_the_way(e: Evidence) -> bool:
    """Whether rows were measured in inference mode after an update and before the last one."""
    modes = [bool(event["training"]) for event in Seen(e).events]
    return any(modes) and not all(modes[modes.index(True) : len(modes) - modes[::-1].index(True)])


def _later(e: Evidence) -> list[dict[str, Any]]:
    """Return the passes after the first epoch's last update."""
    seen, count = Seen(e), 0
    changed = [id(u["event"]) for u in seen.updates()]
    wanted = min(-(-len(seen.train[1]) // seen.batch_size), len(changed))  # one alone if the batches were too large
    if not changed:
        return []
    for place, event in enumerate(seen.events):
        count += id(event) in changed
        if count == wanted:
            return seen.events[place + 1 :]
    return []


def _judge_pair(e: Evidence) -> str | None:
    return judge_training(e) or judge_pair(e, _truth(e))


def _judge_again(e: Evidence) -> str | None:
    later = _later(e)
    if not later:
        return "after the last update no row went through the model again"
    if any(event["training"] for event in later):
        return "the rows were measured again in training mode"
    rows = {round(float(v), 4) for event in later for v in event["rows"]}
    wanted = {round(float(v), 4) for v in e.inputs[1][0][:, 0]}
    return None if wanted <= rows else "not every training row was measured again"


def same_weights_case(
    name: str, about: str, hint: str = "", rows: int = 11, run: str = "", weight: float = 1.0, **how: Any
) -> Case:
    """Return a case of ``same_weights_train_loss``.

    Parameters
    ----------
    name, hint, run : str
    about : {"result", "weights", "again"}
        Whether it judges the two numbers, the updates, or how the rows were measured again.
    rows : int
    weight : float
    **how
        ``batch_size``; ``momentum``; ``by_row``: whether the loss is a function that gives a number for each row;
        ``twice``: whether it is called two times, and the second call judged; ``fixed``: the same rows under every
        seed, in the same order.
    """
    settings = {"batch_size": 4, "epochs": 1, "lr": LR, **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(rows) if how.get("fixed") else rng
        parts = linear.make_problem(rng, [4] * (rows // 4) + ([rows % 4] if rows % 4 else []))
        train = tuple(np.concatenate(part) for part in zip(*parts, strict=True))
        nothing = np.zeros((0, 2), dtype=np.float32), np.zeros(0, dtype=np.float32)
        return START, train, nothing, settings

    judge = {"result": _judge_pair, "weights": judge_training, "again": _judge_again}[about]
    known = {"result": (*_TRAINING, *pair_diagnoses(_truth, _along_the_way)), "weights": _TRAINING, "again": _AGAIN}[
        about
    ]
    observe = observe_same_weights
    if how.get("twice"):
        observe, known = twice(observe), (REMEMBERS, *known)
    if how.get("by_row"):
        known = (_SUM_DIFFERENTIATED, *known)
    diagnoses = without_errors(known)
    return Case(name, inputs, None, hint, observe, judge, run=run, weight=weight, diagnoses=diagnoses)


def _is_history(e: Evidence) -> bool:
    return "History" in str(e.result.get("type", "")) or any(
        "History" in str(item.get("type", "")) for item in e.result.get("items", []) if isinstance(item, dict)
    )


def _two_epochs(e: Evidence) -> bool:
    """Whether the weights moved over all rows several times, and all rows were measured only after that."""
    seen = Seen(e)
    moved = [id(u["event"]) for u in seen.updates()]
    last = max((i for i, event in enumerate(seen.events) if id(event) in moved), default=-1)
    rows = sum(len(event["rows"]) for event in seen.events[: last + 1])
    measured = [event for event in seen.events[last + 1 :] if not event["training"]]
    return rows >= 2 * len(e.inputs[1][1]) and all(x["training"] for x in seen.events[: last + 1]) and bool(measured)


def _steps_of_sums(e: Evidence) -> bool:
    """Whether every step followed the gradient of the rows' sum."""
    seen, lr = Seen(e), e.inputs[-1]["lr"]
    steps = []
    for update in seen.updates():
        weights, batch = np.array(update["event"]["weights"], dtype=float), seen.batch(update["event"])
        gradient = linear.loss_and_gradient(weights, batch, GAIN)[1] * len(batch[1])
        steps.append(np.allclose(weights - lr * gradient, update["after"], rtol=1e-3, atol=1e-4))
    return bool(steps) and all(steps)


_SUM_DIFFERENTIATED = mistake("scaled_loss_differentiated/one_for_each_row", probe=_steps_of_sums)

_TRAINING = (
    mistake(
        "compiled_anew/keras_2", probe=lambda e: bool(e.seen.get("compiled_anew")) and judge_training(e) is not None
    ),
    mistake(
        "optimizer_not_used/compiled",
        probe=lambda e: bool(Seen(e).updates()) and not any("after" in event for event in Seen(e).events),
    ),
    mistake("several_epochs/keras", probe=_two_epochs),
    mistake(
        "trained_again/keras",
        probe=lambda e: sum(len(u["event"]["rows"]) for u in Seen(e).updates()) > len(e.inputs[1][1]),
    ),
    mistake("never_trained/keras", probe=lambda e: e.error is None and not Seen(e).updates()),
    mistake(
        "held_out_rows",
        probe=lambda e: 0 < sum(len(u["event"]["rows"]) for u in Seen(e).updates()) < len(e.inputs[1][1]),
    ),
    mistake(
        "other_batches/wrong_batch_size",
        probe=lambda e: (
            e.error is None and len(Seen(e).updates()) != -(-len(e.inputs[1][1]) // e.inputs[-1]["batch_size"])
        ),
    ),
    mistake("no_train_mode/keras", probe=lambda e: any(not u["event"]["training"] for u in Seen(e).updates())),
    mistake("history_list", probe=_is_history),
)

_AGAIN = (
    mistake("no_eval/remeasured_in_training_mode", probe=lambda e: any(x["training"] for x in _later(e))),
    mistake(
        "val_before_epoch/remeasured_before_the_epoch",
        probe=lambda e: not _later(e) and any(not x["training"] for x in Seen(e).events[:1]),
    ),
    mistake("not_remeasured/keras", probe=lambda e: e.error is None and not _later(e)),
    mistake("measured_batch_by_batch", probe=_along_the_way),
)

SAME_WEIGHTS = Exercise(
    name="same_weights_train_loss",
    points=2,
    cases=(
        same_weights_case("both numbers", "result", run="eleven rows"),
        same_weights_case("one epoch of updates", "weights", run="eleven rows"),
        same_weights_case("the second pass only measures", "again", run="eleven rows"),
        same_weights_case("batches of five", "result", batch_size=5),
        same_weights_case(
            "a loss that gives a number for each row", "result", rows=7, by_row=True, fixed=True, weight=0.5
        ),
        same_weights_case("an optimizer with momentum", "weights", rows=7, momentum=0.5, fixed=True, weight=0.5),
        same_weights_case("called a second time", "result", rows=3, twice=True, fixed=True, weight=0.25),
    ),
)


# --- bug_hunt: run_epochs ----------------------------------------------------------------------------


def observe_epochs(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: dict[str, Any]) -> Any:
    """Run ``run_epochs`` on a spied model and note what happened."""
    import keras

    from course_lib.checks.watch.spies_keras import SpyModel, weights_of

    noted = record["events"] = []

    class TapeSpy(SpyModel):
        def call(self, inputs: Any, training: bool | None = False) -> Any:
            outputs = super().call(inputs, training=training)
            noted[-1]["grad"] = _tape_is_open()
            return outputs

    class SGD(keras.optimizers.SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            noted.append({"what": "step"})
            super().apply(grads, trainable_variables)

    model = TapeSpy(start, GAIN, noted)
    train_batches = _tensors(linear.batches_of(train[0], train[1], how["batch_size"]))
    val_batches = _tensors(linear.batches_of(val[0], val[1], how["val_batch_size"]))
    try:
        with _eagerly():
            optimizer = SGD(LR, momentum=how.get("momentum", 0.0))
            return answer(model, train_batches, val_batches, _tilted, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = weights_of(model)


def epochs_case(
    name: str, about: str, hint: str = "", sizes: Sequence[int] = (13, 7), run: str = "", **how: Any
) -> Case:
    """Return a case of ``run_epochs``; see `course_lib.lessons.l05_no_grad_validation.run_epochs.hunt_case`."""
    own = (_OPTIMIZER_NOT_USED,) if about == "weights" else ()
    observe = twice(observe_epochs) if how.get("twice") else observe_epochs
    return hunt_case(observe, name, about, hint, sizes, run, own=own, **how)


_OPTIMIZER_NOT_USED = mistake(
    "optimizer_not_used",
    probe=lambda e: not events(e, "step") and list(e["weights_after_the_run"]) != list(e.inputs[0]),
)


BUG_HUNT = Exercise(
    name="bug_hunt",
    points=2,
    answer="run_epochs",
    cases=(
        epochs_case("the updates themselves", "weights", run="three epochs"),
        epochs_case("the validation pass, first part", "val_mode", run="three epochs"),
        epochs_case("the validation pass, second part", "val_gradients", run="three epochs"),
        epochs_case("the numbers in `val_loss`", "val_loss", run="three epochs"),
        epochs_case("the numbers in `loss`", "loss", run="three epochs"),
        epochs_case("from epoch to epoch", "train_mode", run="three epochs"),
        epochs_case("an optimizer with momentum", "weights", sizes=(5, 3), epochs=2, momentum=0.5, fixed=True),
        epochs_case("a validation loss that rises", "val_loss", sizes=(7, 5), epochs=4, rising=True),
        epochs_case("called a second time", "loss", sizes=(4, 3), epochs=1, twice=True, fixed=True),
    ),
)
