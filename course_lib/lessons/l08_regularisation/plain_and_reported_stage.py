"""Lesson 08, `plain_and_reported`: the network that is measured, its rows, and how an answer is watched.

The network is a dropout, a dense layer with ReLU, and a dense layer. The dropout always drops the same inputs, so that
what it does in training mode can be worked out as well.
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["CLASSES", "MASK", "OBSERVE", "SIZES", "Parameters", "Part", "inputs_of"]

Parameters = dict[str, np.ndarray]
Part = tuple[np.ndarray, np.ndarray]
#: How many inputs, hidden units and classes the network has, and what its dropout leaves of each input in training.
INPUTS, HIDDEN, CLASSES = 4, 6, 3
MASK = np.array([2.0, 0.0, 2.0, 0.0])
SIZES = {"first": (INPUTS, HIDDEN), "first_bias": (HIDDEN,), "last": (HIDDEN, CLASSES), "last_bias": (CLASSES,)}


def inputs_of(rng: np.random.Generator, how: dict[str, Any]) -> tuple[Any, ...]:
    """Return a case's parameters, its training and validation rows, and how it is run."""
    p = {name: (0.6 * rng.normal(size=size) + 0.1).astype(np.float32) for name, size in SIZES.items()}
    parts = []
    for rows in (how["train_rows"], how["val_rows"]):
        y = np.resize(rng.permutation(CLASSES), rows).astype(np.int64)
        parts.append((rng.normal(size=(rows, INPUTS)).astype(np.float32), y))
    return p, *parts, how


def _model_pytorch(p: Parameters) -> Any:
    import torch
    from torch import nn

    class FixedDropout(nn.Dropout):
        def forward(self, x: Any) -> Any:
            return x * torch.tensor(MASK, dtype=x.dtype) if self.training else x

    body = nn.Sequential(FixedDropout(0.5), nn.Linear(INPUTS, HIDDEN), nn.ReLU())
    model = nn.Sequential(body, nn.Linear(HIDDEN, CLASSES))
    values = (p["first"].T, p["first_bias"], p["last"].T, p["last_bias"])
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values, strict=True):
            parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
    return model


def _observe_pytorch(answer: Any, record: dict[str, Any], p: Any, train: Part, val: Part, how: dict[str, Any]) -> Any:
    import torch

    from course_lib.checks.watch.pytorch import state

    model = _model_pytorch(p).train(how["training"])
    if how["inner"]:  # the last layer computes the same in both modes
        model[-1].train(not how["training"])
    before, arrived = state(model), [bool(part.training) for part in model.modules()]
    train_part, val_part = (tuple(map(torch.from_numpy, part)) for part in (train, val))
    try:
        return answer(model, train_part, val_part, how["lam"], how["eps"])
    finally:
        after, modes = state(model), [bool(part.training) for part in model.modules()]
        record["touched"] = [name for name in before if before[name] != after[name]]
        alike = [mode for mode, was in zip(modes, arrived, strict=True) if was == how["training"]]
        record["training_mode_afterwards"] = all(alike) if how["training"] else any(alike)
        if how["inner"]:
            record["inner_mode_kept"] = modes[-1] == arrived[-1]


def _model_keras(p: Parameters) -> Any:
    import keras
    from keras import layers, ops

    class FixedDropout(layers.Dropout):
        def call(self, inputs: Any, training: Any = False) -> Any:
            return inputs * ops.convert_to_tensor(MASK, inputs.dtype) if training else inputs

    first, last = layers.Dense(HIDDEN, activation="relu"), layers.Dense(CLASSES)
    model = keras.Sequential([keras.Input((INPUTS,)), FixedDropout(0.5), first, last])
    first.set_weights([p["first"], p["first_bias"]])
    last.set_weights([p["last"], p["last_bias"]])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy")
    return model


def _observe_keras(answer: Any, record: dict[str, Any], p: Any, train: Part, val: Part, how: dict[str, Any]) -> Any:
    from course_lib.checks.watch.keras import eagerly, state

    model = _model_keras(p)
    before = state(model)
    with eagerly():
        result = answer(model, train, val, how["lam"], how["eps"])
    after = state(model)
    record["touched"] = [name for name in ("weights", "settings") if before[name] != after[name]]
    return result


OBSERVE = {"pytorch": _observe_pytorch, "keras": _observe_keras}
