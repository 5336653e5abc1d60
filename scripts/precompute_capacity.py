"""Train the runs that the explorer of lesson 04 shows, and write them to its material/.

Two moons, some labels flipped, an MLP 2-h-h-2 trained by Adam: one run for each number of hidden units,
training rows and share of flipped labels. It takes about half a minute on one core::

    python scripts/precompute_capacity.py
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import make_moons
from torch import nn

HIDDEN = [2, 8, 32, 128]
ROWS = [50, 100, 200, 400]
NOISE = [0.0, 0.1, 0.2, 0.3]
EPOCHS, VAL_ROWS, BATCH, RATE, SEED = 150, 400, 16, 2e-3, 2
TARGET = Path(__file__).parent.parent / "course_lib" / "lessons" / "l04_overfitting" / "material" / "capacity.npz"


def moons(rows: int, flipped: float, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points of shape (rows, 2) and labels, a share of which is flipped."""
    x, y = make_moons(rows, noise=0.2, random_state=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(rows)[: round(flipped * rows)]
    y[wrong] = 1 - y[wrong]
    return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def train(hidden: int, rows: int, flipped: float) -> np.ndarray:
    """Return training loss, validation loss and validation accuracy of each epoch, shape (3, EPOCHS)."""
    x, y = moons(rows, flipped, SEED)
    x_val, y_val = moons(VAL_ROWS, flipped, SEED + 1000)
    torch.manual_seed(SEED)
    model = nn.Sequential(nn.Linear(2, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    loss_of = nn.CrossEntropyLoss()
    out = np.empty((3, EPOCHS))
    for epoch in range(EPOCHS):
        total = 0.0
        model.train()
        for take in torch.randperm(rows).split(BATCH):
            optimizer.zero_grad()
            loss = loss_of(model(x[take]), y[take])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(take)
        model.eval()
        with torch.no_grad():
            logits = model(x_val)
            val, right = loss_of(logits, y_val).item(), (logits.argmax(1) == y_val).float().mean().item()
        out[:, epoch] = total / rows, val, right
    return out


def main() -> int:
    """Train all runs and write them as float16, which is exact enough for a picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=TARGET)
    path = parser.parse_args().output
    torch.set_num_threads(1)
    runs = np.empty((len(HIDDEN), len(ROWS), len(NOISE), 3, EPOCHS), dtype=np.float16)
    for (i, h), (j, r), (k, n) in itertools.product(enumerate(HIDDEN), enumerate(ROWS), enumerate(NOISE)):
        runs[i, j, k] = train(h, r, n)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, runs=runs, hidden=HIDDEN, rows=ROWS, noise=NOISE)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
