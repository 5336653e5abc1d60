"""Lesson 11, logging and TensorBoard: the hidden cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from course_lib.checks.case import Case
from course_lib.lessons.l11_logging.log_hunt import hunt
from course_lib.lessons.l11_logging.read_records import packed

__all__ = ["hidden_cases"]

NAMES = ("loss", "val_loss", "lr", "größe", "a/b", "")


def _rows(rng: np.random.Generator, count: int) -> list[tuple[str, int, float]]:
    """Return records of random names, rising steps and values that float32 holds exactly."""
    steps = np.sort(rng.integers(0, 10**10, count)).tolist()
    return [(NAMES[int(rng.integers(len(NAMES)))], step, int(rng.integers(1, 4000)) / 256) for step in steps]


def _written(rng: np.random.Generator) -> tuple[bytes, list[tuple[str, int, float]]]:
    rows = _rows(rng, 12)
    return packed(rows), rows


def _observe(answer: Any, record: dict[str, Any], content: bytes, rows: Any) -> Any:
    return answer(content)


def _every_cut(answer: Any, record: dict[str, Any], content: bytes, rows: Any) -> Any:
    """Return how many records come back of each beginning of the file."""
    return [len(answer(content[:size])) for size in range(len(content) + 1)]


def _counts(content: bytes, rows: list[tuple[str, int, float]]) -> list[int]:
    ends = np.cumsum([len(packed([row])) for row in rows])
    return [int(np.searchsorted(ends, size, side="right")) for size in range(len(content) + 1)]


RECORDS = (
    Case(
        "a dozen records",
        _written,
        lambda content, rows: rows,
        hint="A dozen records, with names and steps of all lengths; a name may be empty.",
        observe=_observe,
    ),
    Case(
        "cut anywhere",
        _written,
        _counts,
        hint="The same file, cut at every one of its bytes; the number of records that come back is compared.",
        observe=_every_cut,
        weight=2,
    ),
)


def _attempts(rng: np.random.Generator) -> tuple[list[list[tuple[str, int, float]]]]:
    """Return four attempts: each begins within the one before, and some write validation losses every third step."""
    start, attempts = 1, []
    for number in range(4):
        end = start + int(rng.integers(6, 12))
        rows: list[tuple[str, int, float]] = []
        for step in range(start, end):
            rows.append(("loss", step, float(rng.uniform(0, 3)) + number))
            if step % 3 == 0:
                rows.append(("val_loss", step, float(rng.uniform(0, 3)) + number))
                rows.append(("epoch_loss", step - 1, float(rng.uniform(0, 3)) + number))
        attempts.append(rows)
        start = int(rng.integers(start + 2, end - 2))
    return (attempts,)


def _merged(attempts: list[list[tuple[str, int, float]]]) -> list[tuple[str, int, float]]:
    """Return what no later attempt has begun below, by asking each row whether it was given up."""
    starts = [min(step for _, step, _ in rows) for rows in attempts]
    kept = [row for number, rows in enumerate(attempts) for row in rows if row[1] < min([*starts[number + 1 :], 10**9])]
    return sorted(kept, key=lambda row: row[1])


MERGED = (
    Case(
        "four attempts",
        _attempts,
        _merged,
        hint="Four attempts of a run that logs three names, at steps of their own.",
        weight=2,
    ),
    Case(
        "a run that began again from the start",
        lambda rng: ([[("loss", k, float(rng.uniform(1, 3))) for k in (1, 2, 3)], [("loss", 1, 5.0)]],),
        lambda attempts: attempts[1],
        hint="A later attempt may begin at the very first step.",
    ),
)


def _run(rng: np.random.Generator) -> tuple[list[float], list[int], int]:
    steps, whole = int(rng.integers(5, 9)), int(rng.integers(4, 7))
    sizes = ([64] * (steps - 1) + [int(rng.integers(2, 9))]) * whole + [64] * int(rng.integers(1, steps))
    losses = rng.uniform(0.2, 1, len(sizes))
    losses[steps - 1 :: steps] += 3
    return losses.tolist(), sizes, steps


def _aligned(losses: list[float], sizes: list[int], steps: int) -> dict[str, list[float]]:
    whole = len(losses) // steps
    table = np.reshape(np.array(losses[: whole * steps]), (whole, steps))
    weights = np.reshape(np.array(sizes[: whole * steps]), (whole, steps))
    at = np.arange(1, whole * steps + 1).reshape(whole, steps)
    return {
        "train_at": at.mean(axis=1).tolist(),
        "train_loss": np.average(table, axis=1, weights=weights).tolist(),
        "val_at": at[:, -1].tolist(),
    }


ALIGNED = (
    Case(
        "a random run",
        _run,
        _aligned,
        hint="Several epochs with a small last batch each, and the beginning of one more.",
    ),
    Case(
        "not one whole epoch",
        lambda rng: (rng.uniform(1, 2, 3).tolist(), [8, 8, 8], 4),
        _aligned,
        hint="The run was broken off before its first epoch ended.",
    ),
)

HUNT = (hunt.case("all six together", "ABCDEF", hint="All six ways at once."),)


def hidden_cases(track: str) -> dict[str, tuple[Case, ...]]:
    """Return the hidden cases by exercise."""
    return {"read_records": RECORDS, "merge_resumed": MERGED, "align_axes": ALIGNED, "log_hunt": HUNT}
