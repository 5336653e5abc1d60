"""Lesson 02, `three_way_split`: rows for training, validation and test, drawn by chance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.splits import FIELDS, OF_PARTS, OF_ROWS, Splits, split_cases
from course_lib.checks.plain import show
from course_lib.checks.watch.splits import MANY

__all__ = ["THREE_WAY_SPLIT", "three_way_cases"]


def _read(e: Evidence) -> Splits:
    return Splits(e, ("train", "val", "test"), int(e.inputs[0]))


def _wanted(splits: Splits) -> list[int]:
    n_rows, val_rows, test_rows, _ = splits.inputs
    return [n_rows - val_rows - test_rows, val_rows, test_rows]


def _sizes(splits: Splits) -> list[int]:
    return [len(part) for part in splits.first]


def _judge_sizes(splits: Splits) -> str | None:
    problem, wanted = splits.unreadable(), _wanted(splits)
    for parts in [] if problem else splits.every:
        given = [len(part) for part in parts]
        if given != wanted:
            return f"Rows in train, val and test: yours {show(given)}, right {show(wanted)}"
    return problem


def three_way_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return three cases on one run of ``three_way_split``: rows, sizes, seed."""
    judges = (
        ("every row in one part", Splits.wrong_rows, 1.0),
        ("the sizes", _judge_sizes, 0.5),
        ("the seed", Splits.wrong_draw, 1.0),
    )
    return split_cases(_read, judges, inputs, run, seeds, hints)


def _part_empty(splits: Splits) -> bool:
    """Whether all rows are kept, each once, and yet a part is empty."""
    rows = sorted(row for part in splits.first for row in part)
    return rows == list(range(splits.rows)) and not all(splits.first)


_SIGNS: tuple[tuple[str, Callable[[Splits], Any]], ...] = (
    ("part_empty", _part_empty),
    *OF_PARTS,
    *OF_ROWS,
    ("parts_swapped", lambda s: _sizes(s) != _wanted(s) and sorted(_sizes(s)) == sorted(_wanted(s))),
    ("wrong_sizes", lambda splits: _sizes(splits) != _wanted(splits)),
)

THREE_WAY_SPLIT = Exercise(
    name="three_way_split",
    points=2,
    cases=three_way_cases((20, 5, 6, 0), "20 rows"),
    diagnoses=by_sign(_SIGNS, FIELDS, read=_read),
)
