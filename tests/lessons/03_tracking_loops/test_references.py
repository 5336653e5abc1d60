"""The reference solutions of lesson 03 against a second implementation: exact fractions, and NumPy in float64."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_answers import reference
from support import TRACKS
from torch import nn

from course_lib.checks import linear
from course_lib.instructor.hidden.l03_tracking_loops import hidden_cases
from course_lib.lessons import load

LESSON = "03_tracking_loops"
#: Losses that a loop may meet: 0 among them, far above 1, whole numbers.
losses = st.one_of(
    st.just(0.0), st.integers(0, 1000), st.floats(0, 1e6, allow_nan=False), st.floats(1e-9, 1e-3, allow_nan=False)
)
pairs = st.lists(st.tuples(losses, st.integers(1, 100_000)), min_size=1, max_size=40)


def exact_mean(values: Any, sizes: Any) -> float:
    return float(sum(Fraction(v) * int(n) for v, n in zip(values, sizes, strict=True)) / sum(map(int, sizes)))


@pytest.mark.parametrize("kind", [list, tuple])
@given(pairs=pairs)
def test_epoch_loss_is_the_mean_of_exact_fractions(kind: Any, pairs: Any) -> None:
    values, sizes = kind(v for v, _ in pairs), kind(n for _, n in pairs)
    before = copy.deepcopy((values, sizes))
    found = reference(LESSON, "pytorch", "epoch_loss")(values, sizes)
    assert type(found) is float
    assert math.isclose(found, exact_mean(values, sizes), rel_tol=1e-12, abs_tol=1e-300)
    assert (values, sizes) == before


def test_the_cases_of_epoch_loss_expect_the_mean_of_exact_fractions() -> None:
    cases = (*load(LESSON, "pytorch")["epoch_loss"].cases, *hidden_cases("pytorch")["epoch_loss"])
    for case in cases:
        for seed in range(5):
            inputs = case.make_inputs(seed)
            assert math.isclose(case.right(inputs), exact_mean(*inputs), rel_tol=1e-6, abs_tol=1e-9), case.name


# --- a linear model whose gradients are written out by hand ---------------------------------------------

sizes_of_batches = st.lists(st.integers(1, 5), min_size=1, max_size=4)
optimizers = st.sampled_from(["sgd", "momentum", "adam"])
FACTOR = 1.5
RATE = 0.03


class Doubled(nn.Module):
    """A layer with a mode: what passes is multiplied in training."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * FACTOR if self.training else x


def problem(sizes: Any, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    return [(rng.normal(size=(n, 3)), rng.normal(size=(n, 1)) * 3) for n in sizes]


def torch_model(start: np.ndarray) -> nn.Module:
    model = nn.Sequential(nn.Linear(3, 1), Doubled()).double()
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor(start[None, :3]))
        model[0].bias.copy_(torch.tensor(start[3:]))
    return model


def torch_optimizer(model: nn.Module, kind: str) -> torch.optim.Optimizer:
    if kind == "adam":
        return torch.optim.Adam(model.parameters(), lr=RATE)
    return torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9 if kind == "momentum" else 0.0)


def weights_of(model: nn.Module) -> np.ndarray:
    return np.concatenate([p.detach().numpy().ravel() for p in model.parameters()])


class ByHand:
    """Gradient descent on mean squared errors in NumPy, with the state of its optimizer."""

    def __init__(self, start: np.ndarray, kind: str):
        self.w, self.kind, self.steps = start.copy(), kind, 0
        self.first, self.second = np.zeros(4), np.zeros(4)

    def loss(self, x: np.ndarray, y: np.ndarray, factor: float) -> float:
        return float(np.mean((factor * (x @ self.w[:3] + self.w[3]) - y[:, 0]) ** 2))

    def train(self, x: np.ndarray, y: np.ndarray) -> float:
        loss, rows = self.loss(x, y, FACTOR), np.column_stack([x, np.ones(len(x))])
        gradient = 2 * FACTOR * rows.T @ (FACTOR * rows @ self.w - y[:, 0]) / len(x)
        self.steps += 1
        if self.kind == "adam":
            self.first = 0.9 * self.first + 0.1 * gradient
            self.second = 0.999 * self.second + 0.001 * gradient**2
            mean, square = self.first / (1 - 0.9**self.steps), self.second / (1 - 0.999**self.steps)
            self.w -= RATE * mean / (np.sqrt(square) + 1e-8)
        else:
            self.first = (0.9 if self.kind == "momentum" else 0.0) * self.first + gradient
            self.w -= RATE * self.first
        return loss


def batches(rows: Any) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    for x, y in rows:
        yield torch.tensor(x), torch.tensor(y)


def weighted(values: list[float], rows: Any) -> float:
    return exact_mean(values, [len(y) for _, y in rows])


@settings(max_examples=60)
@given(sizes=sizes_of_batches, kind=optimizers, training=st.booleans(), seed=st.integers(0, 10**6))
def test_train_one_epoch_is_gradient_descent_by_hand(sizes: Any, kind: str, training: bool, seed: int) -> None:
    rows, start = problem(sizes, seed), np.random.default_rng(seed + 1).normal(size=4)
    model, truth = torch_model(start).train(training), ByHand(start, kind)
    optimizer = torch_optimizer(model, kind)
    for _ in range(2):  # a second epoch goes on where the first one ended; a generator gives its batches once
        right = [truth.train(x, y) for x, y in rows]
        found, counts = reference(LESSON, "pytorch", "train_one_epoch")(model, batches(rows), nn.MSELoss(), optimizer)
        np.testing.assert_allclose(found, right, rtol=1e-9)
        assert counts == sizes
        assert all(type(v) is float for v in found)
        np.testing.assert_allclose(weights_of(model), truth.w, rtol=1e-7, atol=1e-9)


@settings(max_examples=40)
@given(
    sizes=sizes_of_batches,
    val_sizes=sizes_of_batches,
    kind=optimizers,
    epochs=st.integers(1, 3),
    seed=st.integers(0, 10**6),
)
def test_fit_and_track_is_gradient_descent_by_hand(
    sizes: Any, val_sizes: Any, kind: str, epochs: int, seed: int
) -> None:
    rows, val_rows = problem(sizes, seed), problem(val_sizes, seed + 2)
    start = np.random.default_rng(seed + 1).normal(size=4)
    model, truth = torch_model(start).eval(), ByHand(start, kind)
    right: dict[str, list[float]] = {"loss": [], "val_loss": []}
    for _ in range(epochs):
        right["loss"].append(weighted([truth.train(x, y) for x, y in rows], rows))
        right["val_loss"].append(weighted([truth.loss(x, y, 1.0) for x, y in val_rows], val_rows))
    arguments = model, list(batches(rows)), list(batches(val_rows)), nn.MSELoss(), torch_optimizer(model, kind)
    found = reference(LESSON, "pytorch", "fit_and_track")(*arguments, epochs)
    for name, values in right.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-8, err_msg=name)
    np.testing.assert_allclose(weights_of(model), truth.w, rtol=1e-7, atol=1e-9)
    assert model.training
    assert torch.is_grad_enabled()
    assert all(p.requires_grad for p in model.parameters())


@given(
    epochs=st.lists(st.lists(st.one_of(st.just(0.0), st.floats(0, 50)), min_size=3, max_size=3), max_size=3),
    sizes=st.lists(st.integers(1, 64), min_size=3, max_size=3),
)
def test_the_recorder_gives_back_what_the_running_means_were_made_of(epochs: Any, sizes: Any) -> None:
    given_sizes = list(sizes)
    recorder = reference(LESSON, "keras", "train_one_epoch")(given_sizes)
    for number, values in enumerate(epochs):
        recorder.on_epoch_begin(number, {})
        for batch in range(len(values)):
            logs = {"loss": exact_mean(values[: batch + 1], sizes[: batch + 1])}
            recorder.on_train_batch_end(batch, logs)
            assert logs == {"loss": exact_mean(values[: batch + 1], sizes[: batch + 1])}
    assert given_sizes == sizes
    assert len(recorder.batch_losses) == len(epochs)
    for found, values in zip(recorder.batch_losses, epochs, strict=True):
        np.testing.assert_allclose(found, values, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    rows=st.integers(1, 6),
    val_rows=st.integers(1, 9),
    kind=st.sampled_from(["sgd", "momentum"]),
    epochs=st.integers(1, 3),
    seed=st.integers(0, 10**6),
)
def test_fit_and_track_in_keras_is_gradient_descent_by_hand(
    rows: int, val_rows: int, kind: str, epochs: int, seed: int
) -> None:
    import keras

    # All rows in one batch, so that Keras's shuffling changes nothing; the validation rows need several.
    ((x, y),), ((x_val, y_val),) = problem([rows], seed), problem([val_rows], seed + 2)
    start = np.random.default_rng(seed + 1).normal(size=4)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.set_weights([start[:3, None], start[3:]])
    momentum = 0.9 if kind == "momentum" else 0.0
    model.compile(keras.optimizers.SGD(RATE, momentum=momentum), keras.losses.MeanSquaredError(), run_eagerly=True)
    w, velocity, right = start.copy(), np.zeros(4), {"loss": [], "val_loss": []}
    full = np.column_stack([x, np.ones(rows)])
    for _ in range(epochs):
        off = full @ w - y[:, 0]
        right["loss"].append(np.mean(off**2))
        velocity = momentum * velocity - RATE * 2 * full.T @ off / rows
        w = w + velocity
        right["val_loss"].append(np.mean((x_val @ w[:3] + w[3] - y_val[:, 0]) ** 2))
    data = (x.astype("float32"), y.astype("float32")), (x_val.astype("float32"), y_val.astype("float32"))
    found = reference(LESSON, "keras", "fit_and_track")(model, *data, epochs, 6)
    for name, values in right.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-3, atol=1e-4, err_msg=name)
        assert all(type(v) is float for v in found[name])
    np.testing.assert_allclose(np.concatenate([v.ravel() for v in model.get_weights()]), w, rtol=2e-3, atol=1e-4)


# --- the truth that the checks compare with --------------------------------------------------------------


@settings(max_examples=40)
@given(
    sizes=sizes_of_batches,
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    gain=st.sampled_from([1.0, 1.5]),
    seed=st.integers(0, 10**6),
)
def test_the_truth_of_the_checks_is_what_autograd_finds(sizes: Any, momentum: float, gain: float, seed: int) -> None:
    batches = linear.make_problem(np.random.default_rng(seed), sizes)
    run = linear.train((0.3, -0.2, 0.1), batches, 0.05, gain, momentum)
    w = torch.tensor([0.3, -0.2, 0.1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.05, momentum=momentum)
    for (x, y), loss_before, loss_after in zip(batches, run.losses, run.after, strict=True):

        def loss(x: Any = x, y: Any = y) -> torch.Tensor:
            outputs = gain * (torch.tensor(x).double() @ w[:2] + w[2])
            return ((outputs - torch.tensor(y).double()) ** 2).mean() + linear.TILT * outputs.mean()

        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        assert math.isclose(value.item(), loss_before, rel_tol=1e-9)
        assert math.isclose(loss().item(), loss_after, rel_tol=1e-9)
    np.testing.assert_allclose(run.weights, w.detach().numpy(), rtol=1e-9)


@pytest.mark.parametrize("track", TRACKS)
def test_the_lines_in_order_do_what_the_truth_says(track: str) -> None:
    from course_lib.lessons.l03_tracking_loops.order_the_loop import assemble

    order = reference(LESSON, track, "order_the_loop")
    program, owners = assemble(order, track)
    assert owners == order
    assert program.count("\n") == len(order) - 1
