"""Lesson 12: what is wrong with the runs of every sheet, and what a run of one's own gives under every variant."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.lessons.l12_capstone.broken import EXPERIMENTS
from course_lib.lessons.l12_capstone.lab import CONFIGS, rows_of
from course_lib.lessons.l12_capstone.variants import DATA, LETTERS, SHEETS, Variant, sheet

__all__ = ["final_numbers", "named_by_rule", "planted", "sheets"]

_HERE = Path(__file__).parent
CLASSES = {"digits": 10, "breast cancer": 2}
_PROOFS = {fault: experiment for experiment, fault in EXPERIMENTS.items()}


def _jitter(curve: Sequence[float]) -> float:
    """Return how far a curve strays from its centered mean of five, in the epochs from 9 on."""
    means = np.convolve(curve, np.ones(5) / 5, "valid")
    return float((np.asarray(curve)[2:-2] - means)[6:].std())


def named_by_rule(
    train: Sequence[float],
    val: Sequence[float],
    healthy_train: Sequence[float],
    healthy_val: Sequence[float],
    data: str,
) -> str:
    """Name a run's fault from its two curves and those of a healthy run on the same rows."""
    floor = min(train) / math.log(CLASSES[data])
    if floor > 0.35:
        return "shuffled labels" if floor > 0.75 else "double softmax"
    start, end = val[0] / healthy_val[0], float(np.mean(val[-5:]) / np.mean(healthy_val[-5:]))
    if end > 3:
        return "sums for means" if start > 0.7 * end else "validation scaled differently"
    if start < 0.6:
        return "schedule too short"
    if _jitter(train) > 4 * _jitter(healthy_train):
        return "last batch logged"
    if _jitter(val) > 3.5 * _jitter(healthy_val):
        return "dropout in validation"
    return "leaked rows" if end < 0.75 else "healthy"


@cache
def _faults() -> dict[str, list[list[str]]]:
    return json.loads((_HERE / "faults.json").read_text(encoding="utf-8"))


@cache
def _finals() -> dict[str, list[float]]:
    return json.loads((_HERE / "finals.json").read_text(encoding="utf-8"))


def _sheet_truth(data: str, number: int) -> list[tuple[str, float | None]]:
    runs = sheet(data, number)["runs"]
    faults = _faults()[data][number]
    return [
        (fault, run["measured"][_PROOFS[fault]] if fault in _PROOFS else None)
        for fault, run in zip(faults, runs, strict=True)
    ]


def planted(variant: Variant) -> dict[str, tuple[str, float | None]]:
    """Return by letter what is wrong with a run of the variant, and the number that proves it."""
    truth = _sheet_truth(variant.data, variant.sheet)
    return {letter: truth[k] for letter, k in zip(LETTERS, variant.order, strict=True)}


@cache
def sheets() -> tuple[list[tuple[str, float | None]], ...]:
    """Return the truth of every sheet."""
    return tuple(_sheet_truth(data, number) for data in DATA for number in range(SHEETS))


@cache
def _labels(data: str, split: int) -> tuple[float, int, int, int]:
    """Return the baseline of a split, and how many rows it has of each kind: test, training, validation."""
    rows = rows_of(Variant("", data, 0, (), split, ()))
    assert rows.test is not None
    shares = np.bincount(rows.train.y) / len(rows.train.y)
    return float(-np.log(shares[rows.val.y]).mean()), len(rows.test.y), len(rows.train.y), len(rows.val.y)


@cache
def final_numbers(variant: Variant) -> dict[str, Any]:
    """Return what the report of a variant's own run says."""
    known = _finals()
    runs = {
        config: [known[f"{variant.data} {variant.split} {config} {seed}"] for seed in variant.seeds]
        for config in CONFIGS
    }
    chosen = min(runs, key=lambda config: np.mean([run[0] for run in runs[config]]))
    val = float(np.mean([run[0] for run in runs[chosen]]))
    _, test, error = runs[chosen][0]
    baseline, rows, *others = _labels(variant.data, variant.split)
    return {
        "test_rows": rows,
        "baseline": baseline,
        "val_loss": val,
        "test_loss": test,
        "test_error": error,
        "better_by": 1 - test / baseline,
        "errors_apart": (test - val) / error,
        "other_rows": [*others, sum(others), rows + sum(others)],
    }
