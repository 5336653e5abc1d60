"""What the start page says of its run and of its digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from course_lib.data import digits
from course_lib.data.rows import Rows
from course_lib.pytorch import fit

SEEDS = range(5)
#: Where a writer's digits begin, as the order of the labels lets one infer: it repeats itself 14 times.
STRETCHES = [0, 130, 256, 386, 516, 646, 776, 915, 1029, 1157, 1287, 1415, 1545, 1667]


def wrong_share(train: Any, val: Any, seed: int) -> float:
    """Return the share of validation rows that the page's network gets wrong after the page's run."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    fit(model, train, val, loss="cross_entropy", optimizer="sgd", lr=0.1, epochs=30)
    with torch.no_grad():
        return float((model(torch.from_numpy(val.x)).argmax(dim=1).numpy() != val.y).mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_about_ten_of_the_digits_kept_apart_are_wrong_in_pytorch(seed: int) -> None:
    data = digits(seed=0)
    assert len(data.val.y) == 360
    assert 5 <= 360 * wrong_share(data.train, data.val, seed) <= 15


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_about_ten_of_the_digits_kept_apart_are_wrong_in_keras(seed: int) -> None:
    keras = pytest.importorskip("keras")
    from course_lib.keras import fit as keras_fit

    data = digits(seed=0)
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10)])
    keras_fit(model, data.train, data.val, loss="cross_entropy", optimizer="sgd", lr=0.1, epochs=30)
    assert 5 <= (np.asarray(model(data.val.x)).argmax(axis=1) != data.val.y).sum() <= 15


@pytest.mark.slow
def test_a_strangers_digits_are_read_worse() -> None:
    x, y = load_digits(return_X_y=True)
    x = ((x - x.mean()) / x.std()).astype(np.float32)
    writer = np.searchsorted(STRETCHES, np.arange(len(y)), side="right") - 1
    shuffled = np.random.default_rng(0).permutation(writer)  # the same sizes, rows of all writers
    shares = []
    for groups in (writer, shuffled):
        wrong = []
        for fold in range(4):
            out = groups % 4 == fold
            wrong.append(wrong_share(Rows(x[~out], y[~out]), Rows(x[out], y[out]), seed=0))
        shares.append(np.mean(wrong))
    strangers, known = shares
    assert strangers > 1.5 * known


def test_every_writer_is_on_both_sides_of_the_split() -> None:
    x, _ = load_digits(return_X_y=True)
    writer = dict(
        zip(map(bytes, x.astype(np.float32)), np.searchsorted(STRETCHES, np.arange(len(x)), side="right"), strict=True)
    )
    data = digits(scale="none", seed=0)
    sides = [{writer[bytes(row)] for row in rows.x} for rows in (data.train, data.val)]
    assert sides[0] == sides[1] == set(range(1, 15))
