"""Lesson 05: what mode and gradients do to a model, told by fingerprints of what they change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.notebook.explorer.base import Explorer, Scene, Toggle, canvas, plain_numbers
from course_lib.plots import TRAIN, VALIDATION

__all__ = ["modes"]

ROWS, FEATURES, CLASSES = 32, 8, 3


@dataclass(frozen=True)
class Outcome:
    """What one validation batch did to the model."""

    parameters: tuple[list[np.ndarray], list[np.ndarray]]
    buffers: tuple[list[np.ndarray], list[np.ndarray]]
    losses: tuple[float, float]
    graph: bool
    trouble: str


@cache
def _batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    y = rng.integers(0, CLASSES, ROWS)
    x = rng.normal(0, 1, (ROWS, FEATURES)) + 1.5
    x[np.arange(ROWS), y] += 2
    return x.astype(np.float32), y.astype(np.int64)


@cache
def _torch_model() -> tuple[Any, dict[str, Any]]:
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(FEATURES, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, CLASSES)
        )
    return model, {name: value.clone() for name, value in model.state_dict().items()}


def _run_torch(values: Mapping[str, bool]) -> Outcome:
    """Send the same batch twice through the same model; one thread is quickest for so few numbers."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return _torch_passes(values)
    finally:
        torch.set_num_threads(threads)


def _torch_passes(values: Mapping[str, bool]) -> Outcome:
    """Do it, from the same weights and the same seed every time."""
    import torch
    from torch.nn.functional import cross_entropy

    model, start = _torch_model()
    model.load_state_dict(start)
    x, y = (torch.from_numpy(part) for part in _batch())

    def copies(values: Any) -> list[np.ndarray]:
        return [value.detach().numpy().copy() for value in values]

    before = copies(model.parameters()), copies(model.buffers())
    optimizer, trouble = torch.optim.SGD(model.parameters(), lr=0.1), ""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        model.train(values["training"])
        with torch.set_grad_enabled(values["gradients"]):
            first, second = cross_entropy(model(x), y), cross_entropy(model(x), y)
        if values["backward"]:
            try:
                first.backward()
            except RuntimeError:
                trouble = "backward() failed: without gradients there is no graph to go back through."
        if values["step"]:
            optimizer.step()
    graph = first.requires_grad
    optimizer.zero_grad()
    after = copies(model.parameters()), copies(model.buffers())
    return Outcome((before[0], after[0]), (before[1], after[1]), (first.item(), second.item()), graph, trouble)


@cache
def _keras_model() -> tuple[Any, list[np.ndarray]]:
    import keras

    keras_layers = keras.layers
    init = keras.initializers.GlorotUniform
    model = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            keras_layers.Dense(16, kernel_initializer=init(seed=0)),
            keras_layers.BatchNormalization(momentum=0.9),
            keras_layers.ReLU(),
            keras_layers.Dropout(0.3, seed=1),
            keras_layers.Dense(CLASSES, kernel_initializer=init(seed=1)),
        ]
    )
    return model, [np.array(keras.ops.convert_to_numpy(v)) for v in model.variables]


def _run_keras(values: Mapping[str, bool]) -> Outcome:
    """Do the same with Keras: the mode is an argument of the call, gradients are a tape or torch's graph."""
    import keras

    model, start = _keras_model()
    for variable, value in zip(model.variables, start, strict=True):
        variable.assign(value)
    x, y = _batch()
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def copies(variables: Any) -> list[np.ndarray]:
        return [np.array(keras.ops.convert_to_numpy(v)).copy() for v in variables]

    # The seed of dropout is a variable too, and no statistic of the data.
    statistics = [v for v in model.non_trainable_variables if "seed" not in v.path]
    before = copies(model.trainable_variables), copies(statistics)
    trouble = ""
    first, second, gradients, graph = _keras_passes(model, loss_of, x, y, values)
    if values["backward"] and gradients is None:
        trouble = "No gradients: outside a tape nothing was recorded to go back through."
    if values["step"] and gradients is not None:
        for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
            variable.assign(variable - 0.1 * gradient)
    after = copies(model.trainable_variables), copies(statistics)
    return Outcome((before[0], after[0]), (before[1], after[1]), (first, second), graph, trouble)


def _keras_passes(
    model: Any, loss_of: Any, x: Any, y: Any, values: Mapping[str, bool]
) -> tuple[float, float, Any, bool]:
    """Return the two losses, the gradients of the first where they were asked for, and whether any were recorded."""
    import keras

    record, gradients = values["gradients"], None
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        with tf.GradientTape(watch_accessed_variables=record) as tape:
            first = loss_of(y, model(x, training=values["training"]))
        if record and values["backward"]:
            gradients = tape.gradient(first, [v.value for v in model.trainable_variables])
    else:
        import torch

        with torch.set_grad_enabled(record):
            first = loss_of(y, model(x, training=values["training"]))
        if record and values["backward"]:
            gradients = [g.detach() for g in torch.autograd.grad(first, [v.value for v in model.trainable_variables])]
    second = loss_of(y, model(x, training=values["training"]))
    return float(first), float(second), gradients, record


def fingerprint(arrays: list[np.ndarray]) -> str:
    """Return six hexadecimal digits that change when any number changes.

    Examples
    --------
    >>> fingerprint([np.zeros(2)]) == fingerprint([np.zeros(2)])
    True
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:6]


def _distance(pair: tuple[list[np.ndarray], list[np.ndarray]]) -> float:
    return float(max((np.abs(a - b).max() for a, b in zip(*pair, strict=True)), default=0.0))


def _picture(run: Callable[[Mapping[str, bool]], Outcome], values: Mapping[str, Any]) -> Scene:
    result = run(values)
    names = ("weights and biases", "batch-norm statistics")
    figure, (left, right) = canvas(2)
    start = 0
    for pair, look, name in zip((result.parameters, result.buffers), (TRAIN, VALIDATION), names, strict=True):
        before, after = (np.concatenate([a.ravel() for a in part if a.ndim]) for part in pair)  # no counter
        places = start + np.arange(len(before))
        left.plot(places, after - before, look.marker, color=look.color, markersize=3.5, label=name)
        start += len(before)
    left.axhline(0, color="#555555", linestyle=":", linewidth=1)
    left.set_yscale("symlog", linthresh=1e-3)
    plain_numbers(left.yaxis)
    left.set(ylim=(-3, 3), xlabel="number in the model", ylabel="change by this batch")
    left.set_title("zero: unchanged")
    left.legend(fontsize=8, loc="upper left")
    bars = right.bar(["first pass", "second pass"], result.losses, color=["#888888", "#BBBBBB"])
    bars[1].set(hatch="//", edgecolor="#333333")
    for k, loss in enumerate(result.losses):
        right.text(k, loss, f"{loss:.4f}", ha="center", va="bottom")
    right.set(ylabel="loss of the same batch (nats)", ylim=(0, 1.25 * max(result.losses)))
    right.set_title("same batch, same weights, twice")
    return Scene(figure, *_tell(result, values, names))


def _tell(result: Outcome, values: Mapping[str, Any], names: tuple[str, str]) -> tuple[str, str, list[tuple[str, str]]]:
    """Return alternative text, the line of words and the fingerprints."""
    moved = [_distance(pair) > 0 for pair in (result.parameters, result.buffers)]
    same = np.isclose(*result.losses, rtol=0, atol=1e-7)
    changed = [name for name, m in zip(names, moved, strict=True) if m]
    words = f"Changed: {' and '.join(changed)}." if changed else "Nothing in the model changed."
    words += " Two passes agree." if same else " Two passes of one batch differ: dropout is on."
    if result.graph and not values["backward"]:
        words += " A graph was built that nobody used."
    if values["step"] and not values["backward"]:
        words += " Without computed gradients the step did nothing."
    if result.trouble:
        words += " " + result.trouble
    if not values["training"] and not values["gradients"] and not values["backward"] and not values["step"]:
        words += " This is how to validate."
    rows = [
        (name, f"{fingerprint(pair[0])} → {fingerprint(pair[1])} ({'changed' if m else 'the same'})")
        for name, pair, m in zip(names, (result.parameters, result.buffers), moved, strict=True)
    ]
    rows.append(("graph recorded", "yes" if result.graph else "no"))
    alt = (
        f"Left: the change of every number of the model; not zero: {' and '.join(changed) or 'none'}. "
        f"Right: loss of the first pass {result.losses[0]:.4f}, of the second {result.losses[1]:.4f}."
    )
    return alt, words, rows


def modes(framework: str = "pytorch") -> Explorer:
    """Explore training mode, gradients, ``backward`` and ``step`` on a small model with dropout and batch norm.

    Every move starts from the same weights and sends the same validation batch through the model twice.

    Parameters
    ----------
    framework : {"pytorch", "keras"}
        Whose model; the other framework is not loaded.

    Returns
    -------
    Explorer
        Shown by being the last line of a cell.

    Raises
    ------
    ValueError
        If `framework` is neither.

    Examples
    --------
    >>> scene = modes("pytorch").answer({"training": True})
    >>> "Changed: batch-norm statistics." in scene.words
    True
    """
    runs = {"pytorch": _run_torch, "keras": _run_keras}
    if framework not in runs:
        raise ValueError(f"framework is 'pytorch' or 'keras', not {framework!r}")
    run = runs[framework]
    names = {
        "pytorch": (
            "training mode",
            "gradients",
            "loss.backward()",
            "optimizer.step()",
        ),
        "keras": ("training=True", "a gradient tape", "compute the gradients", "apply the gradients"),
    }[framework]
    return Explorer(
        "Modes and gradients on a validation batch",
        [
            Toggle(name, label, False)
            for name, label in zip(("training", "gradients", "backward", "step"), names, strict=True)
        ],
        lambda values: _picture(run, values),
        recording=Path(__file__).parent / "recorded" / f"modes-{framework}.json.gz",
    )
