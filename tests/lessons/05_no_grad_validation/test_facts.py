"""What lesson 05 states about the libraries: modes, gradients, and when a loss was measured."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.data import digits

SEEDS = range(5)


def torch_model(seed: int = 0, noisy: bool = True) -> nn.Sequential:
    torch.manual_seed(seed)
    if not noisy:
        return nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return nn.Sequential(nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))


@pytest.fixture(scope="module")
def rows() -> tuple[torch.Tensor, torch.Tensor]:
    data = digits(seed=0)
    return torch.from_numpy(data.val.x), torch.from_numpy(data.val.y)


def copies(tensors: Any) -> list[torch.Tensor]:
    return [t.detach().clone() for t in tensors]


def same(a: Any, b: Any) -> bool:
    return all(map(torch.equal, a, b))


def test_no_grad_alone_leaves_dropout_on_and_updates_the_statistics(rows: Any) -> None:
    model, (x, _) = torch_model(), rows
    model.train()
    weights, statistics = copies(model.parameters()), copies(model.buffers())
    with torch.no_grad():
        assert not torch.equal(model(x), model(x))
    assert same(weights, model.parameters())
    assert not same(statistics, model.buffers())


def test_eval_alone_still_builds_graphs_and_changes_nothing(rows: Any) -> None:
    model, (x, _) = torch_model(), rows
    model.eval()
    state = copies(model.state_dict().values())
    assert torch.equal(model(x), model(x))
    assert model(x).requires_grad
    assert same(state, model.state_dict().values())


def test_only_the_step_changes_parameters(rows: Any) -> None:
    model, (x, y) = torch_model(noisy=False), rows
    before = copies(model.parameters())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    nn.functional.cross_entropy(model(x), y).backward()
    assert same(before, model.parameters())
    optimizer.step()
    assert not same(before, model.parameters())


@pytest.mark.parametrize(("as_number", "grows"), [(True, False), (False, True)])
def test_a_sum_of_loss_tensors_holds_every_graph(rows: Any, as_number: bool, grows: bool) -> None:
    class Kept:
        def __init__(self, tensor: torch.Tensor):
            self.tensor = tensor.detach()

    model, (x, y) = torch_model(noisy=False), rows
    alive: weakref.WeakSet[Kept] = weakref.WeakSet()

    def keep(tensor: torch.Tensor) -> Kept:
        kept = Kept(tensor)
        alive.add(kept)
        return kept

    counts, total = [], 0.0
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda kept: kept.tensor):
        for _ in range(4):
            loss = nn.functional.cross_entropy(model(x), y)
            total = total + (loss.item() if as_number else loss)
            counts.append(len(alive))
    assert (counts[-1] > 3 * counts[0]) is grows
    assert (counts[-1] == counts[0]) is not grows


def test_inference_mode_is_no_eval_and_its_tensors_cannot_be_saved_for_backward(rows: Any) -> None:
    model, (x, _) = torch_model(), rows
    model.train()
    before = copies(model.buffers())
    with torch.inference_mode():
        outputs = model(x)
    assert not same(before, model.buffers())
    scale = torch.ones((), requires_grad=True)
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        (scale * outputs).sum().backward()


def test_eval_does_not_switch_batch_norm_off() -> None:
    norm = nn.BatchNorm1d(1)
    numbers = torch.tensor([[9.0], [11.0], [9.0], [11.0]])
    assert norm(numbers).mean().item() == pytest.approx(0, abs=1e-6)
    assert norm.running_mean is not None
    assert norm.running_mean.item() == pytest.approx(1.0)  # 0.1 of the way from 0 to 10
    norm.eval()
    assert norm(numbers).mean().item() == pytest.approx(8.85, abs=0.01)


def test_validation_loss_does_not_depend_on_batch_size() -> None:
    from course_lib.pytorch import evaluate

    data, model = digits(seed=0), torch_model()
    losses = [evaluate(model, data.val, loss="cross_entropy", batch_size=n)["loss"] for n in (7, 50, 360)]
    assert np.ptp(losses) < 1e-5


def lag(reported: Any, again: Any) -> np.ndarray:
    ends = np.arange(1, len(reported) + 1)
    return ends[1:] - np.interp(-np.log(reported[1:]), -np.log(again), ends)


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_lag_grows_since_each_row_is_measured_just_before_its_own_step(seed: int) -> None:
    """All training rows averaged along an epoch lag by half of one, flat; the reported losses lag more and more."""
    data, model = digits(seed=0), torch_model(seed, noisy=False)
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    loss_of = nn.functional.cross_entropy
    reported, along, again = [], [], []
    for _ in range(8):
        own, everybody = [], []
        for rows in torch.randperm(len(x), generator=torch.Generator().manual_seed(len(again))).split(32):
            with torch.no_grad():
                everybody.append(loss_of(model(x), y).item())
            loss = loss_of(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            own.append(loss.item() * len(rows))
        reported.append(sum(own) / len(x))
        along.append(float(np.mean(everybody)))
        with torch.no_grad():
            again.append(loss_of(model(x), y).item())
    flat, own_lag = lag(np.array(along), np.array(again)), lag(np.array(reported), np.array(again))
    assert ((flat > 0.45) & (flat < 0.58)).all()
    assert own_lag[-1] > flat[-1] + 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_five_seeds_tell_the_story_in_pytorch(seed: int) -> None:
    from course_lib.pytorch import fit

    data = digits(seed=0)
    how: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.05, "seed": seed, "remeasure": True}
    history = fit(torch_model(seed, noisy=False), data.train, data.val, epochs=8, **how)
    tell(history)
    model = torch_model(seed)
    fit(model, data.train, data.val, epochs=5, **how)
    x, y = torch.from_numpy(data.val.x), torch.from_numpy(data.val.y)
    with torch.no_grad():
        model.eval()
        quiet = nn.functional.cross_entropy(model(x), y).item()
        model.train()
        assert all(nn.functional.cross_entropy(model(x), y).item() > quiet for _ in range(20))


def tell(history: Any) -> None:
    """Hold what the lesson's prose says of the run."""
    reported, again, val = history.train_loss, history.train_loss_remeasured, history.val_loss
    assert (reported > again).all()
    assert reported[0] > val[0], "validation looks better at first"
    assert (val > again).all(), "at the same weights it is worse"
    found = lag(reported, again)
    assert 0.45 < found[0] < 0.65
    assert ((found > 0.4) & (found < 0.9)).all()
    assert found[-1] > found[0]


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_five_seeds_tell_the_story_in_keras(seed: int) -> None:
    import keras

    from course_lib.keras import fit

    keras.utils.set_random_seed(seed)
    data = digits(seed=0)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    how: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.05, "seed": seed, "remeasure": True}
    tell(fit(model, data.train, data.val, epochs=8, **how))


@pytest.mark.slow
def test_keras_modes_follow_the_call_and_not_the_tape() -> None:
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.BatchNormalization(), keras.layers.Dropout(0.5), keras.layers.Dense(1)]
    )
    x = np.random.default_rng(0).normal(3, 1, (16, 4)).astype("float32")
    start = model.get_weights()
    for training, tape in ((True, True), (True, False), (False, True), (False, False)):
        model.set_weights(start)
        with tf.GradientTape(watch_accessed_variables=tape) as record:
            loss = tf.reduce_mean(model(x, training=training) ** 2)
        assert (record.gradient(loss, model.trainable_weights[0].value) is not None) is tape
        pairs = zip(model.weights, start, strict=True)
        changed = {weight.path.split("/")[-1] for weight, old in pairs if (weight.numpy() != old).any()}
        assert changed == ({"moving_mean", "moving_variance"} if training else set())
    np.testing.assert_array_equal(model(x), model(x, training=False))  # the default of a call


@pytest.mark.slow
def test_keras_reports_the_same_rows_differently_after_one_epoch() -> None:
    import keras

    keras.utils.set_random_seed(0)
    data = digits(seed=0)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    model.compile(
        optimizer=keras.optimizers.SGD(0.05), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    rows = data.train.x, data.train.y
    record = model.fit(*rows, validation_data=rows, epochs=1, verbose=0).history
    assert record["val_loss"][0] < 0.8 * record["loss"][0]
    assert model.evaluate(*rows, verbose=0) == pytest.approx(record["val_loss"][0], rel=1e-4)


@pytest.mark.slow
def test_keras_momentum_names_the_other_part() -> None:
    import keras

    norm = keras.layers.BatchNormalization()
    norm(np.array([[9.0], [11.0]], dtype="float32"), training=True)
    assert norm.momentum == 0.99
    assert norm.moving_mean.numpy()[0] == pytest.approx(0.1)


@pytest.mark.slow
def test_a_frozen_batch_norm_uses_its_running_statistics_in_keras_training_too() -> None:
    import keras

    norm = keras.layers.BatchNormalization()
    numbers = np.array([[9.0], [11.0]], dtype="float32")
    norm.build((None, 1))
    norm.trainable = False
    np.testing.assert_array_equal(norm(numbers, training=True), norm(numbers, training=False))
    assert norm.moving_mean.numpy()[0] == 0


@pytest.mark.slow
def test_keras_test_step_measures_in_inference_mode() -> None:
    import inspect

    import keras

    source = inspect.getsource(keras.Model.test_step)
    assert "training=False" in source
    assert "GradientTape" not in source
