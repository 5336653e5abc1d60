"""What `evaluate` of lesson 05 is watched with: the model as six arrays, its losses, the inputs, and a watched call.

The model is batch norm, dropout, one dense layer. In evaluation mode its outputs follow from six arrays, so no check
needs a reference loop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.watch import Once

__all__ = [
    "EPSILON",
    "KINDS",
    "LEFT",
    "OBSERVE",
    "Parameters",
    "batch_losses",
    "make_parameters",
    "mean_loss",
    "measured",
]

#: Of the batch norm, in both frameworks.
EPSILON = 1e-3
#: The note that says how the model is left: by its mode, or in Keras by what is trainable.
LEFT = {"pytorch": "training_mode_afterwards", "keras": "trainable_afterwards"}

# --- the truth ---------------------------------------------------------------------------------------

Parameters = dict[str, np.ndarray]


def make_parameters(rng: np.random.Generator, outputs: int) -> Parameters:
    """Return the six arrays of a model with so many outputs, drawn at random."""
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


def mean_loss(y: np.ndarray, *, outputs: np.ndarray, swapped: bool = False) -> float:
    """Return a batch's mean loss: the share of errors, a cross-entropy from logits, or the tilted squared error."""
    if y.dtype.kind == "u":
        return float(np.mean(outputs.argmax(axis=1) != y))
    if y.dtype.kind == "i":
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return float(-logs[np.arange(len(y)), y].mean())
    outputs = outputs[:, 0] if y.ndim == 1 else outputs
    return float(np.mean((outputs - y) ** 2) + linear.TILT * np.mean(y if swapped else outputs))


def batch_losses(p: Parameters, batches: Sequence[linear.Batch], loss: Callable[..., float] = mean_loss) -> list[float]:
    """Return each batch's mean loss in evaluation mode."""
    return [loss(np.asarray(y), outputs=_outputs(p, x)) for x, y in batches]


def measured(loss: Callable[..., float]) -> Callable[..., float]:
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
KINDS: dict[str, tuple[int, Callable[[Parameters, list[linear.Batch]], list[linear.Batch]]]] = {
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


OBSERVE = {"pytorch": _observe_pytorch, "keras": _observe_keras}
