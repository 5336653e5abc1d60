"""Watched models: what is noted of passes, and what is read of a model's state."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from course_lib.checks.plain import describe
from course_lib.checks.watch import Once, twice

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)


def test_batches_come_once() -> None:
    record: dict[str, Any] = {}
    batches = Once([1, 2], record)
    assert list(batches) == [1, 2]
    assert not record["gone_through_again"]
    assert list(batches) == []
    assert record["gone_through_again"]


def test_two_calls_are_observed() -> None:
    record: dict[str, Any] = {}
    answers = iter([1, 2])
    assert twice(lambda answer, record, *inputs: answer())(lambda: next(answers), record) == 2
    assert record["first_call"] == describe(1)


def test_pytorch() -> None:
    torch = pytest.importorskip("torch")
    from torch import nn

    from course_lib.checks.watch.pytorch import state, watched

    events: list[dict[str, Any]] = []
    model = watched(nn.Sequential(nn.BatchNorm1d(2), nn.Dropout()).train(), events)
    model[1].eval()
    before = state(model)
    with torch.no_grad():
        copy.deepcopy(model)(torch.tensor(ROWS))
    assert events == [
        {"what": "forward", "rows": [1.0, 3.0], "modes": {"model": True, "0": True, "1": False}, "grad": False}
    ]
    assert state(model) == before
    model(torch.tensor(ROWS)).sum().backward()
    model[1].p = 0.25
    assert [name for name, value in state(model).items() if value != before[name]] == [
        "statistics",
        "gradients",
        "settings",
    ]


def test_keras() -> None:
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    from course_lib.checks.watch.keras import eagerly, state, watched

    events: list[dict[str, Any]] = []
    layers = [keras.layers.BatchNormalization(name="norm"), keras.layers.Dropout(0.5, name="drop")]
    model = watched(keras.Sequential([keras.Input((2,)), *layers]), events)
    model.compile(optimizer="sgd", loss="mse")
    before = state(model)
    with eagerly(), tf.GradientTape():
        model(ROWS, training=True)
    model.get_layer("norm").trainable = False
    model(ROWS, training=True)
    modes = [event["modes"] for event in events]
    assert modes == [
        {"model": True, "norm": True, "drop": True},
        {"model": True, "norm": False, "drop": True},
    ]
    assert [event["grad"] for event in events] == [True, False]
    assert [name for name, value in state(model).items() if value != before[name]] == ["statistics"]
