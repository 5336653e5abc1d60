"""Train the twelve runs that lesson 04's exercise `diagnose` shows, and write them to its material/.

Twelve runs, each after one recipe below: digits, breast cancer, and made-up moons. It takes about twenty seconds
on one core::

    python scripts/precompute_curves.py
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer, load_digits, make_moons
from sklearn.model_selection import train_test_split
from torch import nn

from course_lib.pytorch import fit

EPOCHS = 60
TARGET = Path(__file__).parent.parent / "course_lib" / "lessons" / "l04_overfitting" / "material" / "runs.json"


class Recipe(NamedTuple):
    """How one run is made."""

    data: str
    rows: int
    flipped: float
    hidden: int
    optimizer: str
    rate: float
    batch: int = 32
    dropout: float = 0.0
    layers: int = 1
    momentum: float = 0.0
    naive_loss: bool = False  #: the logarithm of a softmax that may be 0, instead of cross-entropy from logits


RECIPES = {
    "A": Recipe("digits", 1000, 0.0, 64, "sgd", 0.004),
    "B": Recipe("breast cancer", 150, 0.0, 256, "adam", 0.005, 16),
    "C": Recipe("digits", 120, 0.0, 64, "sgd", 0.1, 16),
    "D": Recipe("digits", 1000, 0.0, 1, "adam", 0.02),
    "E": Recipe("digits", 400, 0.25, 256, "adam", 0.002),
    "F": Recipe("digits", 1000, 0.0, 64, "sgd", 0.1, dropout=0.3),
    "G": Recipe("moons", 100, 0.1, 128, "adam", 0.003, 16, layers=2),
    "H": Recipe("digits", 120, 0.0, 64, "sgd", 0.005, 16),
    "I": Recipe("digits", 1000, 0.0, 64, "adam", 0.03, layers=3),
    "J": Recipe("digits", 1000, 0.0, 64, "sgd", 2.0, layers=3),
    "K": Recipe("digits", 1000, 0.25, 64, "adam", 0.03, naive_loss=True),
    "L": Recipe("digits", 1000, 0.0, 64, "sgd", 0.2, momentum=0.9),
}


def rows_of(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return training and validation rows, standardised by the training rows: x, y, x_val, y_val."""
    if name == "moons":
        x, y = make_moons(500, noise=0.2, random_state=1)
        flipped = np.random.default_rng(1).random(500) < 0.1
        y = np.where(flipped, 1 - y, y)
        x, x_val, y, y_val = x[:100], x[100:], y[:100], y[100:]
    else:
        x, y = load_digits(return_X_y=True) if name == "digits" else load_breast_cancer(return_X_y=True)
        x, x_val, y, y_val = train_test_split(x, y, test_size=300, random_state=0, stratify=y)
        mean, spread = x.mean(axis=0), x.std(axis=0)
        spread[spread == 0] = 1.0
        x, x_val = (x - mean) / spread, (x_val - mean) / spread
    return x.astype("float32"), y.astype("int64"), x_val.astype("float32"), y_val.astype("int64")


def flipped(y: np.ndarray, share: float, classes: int) -> np.ndarray:
    """Return the labels with a share of them replaced by a wrong one."""
    rng = np.random.default_rng(0)
    y = y.copy()
    wrong = rng.permutation(len(y))[: round(share * len(y))]
    y[wrong] = (y[wrong] + rng.integers(1, classes, len(wrong))) % classes
    return y


def make_model(recipe: Recipe, width: int, classes: int) -> nn.Sequential:
    """Return the recipe's network."""
    torch.manual_seed(0)
    hidden = [nn.Linear(width, recipe.hidden), nn.ReLU()]
    for _ in range(recipe.layers - 1):
        hidden += [nn.Linear(recipe.hidden, recipe.hidden), nn.ReLU()]
    return nn.Sequential(*hidden, nn.Dropout(recipe.dropout), nn.Linear(recipe.hidden, classes))


def naive_cross_entropy(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return cross-entropy as a beginner writes it: infinite once a probability is rounded to 0."""
    return -torch.log(torch.softmax(logits, 1)[torch.arange(len(y)), y]).mean()


def numbers(values: np.ndarray) -> list[float | None]:
    """Return one number an epoch, to four digits after the point (to five in all where it is large).

    What is no finite number, and every epoch after a run was stopped for it, is None.
    """
    kept: list[float | None] = []
    for value in map(float, values):
        finite = np.isfinite(value)
        kept.append((float(f"{value:.5g}") if abs(value) >= 100 else round(value, 4)) if finite else None)
    return kept + [None] * (EPOCHS - len(kept))


def train(recipe: Recipe) -> dict[str, object]:
    """Return what one run recorded."""
    x, y, x_val, y_val = rows_of(recipe.data)
    classes = int(y_val.max()) + 1
    x, y = x[: recipe.rows], y[: recipe.rows]
    if recipe.data != "moons":
        y = flipped(y, recipe.flipped, classes)
    model = make_model(recipe, x.shape[1], classes)
    optimizer: str | torch.optim.Optimizer = recipe.optimizer
    if recipe.momentum:
        optimizer = torch.optim.SGD(model.parameters(), lr=recipe.rate, momentum=recipe.momentum)
    history = fit(
        model, (x, y), (x_val, y_val), loss=naive_cross_entropy if recipe.naive_loss else "cross_entropy",
        optimizer=optimizer, lr=None if recipe.momentum else recipe.rate,
        epochs=EPOCHS, batch_size=recipe.batch, metrics=["accuracy"], device="cpu",
    )  # fmt: skip
    columns = ("train_loss", "val_loss", "val_accuracy")
    return {
        "data": recipe.data,
        "rows": recipe.rows,
        "guessing": round(float(np.log(classes)), 4),
        **{name: numbers(history[name]) for name in columns},
    }


def main() -> int:
    """Train all runs and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=TARGET)
    path = parser.parse_args().output
    torch.set_num_threads(1)
    runs = {letter: train(recipe) for letter, recipe in RECIPES.items()}
    path.write_text(json.dumps(runs, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
