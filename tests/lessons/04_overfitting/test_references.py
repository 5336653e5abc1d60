"""The reference solutions of lesson 04 against a second implementation in NumPy in float64."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_answers import reference
from support import TRACKS

import course_lib.lessons

LESSON = "04_overfitting"


# --- capacity_sweep ---------------------------------------------------------------------------------------

#: Few values, so that ties come often; 0 among them, and values far above 1.
some_losses = st.sampled_from([0.0, 0.25, 0.2500001, 0.5, 1.0, 3.0, 450.0])
tables = st.lists(
    st.tuples(st.integers(1, 4096), some_losses, some_losses, some_losses),
    min_size=1,
    max_size=7,
    unique_by=lambda row: row[0],
)


@given(table=tables)
def test_capacity_sweep_takes_the_first_of_a_sorted_table(table: Any) -> None:
    widths = [row[0] for row in table]
    sets = {name: (np.full((2, 1), float(i)), np.array([i, i])) for i, name in enumerate(("train", "val", "test"))}
    before = copy.deepcopy(sets)
    calls: list[tuple[Any, ...]] = []

    def train_model(width: int, rows: Any) -> Any:
        calls.append(("train", width, int(rows[1][0])))

        def loss_on(rows: Any) -> float:
            calls.append(("loss", width, int(rows[1][0])))
            return next(row for row in table if row[0] == width)[1 + int(rows[1][0])]

        return loss_on

    found = reference(LESSON, "pytorch", "capacity_sweep")(train_model, list(widths), *sets.values())
    best = np.array(table)[np.lexsort((widths, [row[2] for row in table]))[0]]
    assert found["train_loss"] == [row[1] for row in table]
    assert found["val_loss"] == [row[2] for row in table]
    assert (found["best_width"], found["test_loss"]) == (best[0], best[3])
    assert sorted(call[1:] for call in calls if call[0] == "train") == sorted((width, 0) for width in widths)
    assert {call[1] for call in calls if call[0] == "loss" and call[2] == 2} == {best[0]}
    assert all(np.array_equal(a, b) for name in sets for a, b in zip(sets[name], before[name], strict=True))


# --- add_regularisation -----------------------------------------------------------------------------------

shapes = st.tuples(st.integers(1, 5), st.integers(1, 7), st.integers(1, 4))
numbers = {
    "dropout": st.sampled_from([0.0, 0.3, 0.9]),
    "weight_decay": st.sampled_from([0.0, 0.1, 0.5]),
    "lr": st.sampled_from([1e-3, 0.01, 0.1]),
}


def adamw(values: list[np.ndarray], gradients: list[list[np.ndarray]], lr: float, decay: float) -> list[np.ndarray]:
    """Return where Adam's steps lead, matrices decaying apart from the gradient and biases not at all."""
    found = []
    for place, value in enumerate(values):
        value, first, second = value.astype(np.float64), 0.0, 0.0
        for step, all_gradients in enumerate(gradients, start=1):
            gradient = all_gradients[place].astype(np.float64)
            value = value * (1 - lr * decay) if value.ndim == 2 else value
            first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
            value = value - lr * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-7)
        found.append(value)
    return found


def logits(x: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    """Return what two hidden layers with ReLU give; matrices are (inputs, outputs)."""
    hidden = x.astype(np.float64)
    for matrix, bias in zip(values[:-2:2], values[1:-2:2], strict=True):
        hidden = np.maximum(hidden @ matrix + bias, 0.0)
    return hidden @ values[-2] + values[-1]


def gradients_for(values: list[np.ndarray], rng: np.random.Generator) -> list[list[np.ndarray]]:
    """Return three steps' gradients, the second one zero; none is so small that epsilon would count."""
    signs = [[rng.choice([-1.0, 1.0], size=v.shape) * rng.uniform(0.2, 2.0, v.shape) for v in values] for _ in range(3)]
    signs[1] = [np.zeros(v.shape) for v in values]
    return [[g.astype(np.float32) for g in step] for step in signs]


@settings(max_examples=30, deadline=None)
@given(shape=shapes, **numbers, seed=st.integers(0, 10**6))
def test_the_regularised_network_of_pytorch(
    shape: Any, dropout: float, weight_decay: float, lr: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    model, optimizer = reference(LESSON, "pytorch", "add_regularisation")(*shape, dropout, weight_decay, lr)
    parameters = list(model.parameters())
    start = [p.detach().numpy().T.copy() for p in parameters]
    x = rng.normal(size=(4, shape[0])).astype(np.float32)
    model.eval()
    np.testing.assert_allclose(model(torch.tensor(x)).detach(), logits(x, start), rtol=1e-4, atol=1e-5)
    steps = gradients_for(start, rng)
    for step in steps:
        for parameter, gradient in zip(parameters, step, strict=True):
            parameter.grad = torch.tensor(gradient.T.copy())
        optimizer.step()
    for parameter, right in zip(parameters, adamw(start, steps, lr, weight_decay), strict=True):
        np.testing.assert_allclose(parameter.detach().numpy().T, right, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(shape=shapes, **numbers, seed=st.integers(0, 10**6))
def test_the_regularised_network_of_keras(
    shape: Any, dropout: float, weight_decay: float, lr: float, seed: int
) -> None:
    import keras

    rng = np.random.default_rng(seed)
    model, optimizer = reference(LESSON, "keras", "add_regularisation")(*shape, dropout, weight_decay, lr)
    start = [np.asarray(v) for v in model.get_weights()]
    x = rng.normal(size=(4, shape[0])).astype(np.float32)
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(x)), logits(x, start), rtol=1e-4, atol=1e-5)
    assert not model.losses
    steps = gradients_for(start, rng)
    for step in steps:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], model.trainable_variables)
    for value, right in zip(model.get_weights(), adamw(start, steps, lr, weight_decay), strict=True):
        np.testing.assert_allclose(value, right, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_both_hidden_layers_drop_and_nothing_else(share: float) -> None:
    torch.manual_seed(0)
    model, _ = reference(LESSON, "pytorch", "add_regularisation")(1, 400, 1, share, 0.0, 0.1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.0 if parameter.ndim == 1 else 1.0 / parameter.shape[1])
        spread = model.train()(torch.ones(3000, 1)).numpy()[:, 0]
    odds = share / (1 - share)
    assert abs(spread.mean() - 1) < 0.02
    assert abs(spread.var() - ((1 + odds / 400) ** 2 - 1)) < 0.12 * ((1 + odds / 400) ** 2 - 1) + 1e-9


# --- diagnose ---------------------------------------------------------------------------------------------


def read(run: dict[str, Any]) -> str:
    """Read a run another way than the checks do: by medians and by the slope of a straight line."""
    loss, train, accuracy = (np.array(run[name], dtype=float) for name in ("val_loss", "train_loss", "val_accuracy"))
    if np.isnan(loss[-1]):
        return "not a number"
    if np.median(train[-15:]) > 10 * run["guessing"]:
        return "explodes"
    if abs(np.median(train) / run["guessing"] - 1) < 0.05:
        return "never learns"
    ratios = loss[-20:-1] / loss[-19:]
    if np.mean((ratios > 1.2) | (ratios < 0.8)) > 0.2:
        return "oscillates"
    smooth = np.array([np.median(loss[max(0, i - 2) : i + 3]) for i in range(len(loss))])
    lowest = int(smooth.argmin())
    if np.median(loss[-7:]) > 1.15 * smooth[lowest]:
        fell = np.median(accuracy[-7:]) < np.median(accuracy[max(0, lowest - 3) : lowest + 4]) - 0.03
        return "overfit, accuracy " + ("falls" if fell else "holds")
    slope = np.polyfit(np.arange(15), loss[-15:], 1)[0]
    if 10 * slope < -0.05 * np.median(loss[-15:]):
        return "unfinished"
    return "underfit" if np.median(run["train_loss"][-7:]) > 0.5 * run["guessing"] else "good"


@pytest.mark.parametrize("track", TRACKS)
def test_the_labels_are_those_of_a_second_reading(track: str) -> None:
    file = Path(course_lib.lessons.__file__).parent / "l04_overfitting" / "material" / "runs.json"
    runs = json.loads(file.read_text(encoding="utf-8"))
    assert reference(LESSON, track, "diagnose") == {letter: read(run) for letter, run in runs.items()}
