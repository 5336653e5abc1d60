"""The vocabulary of splits: what is noted of an answer that splits rows, and how a wrong one shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course_lib.checks.case import Evidence
from course_lib.checks.mistakes.splits import OF_PARTS, OF_ROWS, Splits, restart_case
from course_lib.checks.plain import describe
from course_lib.checks.watch.splits import MANY, observe_split, parts_of

ROWS = 12
Split = Callable[[int, int], Any]


def drawn(rows: int, seed: int) -> Any:
    order = np.random.default_rng(seed).permutation(rows)
    return order[4:], order[:4]


def watched(answer: Split, seeds: int = MANY) -> Splits:
    record: dict[str, Any] = {}
    result = observe_split(seeds)(answer, record, ROWS, 0)
    return Splits(Evidence((ROWS, 0), {**record, "result": describe(result)}), ("train", "val"), ROWS)


def shown(splits: Splits) -> list[str]:
    return [name for name, sign in (*OF_PARTS, *OF_ROWS) if sign(splits)]


def test_a_right_split_shows_nothing() -> None:
    splits = watched(drawn)
    assert shown(splits) == []
    assert splits.wrong_rows() is None
    assert splits.wrong_draw() is None


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("rows_lost", lambda rows, seed: (drawn(rows, seed)[0][1:], drawn(rows, seed)[1])),
        ("overlap", lambda rows, seed: (np.arange(rows), drawn(rows, seed)[1])),
        ("by_position", lambda rows, seed: (np.arange(4, rows), np.arange(4))),
        ("not_seeded", lambda rows, seed: drawn(rows, int(np.random.default_rng().integers(10**9)))),
        ("never_drawn", lambda rows, seed: ([*drawn(11, seed)[0], 11], drawn(11, seed)[1])),
        ("few_splits", lambda rows, seed: drawn(rows, seed % 2)),
        ("neighbours", lambda rows, seed: ((np.arange(8) + 4 + seed) % rows, (np.arange(4) + seed) % rows)),
    ],
)
def test_a_wrong_split_shows_its_mistake(name: str, answer: Split) -> None:
    assert name in shown(watched(answer))


def test_parts_are_read_only_where_they_are_row_numbers() -> None:
    assert parts_of(describe(([1, 2], np.array([0]))), 2) == [[1, 2], [0]]
    assert parts_of(describe(([1, 2],)), 2) is None
    assert parts_of(describe((np.array([True]), np.array([False]))), 2) is None


def test_the_order_of_a_set_is_another_one_after_a_restart() -> None:
    values = np.array(["sun", "rain", "fog", "snow", "hail", "sun"])
    case = restart_case(values, 2)

    def of_a_set(labels: np.ndarray, amount: float, seed: int) -> Any:
        some = list(set(labels))[: int(amount)]
        rows = range(len(labels))
        return [r for r in rows if labels[r] not in some], [r for r in rows if labels[r] in some]

    def problem(answer: Callable[..., Any]) -> str | None:
        record: dict[str, Any] = {}
        assert case.observe is not None
        assert case.judge is not None
        case.observe(answer, record, values, 2, 0)
        return case.judge(Evidence((values, 2, 0), record))

    assert problem(of_a_set) == "the same seed gives another split after a restart of the kernel"
    assert problem(lambda labels, amount, seed: (list(range(2, len(labels))), [0, 1])) is None
