"""What lesson 08 states, held against runs: penalties and decays, floors, augmentation, what a search costs."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from support import ROOT

from course_lib.data import Rows, digits
from course_lib.lessons.l08_regularisation import figures
from course_lib.lessons.l08_regularisation.chooser_hunt import CHOOSERS, measured, misleads
from course_lib.lessons.l08_regularisation.explorer import PICTURES, who_reports

SEEDS = (0, 1, 2, 3, 4)
DECAYED = (1 - 0.01 * 0.1) ** 50


@cache
def rows(n: int) -> Rows:
    train = digits(val_size=1397, scale="unit", seed=0).train
    return Rows(train.x[:n], train.y[:n])


@cache
def others() -> Rows:
    return digits(val_size=1397, scale="unit", seed=0).val


def model(width: int = 64, seed: int = 0, dropout: float = 0.0) -> Any:
    import torch
    from torch import nn

    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, 10))


def logits(fitted: Any, x: np.ndarray) -> np.ndarray:
    import torch

    fitted.eval()
    with torch.no_grad():
        return fitted(torch.from_numpy(x)).numpy().astype(float)


def row_losses(fitted: Any, part: Rows) -> np.ndarray:
    z = logits(fitted, part.x)
    return np.logaddexp.reduce(z, axis=1) - z[np.arange(len(part.y)), part.y]


def accuracy(fitted: Any, part: Rows) -> float:
    return float((logits(fitted, part.x).argmax(axis=1) == part.y).mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_a_penalty_and_twice_the_decay_give_one_network_and_two_reports(seed: int) -> None:
    import torch
    from torch.nn import functional

    from course_lib.pytorch import fit

    penalized, decayed = model(seed=seed), model(seed=seed)

    def matrices(network: Any) -> list[Any]:
        return [p for p in network.parameters() if p.ndim > 1]

    def objective(outputs: Any, labels: Any) -> Any:
        return functional.cross_entropy(outputs, labels) + 0.01 * sum((p**2).sum() for p in matrices(penalized))

    groups: list[dict[str, Any]] = [
        {"params": matrices(decayed), "weight_decay": 0.02},
        {"params": [p for p in decayed.parameters() if p.ndim == 1]},
    ]
    how: dict[str, Any] = {"epochs": 20, "batch_size": 32, "seed": seed}
    first = fit(penalized, rows(300), others(), loss=objective, optimizer="sgd", lr=0.1, **how)
    sgd = torch.optim.SGD(groups, lr=0.1)
    second = fit(decayed, rows(300), others(), loss="cross_entropy", optimizer=sgd, **how)
    for a, b in zip(penalized.parameters(), decayed.parameters(), strict=True):
        assert (a - b).abs().max().item() < 1e-5
    penalty = 0.01 * sum((p**2).sum().item() for p in matrices(penalized))
    assert first.val_loss[-1] - second.val_loss[-1] == pytest.approx(penalty, rel=1e-3)
    assert first.train_loss[-1] > second.train_loss[-1] + 0.2


@pytest.mark.parametrize(
    ("name", "decoupled"),
    [("SGD", True), ("AdamW", True), ("Adam", False), ("NAdam", False), ("RMSprop", False), ("Adagrad", False)],
)
def test_in_pytorch_most_optimizers_add_the_decay_to_the_gradient(name: str, decoupled: bool) -> None:
    import torch

    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = getattr(torch.optim, name)([weight], lr=0.01, weight_decay=0.1)
    for _ in range(50):
        weight.grad = torch.zeros(1)
        optimizer.step()
    assert (weight.item() == pytest.approx(DECAYED, abs=1e-4)) is decoupled
    weight.grad = None
    before = weight.item()
    optimizer.step()
    assert weight.item() == before


@pytest.mark.parametrize("name", ["SGD", "AdamW", "Adam", "Nadam", "RMSprop", "Adagrad"])
def test_in_keras_every_optimizer_decouples(name: str) -> None:
    import keras

    weight = keras.Variable(np.ones(1, dtype="float32"))
    optimizer = getattr(keras.optimizers, name)(learning_rate=0.01, weight_decay=0.1)
    for _ in range(50):
        optimizer.apply([keras.ops.zeros(1)], [weight])
    assert float(np.asarray(weight)[0]) == pytest.approx(DECAYED, abs=1e-4)


def test_max_norm_bounds_rows_in_pytorch_and_columns_in_keras() -> None:
    import keras
    import torch

    weight = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    bounded = torch.renorm(torch.from_numpy(weight), p=2, dim=0, maxnorm=1.0).numpy()
    np.testing.assert_allclose(
        np.linalg.norm(bounded, axis=1), np.minimum(np.linalg.norm(weight, axis=1), 1), rtol=1e-5
    )
    kept = np.asarray(keras.constraints.MaxNorm(1.0, axis=0)(weight.T))
    np.testing.assert_allclose(kept.T, bounded, rtol=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_l1_penalty_gives_no_exact_zero_and_a_proximal_step_gives_many(seed: int) -> None:
    x, hot = rows(300).x, np.eye(10)[rows(300).y]
    zeros, right = [], []
    for proximal in (False, True):
        w = np.random.default_rng(seed).normal(0, 0.1, (64, 10))
        for _ in range(500):
            z = x @ w
            p = np.exp(z - z.max(axis=1, keepdims=True))
            gradient = x.T @ (p / p.sum(axis=1, keepdims=True) - hot) / len(x)
            w = w - 0.5 * (gradient if proximal else gradient + 0.003 * np.sign(w))
            w = np.sign(w) * np.maximum(np.abs(w) - 0.0015, 0) if proximal else w
        zeros.append(int((w == 0).sum()))
        right.append(((others().x @ w).argmax(axis=1) == others().y).mean())
    assert zeros[0] == 0
    assert zeros[1] > 150
    assert right[0] == pytest.approx(right[1], abs=0.01)


@cache
def smoothed(seed: int, eps: float, split: int = 0) -> tuple[float, float, float, float, float]:
    """Return reported and true training figures, plain loss and accuracy of unseen rows, and the mean confidence."""
    import functools

    from torch.nn import functional

    from course_lib.pytorch import fit

    network, data = model(seed=seed), digits(val_size=1397, scale="unit", seed=split)
    train = Rows(data.train.x[:300], data.train.y[:300])
    loss = functools.partial(functional.cross_entropy, label_smoothing=eps)
    run = fit(network, train, loss=loss, lr=2e-3, epochs=80, batch_size=32, seed=seed)
    z = logits(network, data.val.x)
    p = np.exp(z - np.logaddexp.reduce(z, axis=1)[:, None])
    unseen = float(row_losses(network, data.val).mean()), accuracy(network, data.val)
    return float(run.train_loss[-1]), accuracy(network, train), *unseen, float(p.max(axis=1).mean())


@pytest.mark.slow
def test_smoothed_labels_have_a_floor_and_give_more_accuracy_at_a_higher_plain_loss() -> None:
    pairs = [(smoothed(seed, 0.0), smoothed(seed, 0.1)) for seed in SEEDS]
    assert all(0.5 < with_eps[0] < 0.62 and with_eps[1] > 0.98 for _, with_eps in pairs)
    assert all(without[0] < 0.06 for without, _ in pairs)
    assert all(with_eps[2] > without[2] + 0.05 for without, with_eps in pairs)
    assert np.mean([with_eps[3] - without[3] for without, with_eps in pairs]) > 0.003
    assert all(with_eps[3] >= without[3] for without, with_eps in pairs)
    assert all(with_eps[4] < without[4] - 0.08 < with_eps[3] for without, with_eps in pairs)


@pytest.mark.slow
def test_on_another_split_smoothed_labels_lower_the_accuracy_and_raise_the_plain_loss_all_the_same() -> None:
    pairs = [(smoothed(seed, 0.0, split=1), smoothed(seed, 0.1, split=1)) for seed in SEEDS[:3]]
    assert all(with_eps[2] > without[2] + 0.05 for without, with_eps in pairs)
    assert all(with_eps[3] < without[3] for without, with_eps in pairs)


@cache
def augmented(seed: int, kind: str) -> tuple[Any, float]:
    from course_lib.pytorch import fit

    network = model(128, seed)
    made = getattr(figures, kind)(rows(200))
    run = fit(network, made, loss="cross_entropy", lr=1e-3, epochs=15, batch_size=32, seed=seed)
    return network, float(run.train_loss[-1])


@pytest.mark.parametrize("seed", SEEDS)
def test_augmentation_pays_only_on_rows_that_vary_so(seed: int) -> None:
    kinds = ("nine_copies", "every_shift", "half_mirrored")
    (plain, _), (moved, reported), (mirrored, mirrored_reported) = (augmented(seed, kind) for kind in kinds)
    assert accuracy(plain, others()) > max(accuracy(moved, others()), accuracy(mirrored, others())) + 0.005
    askew = figures.shift_at_random(others())
    assert accuracy(moved, askew) > accuracy(plain, askew) + 0.3
    assert reported > row_losses(moved, rows(200)).mean() + 0.05
    assert mirrored_reported > row_losses(mirrored, rows(200)).mean()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_after_60_epochs_moved_copies_have_the_lower_loss_and_still_the_lower_accuracy(seed: int) -> None:
    from course_lib.pytorch import fit

    found = []
    for kind in ("nine_copies", "every_shift"):
        network, made = model(128, seed), getattr(figures, kind)(rows(200))
        run = fit(network, made, others(), loss="cross_entropy", lr=1e-3, epochs=60, batch_size=32, seed=seed)
        found.append((run.val_loss[-1], run.val_loss.min(), accuracy(network, others())))
    (last, lowest, right), (moved_last, moved_lowest, moved_right) = found
    assert moved_last < last - 0.01
    assert moved_lowest > lowest + 0.02
    assert moved_right < right - 0.002
    early = [accuracy(augmented(seed, kind)[0], others()) for kind in ("nine_copies", "every_shift")]
    assert right - moved_right < early[0] - early[1]


@pytest.mark.slow
def test_mirrored_copies_cost_the_5_and_the_7_and_the_others_are_noise() -> None:
    lost = np.zeros((len(SEEDS), 10))
    for row, seed in zip(lost, SEEDS, strict=True):
        for kind, sign in (("nine_copies", 1), ("half_mirrored", -1)):
            right = logits(augmented(seed, kind)[0], others().x).argmax(axis=1) == others().y
            row += sign * np.array([right[others().y == digit].mean() for digit in range(10)])
    assert lost[:, 5].min() > 0.04
    assert lost[:, 7].min() > 0
    for digit in (3, 8):
        assert lost[:, digit].min() < 0 < lost[:, digit].max()


@pytest.mark.parametrize("kind", ["nine_copies", "every_shift", "half_mirrored"])
def test_all_three_kinds_have_nine_rows_of_each(kind: str) -> None:
    made = getattr(figures, kind)(rows(20))
    assert made.x.shape == (180, 64)
    np.testing.assert_array_equal(made.y, np.tile(rows(20).y, 9))


def test_a_dataset_s_transform_moves_validation_rows_whatever_the_model_s_mode() -> None:
    network = augmented(0, "every_shift")[0]
    clean = row_losses(network, others()).mean()
    moved = [row_losses(network, figures.shift_at_random(others(), seed)).mean() for seed in SEEDS]
    assert min(moved) > 1.3 * clean
    assert np.std(moved) > 1e-3


def test_keras_image_layers_are_on_unless_told_otherwise() -> None:
    import keras

    layer = keras.layers.RandomTranslation(0.125, 0.125, fill_mode="constant", seed=0)
    network = keras.Sequential([keras.Input((64,)), keras.layers.Reshape((8, 8, 1)), layer, keras.layers.Flatten()])
    x = others().x[:50]
    assert np.abs(np.asarray(network(x)) - x).max() > 0.1
    assert np.abs(np.asarray(network(x, training=False)) - x).max() < 1e-6
    assert np.abs(network.predict(x, verbose=0) - x).max() < 1e-6
    dropout = keras.layers.Dropout(0.5)
    np.testing.assert_array_equal(np.asarray(dropout(x)), x)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_is_more_optimistic_on_fewer_rows_and_finds_the_best_less_often(seed: int) -> None:
    from course_lib.pytorch import fit

    losses = []
    for width, dropout in product((32, 64, 128, 256), (0.0, 0.25)):
        network = model(width, seed, dropout)
        fit(network, rows(200), loss="cross_entropy", lr=5e-3, epochs=40, batch_size=32, seed=seed)
        losses.append(row_losses(network, others()))
    table, rng = np.array(losses), np.random.default_rng(seed)
    truth, optimism, found = table.mean(axis=1), [], []
    for n in (20, 500):
        drawn = [rng.choice(table.shape[1], n, replace=False) for _ in range(500)]
        readings = np.array([table[:, chosen].mean(axis=1) for chosen in drawn])
        best = readings.argmin(axis=1)
        optimism.append(float((truth[best] - readings.min(axis=1)).mean()))
        found.append(float((best == truth.argmin()).mean()))
    assert optimism[0] > optimism[1] + 0.02
    assert found[0] < found[1] - 0.2


def test_the_ways_in_the_text_are_those_that_the_check_runs() -> None:
    text = (ROOT / "solutions" / "08_regularisation.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\*\*([A-F])\.\*\*.*?^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert dict(shown) == CHOOSERS
    assert [letter for letter in CHOOSERS if misleads(letter)] == ["A", "D", "E"]
    assert "chose that run every time" in measured("B")


def test_the_explorer_answers_as_the_text_says() -> None:
    def numbers(**values: Any) -> list[float]:
        alt = who_reports().answer(values).alt
        return [float(found) for found in re.findall(r"(?:reported|plain) (\d\.\d+)", alt)]

    plain = numbers()
    assert numbers(decay=True) == plain
    assert plain[0] == plain[1] < plain[2] == plain[3]
    words = who_reports().answer({"lam": 0.01, "dropout": 0.5}).words
    gaps = [float(found) for found in re.findall(r"gap ([+-]\d\.\d+)", words)]
    assert gaps[0] < 0 < gaps[1]
    own = numbers(eps=0.1, same=False)
    assert own[1:] == plain[1:]
    assert own[0] > plain[0]
    shares = [
        int(re.search(r"gets (\d+)% right", who_reports().answer({"view": PICTURES, "digit": 5, "way": way}).words)[1])  # type: ignore[index]
        for way in ("one pixel to the right", "turned by 15 degrees")
    ]
    assert shares[0] + 20 < shares[1]
