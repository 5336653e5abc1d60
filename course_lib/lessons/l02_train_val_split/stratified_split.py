"""Lesson 02, `stratified_split`: the same share of each class for validation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.splits import FIELDS, OF_PARTS, OF_ROWS, GroupedSplits, restart_case, split_cases
from course_lib.checks.plain import list_of, number_of, show
from course_lib.checks.watch.splits import MANY, observe_split

__all__ = ["STRATIFIED_SPLIT", "rare_case", "stratified_cases"]


class _Classes(GroupedSplits):
    """Every split that was seen, and how many rows of each class are in it."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.share, self.sizes = e.inputs[1], Counter(self.groups)
        #: How many validation rows each class should have, as a fraction.
        self.wanted = {label: self.share * size for label, size in self.sizes.items()}

    @property
    def counts(self) -> list[Counter[str]]:
        """The validation rows of each class in every split."""
        return [self.by_group(val) for val in self.vals]

    def off(self, counts: Counter[str]) -> dict[str, float]:
        """Return the classes whose number is off by a row or more."""
        return {label: number for label, number in self.wanted.items() if abs(counts[label] - number) > 1 - 1e-6}


def _judge_proportions(classes: _Classes) -> str | None:
    for counts in classes.counts:
        for label, number in classes.off(counts).items():
            return f"Validation rows of class {label}: yours {counts[label]}, right {show(number)}"
    return None


_SHARE = ("the share of each class", _judge_proportions, 2.0)


def stratified_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return three cases on one run of ``stratified_split``: rows, proportions, seed."""
    judges = (
        ("every row in one part", _Classes.wrong_rows, 0.5),
        _SHARE,
        ("the seed", _Classes.wrong_draw, 0.5),
    )
    return split_cases(_Classes, judges, inputs, run, seeds, hints)


def rare_case(labels: np.ndarray, val_share: float, seed: int, run: str, hint: str = "") -> Case:
    """Return a case on classes of a single row, which an answer may also refuse with a ``ValueError``."""
    watch = observe_split(8)

    def observe(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
        try:
            return watch(answer, record, *inputs)
        except ValueError:
            record["refused"] = True
            return None

    def judge(e: Evidence) -> str | None:
        return None if e.seen.get("refused") else _Classes(e).wrong_rows() or _judge_proportions(_Classes(e))

    inputs = (labels, val_share, seed)
    return Case(f"every row in one part: {run}", inputs, None, hint, observe, judge, weight=0.5, denies=False)


# --- what can go wrong -----------------------------------------------------------------------------------


def _labels_for_rows(classes: _Classes) -> bool:
    """Whether the parts hold labels: no other values, and each of them over and over."""
    items = [item for part in list_of(classes.e.result) or [] for item in list_of(part) or []]
    numbers = [number_of(item) for item in items]
    values = [str(item.get("value")) if n is None else f"{n:g}" for n, item in zip(numbers, items, strict=True)]
    return not classes.holds("b") and len(values) > 2 * len(classes.sizes) and set(values) <= set(classes.groups)


def _places_in_class(classes: _Classes) -> bool:
    """Whether no validation row lies beyond the size of the largest class, though the draws differ."""
    vals, largest = classes.vals, max(classes.sizes.values())
    twice = any(len(set(val)) < len(val) for val in vals)
    return len(vals) > 8 and twice and all(max(val, default=0) < largest for val in vals)


def _ends_of_classes(classes: _Classes) -> bool:
    """Whether the validation rows are, in the right number, the first or last ones of each class with every seed."""
    val = classes.first[1]
    if not val or not classes.always_the_same or classes.off(classes.by_group(val)):
        return False
    members = [[row for row, one in enumerate(classes.groups) if one == label] for label in classes.sizes]
    taken = [([row for row in val if row in rows], rows) for rows in members]
    first = all(some == rows[: len(some)] for some, rows in taken)
    return first or all(some == rows[len(rows) - len(some) :] for some, rows in taken)


def _next_to_share(classes: _Classes) -> tuple[int, int]:
    return math.floor(1 / classes.share), math.ceil(1 / classes.share)


def _one_over_share(classes: _Classes) -> bool:
    """Whether each class gets one row in k, k being a whole number next to 1 / val_share, which is none."""

    def one_in(k: int) -> bool:
        sizes = classes.sizes.items()
        return all(size // k <= some[label] <= -(-size // k) for some in classes.counts for label, size in sizes)

    turned = 1 / classes.share
    return abs(turned - round(turned)) >= 0.01 and any(map(one_in, _next_to_share(classes)))


_SIGNS: tuple[tuple[str, Callable[[_Classes], Any]], ...] = (
    ("labels_for_rows", _labels_for_rows),
    ("places_in_class", _places_in_class),
    ("classes_lost", lambda c: c.lost_groups),
    ("ends_of_classes", _ends_of_classes),
    *OF_PARTS,
    *OF_ROWS,
    ("parts_swapped", lambda c: all(not c.off(c.by_group(parts[0])) for parts in c.every)),
    ("one_over_share", _one_over_share),
    ("equal_numbers", lambda c: all(len({some[label] for label in c.sizes}) == 1 for some in c.counts)),
    ("classes_left_out", lambda c: all(any(not some[label] for label in c.sizes) for some in c.counts)),
    ("proportions", lambda c: len({tuple(sorted(some.items())) for some in c.counts}) > 3),
    ("wrong_share", lambda c: all(map(c.off, c.counts))),
)
_FIELDS: dict[str, Callable[[Any], object]] = {
    **FIELDS,
    "classes": lambda c: f"class{'es' if len(c.lost_groups) > 1 else ''} {' and '.join(c.lost_groups)}",
    "one_in": lambda c: " or in ".join(map(str, _next_to_share(c))),
    "share": lambda c: show(c.share),
}


_VISIBLE = np.array([0, 0, 1, 0, 2, 0, 1, 0, 0, 1, 0, 2, 0, 0, 1, 0, 1, 0, 2, 1, 0, 1, 2, 1])
#: The labels of 10, 15 and 20 rows of three classes, mixed.
_MIXED = np.array([[0, 1, 2, 1, 2, 2, 0, 1, 2], [2, 0, 1, 2, 1, 0, 2, 1, 2]] * 3)[:5].ravel()
_WEATHER = np.array(["sun", "rain", "sun", "fog", "snow", "rain", "fog", "sun", "snow", "hail", "hail", "rain"])

STRATIFIED_SPLIT = Exercise(
    name="stratified_split",
    points=1,
    cases=(
        *stratified_cases((_VISIBLE, 0.25, 0), "12, 8 and 4 rows of three classes"),
        *split_cases(_Classes, [(*_SHARE[:2], 1.0)], (_MIXED, 0.4, 0), "two fifths of the rows", 8),
        rare_case(np.array([5, 5, 7, 5, 5, 5, 9, 5, 5, 5, 5, 5]), 0.25, 0, "two classes of a single row"),
        restart_case(_WEATHER, 0.5),
    ),
    diagnoses=by_sign(_SIGNS, _FIELDS, read=_Classes),
)
