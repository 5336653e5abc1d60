"""Lesson 02, `group_split`: people for validation, with all their rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.splits import FIELDS, OF_PARTS, GroupedSplits, Splits, restart_case, split_cases
from course_lib.checks.watch.splits import MANY

__all__ = ["GROUP_SPLIT", "fewest_choices", "group_cases"]


class _People(GroupedSplits):
    """Every split that was seen, and whose rows are in it."""

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.wanted = int(e.inputs[1])

    @cached_property
    def in_val(self) -> list[set[str]]:
        """The validation people of every split."""
        return [set(self.by_group(val)) for val in self.vals]

    @property
    def numbers(self) -> list[int]:
        return [len(people) for people in self.in_val]

    @cached_property
    def on_both_sides(self) -> set[str]:
        """The people who have rows on both sides, in the first split in which there are any."""
        both = (set(self.by_group(parts[0])) & set(self.by_group(parts[1])) for parts in self.every)
        return next(filter(None, both), set())

    @property
    def too_few(self) -> str:
        """What is said where too few choices of people came up, or nothing.

        A right answer practically never misses that; a test works the chance out.
        """
        found, seeds = len(set(map(frozenset, self.in_val))), len(self.e["others"]) + 1
        if not self.many or found >= fewest_choices(math.comb(len(set(self.groups)), self.wanted)):
            return ""
        return f"{found} different choices of people came up with {seeds} different seeds"


def fewest_choices(possible: int) -> int:
    """Return how many of the possible choices must come up: three fifths of them, and never more than 21."""
    return min(possible * 3 // 5, 21)


def _judge_people(people: _People) -> str | None:
    for parts in people.every:
        for name, part in zip(people.names, parts, strict=True):
            if not part:
                return f"{name} is empty, so there is nobody to compare"
            if not all(0 <= row < people.rows for row in part):
                return f"{name} holds numbers that are not those of the {people.rows} rows"
    both = people.on_both_sides
    return f"person {min(both)} has rows both in train and in val" if both else None


def _judge_number(people: _People) -> str | None:
    wrong = [number for number in people.numbers if number != people.wanted]
    return f"People in val: yours {wrong[0]}, right {people.wanted}" if wrong else None


def _judge_draw(people: _People) -> str | None:
    problem = people.wrong_draw(blocks=True)
    return f"only {people.too_few}; any people may be drawn together" if not problem and people.too_few else problem


_ROWS, _NUMBER = ("every row in one part", Splits.wrong_rows, 0.5), ("the number of people", _judge_number, 0.5)


def group_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return four cases on one run of ``group_split``: rows, people, their number, seed."""
    judges = (_ROWS, ("nobody on both sides", _judge_people, 2.0), _NUMBER, ("the seed", _judge_draw, 1.0))
    return split_cases(_People, judges, inputs, run, seeds, hints)


# --- what can go wrong -----------------------------------------------------------------------------------


def _empty(people: _People) -> int:
    """Return in how many splits nobody is in the validation part, though every row is in one of the two."""
    whole = all(sorted(row for part in parts for row in part) == list(range(people.rows)) for parts in people.every)
    return sum(not val for val in people.vals) if whole else 0


def _end_people(people: _People) -> bool:
    """Whether the people in val are, with every seed, the first or last ones by name or in the table."""
    everybody, some = people.inputs[0].tolist(), people.in_val[0]
    orders = (sorted(set(everybody)), list(dict.fromkeys(everybody)))
    ends = [set(map(str, part)) for order in orders for part in (order[: len(some)], order[len(order) - len(some) :])]
    return bool(some) and some in ends and people.always_the_same and not people.on_both_sides


def _first_rows(people: _People) -> bool:
    """Whether val holds nothing but the first row of each person drawn, in every split."""
    firsts = set(map(people.groups.index, people.groups))
    return all(val and set(val) <= firsts for val in people.vals) and bool(people.on_both_sides)


def _blocks(people: _People) -> bool:
    """Whether the validation rows are as many blocks of the table as people were asked for, in every split."""
    starts = [[row for row in val if row - 1 not in val] for val in people.vals]
    enough = all(len(val) > people.wanted for val in people.vals)
    return enough and bool(people.on_both_sides) and all(0 < len(of_val) <= people.wanted for of_val in starts)


def _parts_of_names(people: _People) -> bool:
    """Whether those too many in val are, in every split, people whose name is part of another's who is there.

    Then with a person everybody is there whose name is part of the person's, or everybody who has it in theirs.
    """
    everybody = set(people.groups)

    def whole(some: set[str], other_way: bool) -> bool:
        return all((one in two if other_way else two in one) <= (two in some) for one in some for two in everybody)

    too_many = max(people.numbers) > people.wanted <= min(people.numbers) and not people.on_both_sides
    return too_many and any(all(whole(some, way) for some in people.in_val) for way in (False, True))


def _swapped(people: _People) -> bool:
    return not people.on_both_sides and {len(people.by_group(parts[0])) for parts in people.every} == {people.wanted}


_SIGNS: tuple[tuple[str, Callable[[_People], Any]], ...] = (
    ("people_for_rows", lambda p: {str(row) for part in p.first for row in part} == set(p.groups)),
    ("val_empty", lambda p: _empty(p) > 0 and max(p.numbers) <= p.wanted),
    ("end_people", _end_people),
    ("people_lost/zero", lambda p: p.lost_groups == ["0"]),
    ("people_lost", lambda p: p.lost_groups),
    *OF_PARTS,
    ("parts_swapped", _swapped),
    ("few_splits/people", lambda p: p.too_few and not p.on_both_sides and set(p.numbers) == {p.wanted}),
    ("first_row_of_each_person", _first_rows),
    ("rows_counted", lambda p: p.on_both_sides and all(len(val) == p.wanted for val in p.vals)),
    ("blocks_assumed", _blocks),
    ("both_sides", lambda p: p.on_both_sides),
    ("drawn_from_rows", lambda p: min(p.numbers) < max(p.numbers) == p.wanted and not p.on_both_sides),
    ("parts_of_names", _parts_of_names),
    ("number_by_chance", lambda p: min(p.numbers) < p.wanted < max(p.numbers)),
    ("number_of_people", lambda p: set(p.numbers) != {p.wanted}),
)
_FIELDS: dict[str, Callable[[Any], object]] = {
    **FIELDS,
    "in_splits": lambda people: "in every split" if _empty(people) == len(people.every) else "in some splits",
    "people_lost": lambda people: " and of person ".join(people.lost_groups),
    "too_few": lambda people: people.too_few,
    "wanted": lambda people: people.wanted,
    "both": lambda people: len(people.on_both_sides),
    "one_of_both": lambda people: min(people.on_both_sides),
}


_VISIBLE = np.array([31, 18, 31, 45, 18, 8, 27, 31, 45, 8, 18, 31, 27, 60, 60, 45, 18, 8])
#: 25 people, numbered from 0, with two rows each.
_MANY_PEOPLE = np.array([7 * row % 25 for row in range(50)])
_FRIENDS = np.array(["Cem", "Ann", "Dua", "Ann", "Bo", "Eve", "Finn", "Bo", "Gus", "Cem", "Hal"])
_SEVEN_OF_25 = "seven of 25 people, numbered from 0"

GROUP_SPLIT = Exercise(
    name="group_split",
    points=1,
    cases=(
        *group_cases((_VISIBLE, 2, 0), "18 rows of six people"),
        *split_cases(_People, (_ROWS, _NUMBER), (_MANY_PEOPLE, 7, 0), _SEVEN_OF_25, 8, denies=False),
        restart_case(_FRIENDS, 3),
    ),
    diagnoses=by_sign(_SIGNS, _FIELDS, read=_People),
)
