"""Train the eight runs that lesson 04's exercise `diagnose` shows, and write them to its material/.

Eight runs on real data (two of them on made-up moons), each after one recipe below. It takes about
ten seconds on one core::

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


RECIPES = {
    "A": Recipe("digits", 1000, 0.0, 64, "sgd", 0.004),
    "B": Recipe("breast cancer", 150, 0.0, 256, "adam", 0.005, 16),
    "C": Recipe("digits", 120, 0.0, 64, "sgd", 0.1, 16),
    "D": Recipe("digits", 1000, 0.0, 1, "adam", 0.02),
    "E": Recipe("digits", 400, 0.25, 256, "adam", 0.002),
    "F": Recipe("digits", 1000, 0.0, 64, "sgd", 0.1, dropout=0.3),
    "G": Recipe("moons", 100, 0.1, 128, "adam", 0.003, 16),
    "H": Recipe("digits", 120, 0.0, 64, "sgd", 0.005, 16),
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


def train(recipe: Recipe) -> dict[str, object]:
    """Return what one run recorded, rounded to four digits after the point."""
    x, y, x_val, y_val = rows_of(recipe.data)
    x, y = x[: recipe.rows], y[: recipe.rows].copy()
    classes = int(y_val.max()) + 1
    rng = np.random.default_rng(0)
    if recipe.data != "moons":
        wrong = rng.permutation(len(y))[: round(recipe.flipped * len(y))]
        y[wrong] = (y[wrong] + rng.integers(1, classes, len(wrong))) % classes
    torch.manual_seed(0)
    width, hidden = x.shape[1], recipe.hidden
    middle = [nn.Linear(hidden, hidden), nn.ReLU()] if recipe.data == "moons" else []
    model = nn.Sequential(
        nn.Linear(width, hidden), nn.ReLU(), *middle, nn.Dropout(recipe.dropout), nn.Linear(hidden, classes)
    )
    history = fit(
        model, (x, y), (x_val, y_val), loss="cross_entropy", optimizer=recipe.optimizer, lr=recipe.rate,
        epochs=EPOCHS, batch_size=recipe.batch, metrics=["accuracy"], device="cpu",
    )  # fmt: skip
    columns = ("train_loss", "val_loss", "val_accuracy")
    return {
        "data": recipe.data,
        "guessing": round(float(np.log(classes)), 4),
        **{name: [round(float(v), 4) for v in history[name]] for name in columns},
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
