"""Train the networks of lesson 04's capacity curve, and write their losses and errors to its material/.

One hidden layer of 2 to 512 units on 400 digits, three labels in ten wrong: one network for each width and each of
five splits, measured after 60 and after 200 epochs. It takes about two minutes on one core::

    python scripts/precompute_widths.py
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import nn

from course_lib.data import digits

WIDTHS = [2, 4, 8, 12, 16, 24, 32, 64, 128, 256, 512]
SPLITS, MARKS = 5, [60, 200]
SETS, MEASURES = ("train", "val", "test"), ("loss", "error")
ROWS, WRONG, BATCH, RATE = 400, 0.3, 32, 2e-3
TARGET = Path(__file__).parent.parent / "course_lib" / "lessons" / "l04_overfitting" / "material" / "widths.npz"

Rows = tuple[torch.Tensor, torch.Tensor]


def rows_of(split: int) -> dict[str, Rows]:
    """Return the three sets of a split; a share of the training labels is wrong, all others are right."""
    data = digits(test_size=0.4, seed=split)
    assert data.test is not None
    rng = np.random.default_rng(split)
    y = data.train.y[:ROWS].copy()
    wrong = rng.permutation(ROWS)[: round(WRONG * ROWS)]
    y[wrong] = (y[wrong] + rng.integers(1, 10, len(wrong))) % 10
    sets = {"train": (data.train.x[:ROWS], y), "val": (data.val.x, data.val.y), "test": (data.test.x, data.test.y)}
    return {name: (torch.tensor(x), torch.tensor(labels)) for name, (x, labels) in sets.items()}


def measured(model: nn.Module, sets: dict[str, Rows]) -> list[list[float]]:
    """Return loss and share of wrong answers on each of the three sets."""
    out = []
    with torch.no_grad():
        for name in SETS:
            x, y = sets[name]
            logits = model(x)
            error = (logits.argmax(1) != y).float().mean()
            out.append([nn.functional.cross_entropy(logits, y).item(), error.item()])
    return out


def train(width: int, split: int, marks: list[int] = MARKS) -> list[list[list[float]]]:
    """Return what one network measures after each number of epochs in ``marks``: shape (marks, sets, measures)."""
    sets = rows_of(split)
    x, y = sets["train"]
    torch.manual_seed(split)
    model = nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    out = []
    for epoch in range(1, max(marks) + 1):
        for take in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[take]), y[take]).backward()
            optimizer.step()
        if epoch in marks:
            out.append(measured(model, sets))
    return out


def main() -> int:
    """Train all networks and write what they measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=TARGET)
    path = parser.parse_args().output
    torch.set_num_threads(1)
    runs = np.array([[train(width, split) for split in range(SPLITS)] for width in WIDTHS], dtype=np.float32)
    np.savez_compressed(path, runs=runs, widths=WIDTHS, epochs=MARKS)
    print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
