"""The reference solutions of lesson 11, held against other ways to get the same."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest
from reference_answers import reference

from course_lib.lessons.l11_logging.read_records import packed

SEEDS = (0, 1, 2, 3, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_records_come_back_as_a_struct_array_reads_them(seed: int) -> None:
    """Names of equal length make all records alike, so that NumPy reads the file in one go."""
    rng = np.random.default_rng(seed)
    rows = [(f"n{k}", int(rng.integers(-(2**40), 2**40)), float(rng.normal())) for k in range(9)]
    table = np.frombuffer(packed(rows), [("size", "<u4"), ("step", "<i8"), ("value", "<f4"), ("name", "S2")])
    found = reference("11_logging", "pytorch", "read_records")(packed(rows))
    assert found == [(row["name"].decode(), int(row["step"]), float(row["value"])) for row in table]
    assert (table["size"] == struct.calcsize("<qf") + 2).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_merged_log_is_what_its_last_writers_left(seed: int) -> None:
    """A board with a cell for each step, on which each attempt wipes everything from its first step on."""
    rng = np.random.default_rng(seed)
    board: dict[int, list[tuple[str, int, float]]] = {}
    attempts, start = [], 1
    for _ in range(5):
        end = start + int(rng.integers(4, 9))
        attempts.append([("loss", step, float(rng.normal())) for step in range(start, end)])
        for step in range(start, 100):
            board.pop(step, None)
        for row in attempts[-1]:
            board.setdefault(row[1], []).append(row)
        start = int(rng.integers(max(1, start - 1), end))
    found = reference("11_logging", "pytorch", "merge_resumed")(attempts)
    assert found == [row for step in sorted(board) for row in board[step]]


@pytest.mark.parametrize("seed", SEEDS)
def test_axes_are_those_of_pandas_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps, sizes = 7, [32] * 6 + [5]
    frame = pd.DataFrame({"loss": rng.uniform(0, 3, 21), "size": sizes * 3, "step": range(1, 22)})
    groups = frame.assign(epoch=np.repeat([1, 2, 3], steps)).groupby("epoch")
    found = reference("11_logging", "pytorch", "align_axes")(frame["loss"].tolist(), frame["size"].tolist(), steps)
    means = [np.average(group["loss"], weights=group["size"]) for _, group in groups]
    assert found["train_at"] == groups["step"].mean().tolist()
    assert found["val_at"] == groups["step"].max().tolist()
    assert found["train_loss"] == pytest.approx(means)
