"""Lesson 05, `evaluate`, in both tracks: measure a model, and leave it as it was.

The model is batch norm, dropout, one dense layer. In evaluation mode its outputs follow from six arrays, so no check
needs a reference loop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.diagnosis import Diagnosis, OneOf
from course_lib.checks.mistakes import Sign, by_sign, by_value
from course_lib.checks.mistakes.averaging import averaging
from course_lib.checks.mistakes.measuring import FIELDS, ITERABLE, MODES, touched
from course_lib.checks.mistakes.memory import REMEMBERS
from course_lib.checks.reading import Reading
from course_lib.checks.watch import Once, twice

__all__ = ["EPSILON", "batch_losses", "evaluate", "evaluate_case"]

#: Of the batch norm, in both frameworks.
EPSILON = 1e-3
#: The note that says how the model is left: by its mode, or in Keras by what is trainable.
LEFT = {"pytorch": "training_mode_afterwards", "keras": "trainable_afterwards"}

# --- the truth ---------------------------------------------------------------------------------------

Parameters = dict[str, np.ndarray]


def _parameters(rng: np.random.Generator, outputs: int) -> Parameters:
    values = {
        "gamma": 1 + 0.2 * rng.normal(size=2),
        "beta": 0.3 * rng.normal(size=2),
        "mean": np.array([0.4, -0.3]) + 0.1 * rng.normal(size=2),
        "variance": rng.uniform(1.5, 2.5, 2),
        "kernel": rng.normal(size=(2, outputs)) + 0.5,
        "bias": 0.2 * rng.normal(size=outputs),
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def _outputs(p: Parameters, x: np.ndarray) -> np.ndarray:
    z = (x.astype(np.float64) - p["mean"]) / np.sqrt(p["variance"] + EPSILON) * p["gamma"] + p["beta"]
    return z @ p["kernel"] + p["bias"]


def _loss(y: np.ndarray, *, outputs: np.ndarray, swapped: bool = False) -> float:
    """Return a batch's mean loss: the share of errors, a cross-entropy from logits, or the tilted squared error."""
    if y.dtype.kind == "u":
        return float(np.mean(outputs.argmax(axis=1) != y))
    if y.dtype.kind == "i":
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(y)), y].mean())
    outputs = outputs[:, 0] if y.ndim == 1 else outputs
    return float(np.mean((outputs - y) ** 2) + linear.TILT * np.mean(y if swapped else outputs))


def batch_losses(p: Parameters, batches: Sequence[linear.Batch], loss: Callable[..., float] = _loss) -> list[float]:
    """Return each batch's mean loss in evaluation mode."""
    return [loss(np.asarray(y), outputs=_outputs(p, x)) for x, y in batches]


def _measured(loss: Callable[..., float]) -> Callable[..., float]:
    """Return what measuring all batches rightly with this loss gives, from a case's inputs."""
    return lambda p, batches, how: linear.averaged((batch_losses(p, batches, loss), [len(y) for _, y in batches]))


# --- the inputs --------------------------------------------------------------------------------------


def _labels(p: Parameters, batches: list[linear.Batch]) -> list[linear.Batch]:
    found = [(x, (x[:, 0] > x[:, 1]).astype(np.int64) + (x[:, 0] > 1)) for x, _ in batches]
    # The last batch gets labels that fit badly, so that its loss differs clearly from the others'.
    return [*found[:-1], (found[-1][0], (found[-1][1] + 1) % 3)]


def _with_errors(p: Parameters, batches: list[linear.Batch]) -> list[linear.Batch]:
    """Return labels that the model gets right in the first batch, and half of them wrong in the others."""
    found = []
    for k, (x, _) in enumerate(batches):
        wrong = (np.arange(len(x)) % 2 == 0) & (k > 0)
        found.append((x, ((_outputs(p, x).argmax(axis=1) + wrong) % 3).astype(np.uint8)))
    return found


def _with_nan(p: Parameters, batches: list[linear.Batch]) -> list[linear.Batch]:
    (x, y), *others = batches
    return [(x, np.append(y[:-1], np.float32(np.nan))), *others]


#: By what is predicted: how many outputs the model has, and what makes the targets.
_KINDS: dict[str, tuple[int, Callable[[Parameters, list[linear.Batch]], list[linear.Batch]]]] = {
    "numbers": (1, lambda p, batches: batches),
    "columns": (2, lambda p, batches: [(x, np.column_stack([y, 1 - y])) for x, y in batches]),
    "nan": (1, _with_nan),
    "labels": (3, _labels),
    "errors": (3, _with_errors),
}

# --- how it is watched -------------------------------------------------------------------------------


def _model_pytorch(p: Parameters, events: list[dict[str, Any]]) -> Any:
    """Return the model; the parts with a mode lie in a part of their own, and the last layer's bias arrives frozen."""
    import torch
    from torch import nn

    from course_lib.checks.watch.pytorch import watched

    outputs = p["kernel"].shape[1]
    body = nn.Sequential(OrderedDict(norm=nn.BatchNorm1d(2, eps=EPSILON), drop=nn.Dropout(0.5)))
    parts: dict[str, nn.Module] = {"body": body, "head": nn.Linear(2, outputs)}
    model = nn.Sequential(OrderedDict(parts if outputs > 1 else parts | {"flat": nn.Flatten(0)}))
    values = p["gamma"], p["beta"], p["mean"], p["variance"], np.array(20), p["kernel"].T, p["bias"]
    named = zip(model.state_dict(), values, strict=True)
    model.load_state_dict({name: torch.tensor(np.ascontiguousarray(value)) for name, value in named})
    model.get_parameter("head.bias").requires_grad_(False)
    return watched(model, events)


def _observe_pytorch(answer: Any, record: dict[str, Any], p: Any, batches: Any, how: dict[str, Any]) -> Any:
    import torch
    from torch import nn

    from course_lib.checks.watch.pytorch import state
    from course_lib.checks.watch.spies_pytorch import Batches, tilted_loss

    model = _model_pytorch(p, record.setdefault("events", [])).train(how["training"])
    for parameter in model.parameters():  # as a training step leaves it
        parameter.grad = torch.full_like(parameter, 0.25) if parameter.requires_grad else None
    losses = {
        "f": tilted_loss,
        "i": nn.CrossEntropyLoss(),
        "u": lambda outputs, targets: (outputs.argmax(-1) != targets).float().mean(),
    }
    before, recording = state(model), how.get("grad", True)
    with torch.set_grad_enabled(recording):
        try:
            loader = Once(Batches(batches, how.get("as_list", False)), record)
            return answer(model, loader, losses[batches[0][1].dtype.kind])
        finally:
            after, modes = state(model), [bool(part.training) for part in model.modules()]
            record["touched"] = [name for name in before if before[name] != after[name]]
            record["gradients_cleared"] = not any(value for values in after["gradients"] for value in values)
            flags = zip(after["requires_grad"], before["requires_grad"], strict=True)
            record["unfrozen"] = any(now and not was for now, was in flags)
            record[LEFT["pytorch"]] = all(modes) if how["training"] else any(modes)
            record["gradients_left_off"] = recording and not torch.is_grad_enabled()
            record["gradients_left_on"] = not recording and torch.is_grad_enabled()


def _model_keras(p: Parameters, events: list[dict[str, Any]]) -> Any:
    """Return the model, compiled with another loss than it will be measured with."""
    import keras
    from keras import layers, ops

    from course_lib.checks.watch.keras import watched

    outputs = p["kernel"].shape[1]
    norm, head = layers.BatchNormalization(epsilon=EPSILON, name="norm"), layers.Dense(outputs, name="head")
    parts = [keras.Input((2,)), norm, layers.Dropout(0.5, seed=0, name="drop"), head]
    model = keras.Sequential(parts if outputs > 1 else [*parts, layers.Reshape(())])
    norm.set_weights([p["gamma"], p["beta"], p["mean"], p["variance"]])
    head.set_weights([p["kernel"], p["bias"]])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss=lambda targets, outputs: ops.mean(ops.square(outputs)))
    return watched(model, events)


def _observe_keras(answer: Any, record: dict[str, Any], p: Any, batches: Any, how: dict[str, Any]) -> Any:
    import keras
    from keras import ops

    from course_lib.checks.watch.keras import eagerly, state, tensors
    from course_lib.checks.watch.spies_keras import tilted_loss

    def errors(targets: Any, outputs: Any) -> Any:
        wrong = ops.not_equal(ops.argmax(outputs, axis=-1), ops.cast(targets, "int32"))
        return ops.mean(ops.cast(wrong, "float32"))

    losses = {
        "f": tilted_loss,
        "i": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "u": errors,
    }
    model, mixed = _model_keras(p, record.setdefault("events", [])), how.get("mixed", False)
    norm = model.get_layer("norm")
    norm.trainable = not mixed
    if not how["training"]:
        model.trainable = False
    before, flags = state(model), [part.trainable for part in (model, *model.layers)]
    try:
        with eagerly():
            loader = Once(tensors(batches, how.get("as_list", False)), record)
            return answer(model, loader, losses[batches[0][1].dtype.kind])
    finally:
        after, left = state(model), [part.trainable for part in (model, *model.layers)]
        record["touched"] = [name for name in before if before[name] != after[name]]
        record[LEFT["keras"]] = bool(left == flags if mixed else all(left) if how["training"] else any(left))
        record["layer_unfrozen"] = bool(mixed and norm.trainable)


_OBSERVE = {"pytorch": _observe_pytorch, "keras": _observe_keras}

# --- what is asked -----------------------------------------------------------------------------------


def _ran(e: Evidence) -> str | None:
    passed = all(e.read_as(Reading).passed(x) for x, _ in e.inputs[1])
    return None if passed else "not every row of every batch went through the model"


def _changes(e: Evidence) -> str | None:
    moved = e.read_as(Reading).touched
    return f"after the measurement these are not what they were: {', '.join(moved)}" if moved else _ran(e)


def _gradients(e: Evidence) -> str | None:
    seen = e.read_as(Reading)
    if _recorded(seen):
        return "gradients were recorded while the batches went through the model"
    if seen.noted("gradients_left_off"):
        return "after the call gradients are switched off for everything that follows"
    if seen.noted("gradients_left_on"):
        return "gradients were switched off where it was called, and after the call they are on"
    return _ran(e)


def _recorded(seen: Reading) -> bool:
    return any(event["grad"] for event in seen.passes)


_JUDGES = {"number": None, "changes": _changes, "gradients": _gradients, "left": _ran}


def evaluate_case(
    track: str,
    name: str,
    about: str,
    sizes: Sequence[int] = (4, 4, 3),
    hint: str = "",
    weight: float = 1.0,
    kind: str = "numbers",
    run: str = "",
    **how: Any,
) -> Case:
    """Return a case of ``evaluate``.

    Parameters
    ----------
    track, name, hint, run : str
    about : {"number", "changes", "gradients", "left"}
        Whether it judges the number, what changed, what was recorded, or how the model is left.
    sizes : sequence of int
        The batches' sizes.
    weight : float, optional
    kind : {"numbers", "columns", "nan", "labels", "errors"}, optional
        What is predicted: a number, two numbers, a number of which one target is NaN, or labels, measured by the
        cross-entropy from logits or by the share of errors, which is 0 in the first batch.
    **how
        ``training``: the mode the model arrives in; ``as_list``: batches are lists; ``mixed``: one layer is frozen;
        ``grad``: whether gradients are recorded where it is called; ``fixed``: the same rows under every seed;
        ``twice``: whether it is called two times, and the second call judged.
    """
    settings = {"training": True, **how}

    def inputs(rng: np.random.Generator) -> tuple[Any, ...]:
        rng = np.random.default_rng(sizes) if how.get("fixed") else rng
        outputs, targets = _KINDS[kind]
        batches = linear.make_problem(rng, sizes)
        p = _parameters(rng, outputs)
        return p, targets(p, batches), settings

    expected = {"number": _measured(_loss), "left": settings["training"]}.get(about)
    observe = twice(_OBSERVE[track]) if how.get("twice") else _OBSERVE[track]
    compares = LEFT[track] if about == "left" else "result"
    return Case(name, inputs, expected, hint, observe, _JUDGES[about], compares, weight=weight, run=run)


# --- what may go wrong -------------------------------------------------------------------------------


def _losses_and_sizes(seen: Reading) -> tuple[list[float], list[int]]:
    p, batches, _ = seen.inputs
    return batch_losses(p, batches), [len(y) for _, y in batches]


def _left(track: str, arrived: bool) -> Sign:
    """Return the sign of a model that is left in the other mode than it arrived in, or otherwise trainable."""
    return lambda seen: seen.how["training"] is arrived and seen.noted(LEFT[track]) is not arrived


def _by_entries(p: Parameters, batches: Sequence[linear.Batch], how: dict[str, Any]) -> OneOf:
    """Return what comes of counting each entry of the targets in one place, and each row in the other."""
    right, columns = _measured(_loss)(p, batches, how), np.size(batches[0][1]) / len(batches[0][1])
    return OneOf(right * columns, right / columns)


#: Of the loss handed over, and how the batch losses are put together.
_NUMBERS = (
    *by_value((("swapped_loss_arguments", _measured(lambda y, outputs: _loss(y, outputs=outputs, swapped=True))),)),
    *by_value((("entries_counted", _by_entries),)),
    *averaging(Reading, _losses_and_sizes),
)
#: By track, then by what a case judges; what passes in the wrong mode did comes before.
_SIGNS: dict[str, dict[str, tuple[tuple[str, Sign], ...]]] = {
    "pytorch": {
        "changes": (
            ("gradients_cleared", lambda seen: "gradients" in seen.touched and seen.noted("gradients_cleared")),
            ("backward_on_validation_rows/backward_called", touched("gradients")),
            ("flags_changed/unfrozen", lambda seen: bool(seen.noted("unfrozen"))),
            ("flags_changed/frozen_to_measure", touched("requires_grad")),
            ("settings_changed", touched("settings")),
        ),
        "gradients": (
            ("gradients_left_off", lambda seen: bool(seen.noted("gradients_left_off"))),
            ("gradients_left_on", lambda seen: bool(seen.noted("gradients_left_on"))),
            ("gradients_on", _recorded),
        ),
        "left": (
            ("mode_left_in_eval/measured", _left("pytorch", True)),
            ("mode_forced_to_training", _left("pytorch", False)),
        ),
    },
    "keras": {
        "changes": (
            ("compiled_anew/measured", touched("optimizer", "loss")),
            ("settings_changed", touched("settings")),
        ),
        "gradients": (("gradients_on/tape", _recorded),),
        "left": (
            ("flags_changed/layer_unfrozen", lambda seen: bool(seen.noted("layer_unfrozen"))),
            ("mode_left_in_eval/trainable", _left("keras", True)),
            ("mode_forced_to_training/trainable", _left("keras", False)),
        ),
    },
}
#: In Keras a mode is looked for where PyTorch has it.
_OF_ERRORS: dict[str, tuple[tuple[str, Sign], ...]] = {
    "pytorch": ITERABLE,
    "keras": (
        ("mode_of_the_model", lambda seen: seen.raised("AttributeError", "attribute 'eval'", "attribute 'train'")),
        *ITERABLE,
    ),
}
_COMPILED_LOSS = by_value((("compiled_loss", _measured(lambda y, outputs: float(np.mean(outputs**2)))),))


def _mistakes(track: str, about: str) -> tuple[Diagnosis, ...]:
    modes = MODES if about in ("number", "changes") else ()
    numbers = (*(_COMPILED_LOSS if track == "keras" else ()), *_NUMBERS) if about == "number" else ()
    return (
        *by_sign(_OF_ERRORS[track], read=Reading),
        *by_sign((*modes, *_SIGNS[track].get(about, ())), FIELDS, read=Reading, of_errors=False),
        *numbers,
    )


def evaluate(track: str) -> Exercise:
    """Return the exercise in one track."""
    keras = track == "keras"
    arrived = ("the mode it arrived in: training", "the mode it arrived in: evaluation")
    names = ("a trainable model stays trainable", "a frozen model stays frozen") if keras else arrived
    small: dict[str, Any] = {"sizes": (3, 2), "fixed": True, "weight": 0.25}

    few = {} if keras else {"sizes": (2, 1)}  # so that sums kept from call to call still move when it is called again

    def case(name: str, about: str, **how: Any) -> Case:
        memory = (REMEMBERS,) if how.get("twice") else ()
        return replace(evaluate_case(track, name, about, **how), diagnoses=(*memory, *_mistakes(track, about)))

    own = (
        case("a frozen layer of a trainable model stays frozen", "left", sizes=(2, 3), mixed=True, weight=0.25)
        if keras
        else case("called where gradients are switched off", "gradients", grad=False, **small)
    )
    return Exercise(
        name="evaluate",
        points=3,
        cases=(
            case("batches of equal size", "number", sizes=(4, 4), weight=0.5),
            case("a smaller last batch", "number", run="three batches", weight=2.0),
            case("nothing in the model changes", "changes", run="three batches"),
            case("no gradients are recorded", "gradients", run="three batches", weight=1.5),
            case(names[0], "left", run="three batches", weight=0.75),
            case(names[1], "left", sizes=(3, 2), training=False, weight=0.25 if keras else 0.75),
            own,
            case("called a second time", "number", twice=True, **small),
            case("targets of two columns, a row for each sample", "number", kind="columns", **(small | few)),
        ),
    )
