"""What lesson 03 states, held: averages, running means, a training loss that rises, and its explorer."""

from __future__ import annotations

import re
import weakref
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from course_lib.data import digits
from course_lib.explorers import batch_noise
from course_lib.training.history import History

SEEDS = range(5)


def rises(losses: Any) -> int:
    return int((np.diff(losses) > 0).sum())


def test_the_mean_of_batch_means_is_not_the_mean_over_samples() -> None:
    history = History()
    for loss, size in ((1.0, 30), (4.0, 10)):
        history.batch(loss, size)
    history.epoch()
    assert history.train_loss[0] == 1.75
    assert history.batch_loss.mean() == 2.5


@pytest.mark.parametrize(
    ("losses", "sizes", "agree"),
    [([2.0, 6.0], [25, 25], True), ([2.0, 2.0], [40, 10], True), ([2.0, 6.0], [40, 10], False)],
)
def test_the_two_means_agree_where_all_sizes_or_all_losses_are_the_same(
    losses: list[float], sizes: list[int], agree: bool
) -> None:
    assert (np.mean(losses) == np.average(losses, weights=sizes)) is np.bool_(agree)


@pytest.mark.parametrize("shuffle", [True, False])
def test_a_dropped_batch_leaves_out_the_same_rows_every_time_unless_they_are_shuffled(shuffle: bool) -> None:
    torch.manual_seed(0)
    rows = list(range(360))
    loader: Any = torch.utils.data.DataLoader(rows, batch_size=64, shuffle=shuffle, drop_last=True)  # type: ignore[arg-type]
    first, second = ({int(row) for batch in loader for row in batch} for _ in range(2))
    assert len(first) == len(second) == 320
    assert (first == second) is not shuffle


def test_stored_loss_tensors_keep_their_graphs() -> None:
    model = nn.Linear(3, 1)
    stored = [model(torch.ones(4, 3)).mean() for _ in range(3)]
    assert all(loss.grad_fn is not None for loss in stored)
    assert isinstance(stored[0].item(), float)


@pytest.mark.parametrize("backward", [True, False])
def test_a_stored_loss_keeps_nodes_and_what_they_hold_only_until_backward(backward: bool) -> None:
    class Held:
        def __init__(self, tensor: torch.Tensor):
            self.tensor = tensor

    held: list[weakref.ref[Held]] = []

    def pack(tensor: torch.Tensor) -> Held:
        kept = Held(tensor)
        held.append(weakref.ref(kept))
        return kept

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.tensor):
        loss = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))(torch.ones(4, 3)).square().mean()
    if backward:
        loss.backward()
    assert held
    assert [ref() is None for ref in held] == [backward] * len(held)
    assert loss.grad_fn is not None
    assert loss.grad_fn.next_functions[0][0] is not None  # the nodes stay, and hang together


def test_the_digits_were_written_by_thirteen_people() -> None:
    assert "different 13" in load_digits().DESCR


def judge_canonical_run(history: History) -> None:
    assert rises(history.train_loss) == rises(history.val_loss) == 0, "both curves fall in every epoch"
    assert history.val_loss[0] < history.train_loss[0] - 0.1, "after epoch 1 the validation loss is lower by over 0.1"
    own = history.batch_loss[: len(digits(seed=0).train.x) // 64 + 1]
    assert own[0] > history.train_loss[0] > own[-1], "a mean from the first batch of an untrained model to the last"


@pytest.mark.parametrize("seed", SEEDS)
def test_the_canonical_run_falls_and_its_first_validation_loss_is_the_lower_one_in_pytorch(seed: int) -> None:
    from course_lib.pytorch import fit

    data = digits(seed=0)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    settings: Any = {"loss": "cross_entropy", "optimizer": optimizer, "epochs": 15, "batch_size": 64, "seed": seed}
    judge_canonical_run(fit(model, data.train, data.val, **settings))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_canonical_run_falls_and_its_first_validation_loss_is_the_lower_one_in_keras(seed: int) -> None:
    import keras

    from course_lib.keras import fit

    data = digits(seed=0)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    optimizer = keras.optimizers.SGD(0.1)
    settings: Any = {"loss": "cross_entropy", "optimizer": optimizer, "epochs": 15, "batch_size": 64, "seed": seed}
    judge_canonical_run(fit(model, data.train, data.val, **settings))


def with_adam_in_pytorch(seed: int, batch_size: int) -> tuple[Any, float]:
    """Return the training losses of 15 epochs, and the share of steps that raised the loss of their own batch."""
    data = digits(seed=0)
    x, y = torch.from_numpy(data.train.x), torch.from_numpy(data.train.y)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    history, raised = History(), []
    for _ in range(15):
        for rows in torch.randperm(len(y)).split(batch_size):
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            history.batch(loss.item(), len(rows))
            with torch.no_grad():
                raised.append(nn.functional.cross_entropy(model(x[rows]), y[rows]).item() > loss.item())
        history.epoch()
    return history.train_loss, float(np.mean(raised))


def judge_runs_with_adam(small: list[Any], whole: list[Any]) -> None:
    for losses in (*small, *whole):
        assert min(losses) < 0.25 * losses[0], "it does learn"
    counts = [rises(losses) for losses in small]
    assert sum(sorted(counts)[:3]) > 3, "whichever three of the starts are taken"
    assert [rises(losses) for losses in whole] == [0] * len(whole), "the control never rises"


@pytest.mark.slow
def test_with_adam_small_batches_raise_the_training_loss_and_all_rows_at_once_do_not_in_pytorch() -> None:
    small, whole = ([with_adam_in_pytorch(seed, size) for seed in SEEDS] for size in (16, 10_000))
    judge_runs_with_adam([losses for losses, _ in small], [losses for losses, _ in whole])
    assert all(0.1 < raised < 0.4 for _, raised in small), "many steps raise the loss of their own batch"
    assert all(raised == 0 for _, raised in whole)


@pytest.mark.slow
def test_with_adam_small_batches_raise_the_training_loss_and_all_rows_at_once_do_not_in_keras() -> None:
    import keras

    data = digits(seed=0)

    def run(seed: int, batch_size: int) -> list[float]:
        keras.utils.set_random_seed(seed)
        model = keras.Sequential(
            [keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, steps_per_execution=30)
        losses: list[float] = model.fit(
            data.train.x, data.train.y, batch_size=batch_size, epochs=15, verbose=0
        ).history["loss"]
        return losses

    judge_runs_with_adam([run(seed, 16) for seed in SEEDS], [run(seed, 10_000) for seed in SEEDS])


@pytest.mark.slow
def test_keras_hands_over_the_running_mean_weighted_by_samples() -> None:
    import keras

    seen: list[float] = []

    class Keep(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])

    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).normal(size=(10, 2)).astype("float32")
    y = x.sum(axis=1, keepdims=True) ** 2
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse")  # weights that stay make the truth known
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0, callbacks=[Keep()])
    errors = ((model.predict(x, verbose=0) - y) ** 2).ravel()
    own = [errors[i : i + 4].mean() for i in (0, 4, 8)]
    running = np.cumsum(np.multiply(own, [4, 4, 2])) / np.cumsum([4, 4, 2])
    np.testing.assert_allclose(seen, running, rtol=1e-4)
    assert abs(seen[1] - own[1]) > 1e-3


def test_the_explorer_shows_what_the_lesson_says_of_it() -> None:
    explorer = batch_noise()

    def scatter_and_validation(size: int, rate: float) -> tuple[float, float]:
        words = explorer.answer({"batch_size": size, "lr": rate}).words
        scatter, val = (
            re.search(r"scatter by ([\d.]+\d)", words),
            re.search(r"validation loss ends at ([\d.]+\d)", words),
        )
        assert scatter, words
        assert val, words
        return float(scatter[1]), float(val[1])

    scatters = [scatter_and_validation(size, 0.1)[0] for size in (8, 16, 32, 64, 128, 256)]
    assert scatters == sorted(scatters, reverse=True)
    assert scatter_and_validation(8, 3.0)[1] > scatter_and_validation(8, 1.0)[1]
    assert scatter_and_validation(256, 3.0)[0] > scatter_and_validation(128, 3.0)[0]
    calm = scatter_and_validation(256, 0.01)
    assert calm[0] < 0.01
    assert calm[1] > 2.0  # knowing nothing costs ln 10, about 2.3


def test_validation_rows_measured_again_tell_swapped_lists_and_training_rows_do_not() -> None:
    from course_lib.pytorch import evaluate, fit

    data = digits(seed=0)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    history = fit(model, data.train, data.val, loss="cross_entropy", optimizer="sgd", lr=0.1, epochs=1)
    listed, swapped = history.val_loss[0], history.train_loss[0]
    assert listed < swapped
    again = {
        rows: evaluate(model, part, loss="cross_entropy")["loss"] for rows, part in (("t", data.train), ("v", data.val))
    }
    assert again["v"] == pytest.approx(listed, rel=1e-5)
    assert again["v"] < 0.8 * swapped
    # The training rows come out low at these weights, too: they say nothing of which list is which.
    assert again["t"] < 0.8 * swapped
