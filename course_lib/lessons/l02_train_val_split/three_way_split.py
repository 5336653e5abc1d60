"""Lesson 02, `three_way_split`: rows for training, validation and test, drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.splits import FIELDS, OF_PARTS, OF_ROWS, Splits, split_cases
from course_lib.checks.plain import show
from course_lib.checks.watch.splits import MANY, Parts

__all__ = ["THREE_WAY_SPLIT", "three_way_cases"]


def _read(e: Evidence) -> Splits:
    return Splits(e, ("train", "val", "test"), int(e.inputs[0]))


def _wanted(splits: Splits) -> list[int]:
    n_rows, val_rows, test_rows, _ = splits.inputs
    return [n_rows - val_rows - test_rows, val_rows, test_rows]


def _sizes(parts: Parts) -> list[int]:
    return [len(part) for part in parts]


def _judge_sizes(splits: Splits) -> str | None:
    wrong = [sizes for sizes in map(_sizes, splits.every) if sizes != _wanted(splits)]
    return f"Rows in train, val and test: yours {show(wrong[0])}, right {show(_wanted(splits))}" if wrong else None


def three_way_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return three cases on one run of ``three_way_split``: rows, sizes, seed."""
    rows, draw = ("every row in one part", Splits.wrong_rows, 1.0), ("the seed", Splits.wrong_draw, 1.0)
    return split_cases(_read, (rows, ("the sizes", _judge_sizes, 0.5), draw), inputs, run, seeds, hints)


_SIGNS: tuple[tuple[str, Callable[[Splits], Any]], ...] = (
    (
        "part_empty",  # though all rows are kept, each once
        lambda s: sorted(row for part in s.first for row in part) == list(range(s.rows)) and not all(s.first),
    ),
    *OF_PARTS,
    *OF_ROWS,
    ("parts_swapped", lambda s: _sizes(s.first) != _wanted(s) and sorted(_sizes(s.first)) == sorted(_wanted(s))),
    ("wrong_sizes", lambda s: _sizes(s.first) != _wanted(s)),
)

THREE_WAY_SPLIT = Exercise(
    name="three_way_split",
    points=2,
    cases=three_way_cases((20, 5, 6, 0), "20 rows"),
    diagnoses=by_sign(_SIGNS, FIELDS, read=_read),
)
