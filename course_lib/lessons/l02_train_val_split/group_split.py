"""Lesson 02, `group_split`: people for validation, with all their rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import by_sign
from course_lib.checks.mistakes.splits import FIELDS, OF_PARTS, Splits, restart_case, split_cases
from course_lib.checks.watch.splits import MANY

__all__ = ["GROUP_SPLIT", "fewest_choices", "group_cases"]


class _People(Splits):
    """Every split that was seen, and whose rows are in it."""

    def __init__(self, e: Evidence):
        super().__init__(e, ("train", "val"), len(e.inputs[0]))
        self.people, self.wanted = [str(who) for who in e.inputs[0].tolist()], int(e.inputs[1])

    def whose(self, part: list[int]) -> set[str]:
        return {self.people[row] for row in part if 0 <= row < self.rows}

    @cached_property
    def in_val(self) -> list[set[str]]:
        """The validation people of every split."""
        return [self.whose(val) for val in self.vals]

    @property
    def numbers(self) -> list[int]:
        return [len(people) for people in self.in_val]

    @cached_property
    def on_both_sides(self) -> set[str]:
        """The people who have rows on both sides, in the first split in which there are any."""
        both = (self.whose(parts[0]) & self.whose(parts[1]) for parts in self.every)
        return next(filter(None, both), set())

    @property
    def choices(self) -> tuple[int, int]:
        """How many different choices of people were seen, and how many there must be.

        A right answer practically never misses that; a test works the chance out.
        """
        possible = math.comb(len(set(self.people)), self.wanted)
        return len(set(map(frozenset, self.in_val))), fewest_choices(possible)

    @property
    def too_few(self) -> str:
        return f"{self.choices[0]} different choices of people came up with {len(self.e['others']) + 1} different seeds"


def fewest_choices(possible: int) -> int:
    """Return how many of the possible choices must come up: three fifths of them, and never more than 21."""
    return min(possible * 3 // 5, 21)


def _judge_people(people: _People) -> str | None:
    problem = people.unreadable()
    if problem:
        return problem
    for parts in people.every:
        for name, part in zip(people.names, parts, strict=True):
            if not part:
                return f"{name} is empty, so there is nobody to compare"
            if not all(0 <= row < people.rows for row in part):
                return f"{name} holds numbers that are not those of the {people.rows} rows"
    both = people.on_both_sides
    return f"person {min(both)} has rows both in train and in val" if both else None


def _judge_number(people: _People) -> str | None:
    problem = people.unreadable()
    wrong = [] if problem else [number for number in people.numbers if number != people.wanted]
    return f"People in val: yours {wrong[0]}, right {people.wanted}" if wrong else problem


def _judge_draw(people: _People) -> str | None:
    problem = people.wrong_draw(blocks=True)
    if problem or not people.many or people.choices[0] >= people.choices[1]:
        return problem
    return f"only {people.too_few}; any people may be drawn together"


_ROWS, _NUMBER = ("every row in one part", Splits.wrong_rows, 0.5), ("the number of people", _judge_number, 0.5)


def group_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return four cases on one run of ``group_split``: rows, people, their number, seed."""
    judges = (_ROWS, ("nobody on both sides", _judge_people, 2.0), _NUMBER, ("the seed", _judge_draw, 1.0))
    return split_cases(_People, judges, inputs, run, seeds, hints)


# --- what can go wrong -----------------------------------------------------------------------------------


def _people_for_rows(people: _People) -> bool:
    """Whether the parts hold people instead of row numbers."""
    return sorted({str(row) for part in people.first for row in part}) == sorted(set(people.people))


def _empty(people: _People) -> int:
    """Return in how many splits nobody is in the validation part, though every row is in one of the two."""
    whole = all(sorted(row for part in parts for row in part) == list(range(people.rows)) for parts in people.every)
    return sum(not val for val in people.vals) if whole else 0


def _end_people(people: _People) -> bool:
    """Whether the people in val are, with every seed, the first or last ones by name or in the table."""
    if not people.always_the_same or people.on_both_sides:
        return False
    everybody, some = people.inputs[0].tolist(), people.in_val[0]
    orders = (sorted(set(everybody)), list(dict.fromkeys(everybody)))
    ends = [set(map(str, part)) for order in orders for part in (order[: len(some)], order[len(order) - len(some) :])]
    return bool(some) and some in ends


def _lost(people: _People) -> list[str]:
    """Return the people none of whose rows is in any part, in every split, if these are all rows that are lost."""
    return people.lost_altogether(people.people)


def _first_rows(people: _People) -> bool:
    """Whether val holds nothing but the first row of each person drawn, in every split."""
    firsts = {people.people.index(who) for who in people.people}
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
    everybody = set(people.people)

    def whole(some: set[str], other_way: bool) -> bool:
        return all((one in two if other_way else two in one) <= (two in some) for one in some for two in everybody)

    too_many = max(people.numbers) > people.wanted <= min(people.numbers)
    return (
        too_many
        and not people.on_both_sides
        and any(all(whole(some, way) for some in people.in_val) for way in (False, True))
    )


def _few_splits(people: _People) -> bool:
    right = not people.on_both_sides and set(people.numbers) == {people.wanted}
    return people.many and right and people.choices[0] < people.choices[1]


def _drawn_from_rows(people: _People) -> bool:
    return min(people.numbers) < max(people.numbers) == people.wanted and not people.on_both_sides


def _swapped(people: _People) -> bool:
    train = {len(people.whose(parts[0])) for parts in people.every}
    return train == {people.wanted} and not people.on_both_sides


_SIGNS: tuple[tuple[str, Callable[[_People], Any]], ...] = (
    ("people_for_rows", _people_for_rows),
    ("val_empty", lambda people: _empty(people) > 0 and max(people.numbers) <= people.wanted),
    ("end_people", _end_people),
    ("people_lost/zero", lambda people: _lost(people) == ["0"]),
    ("people_lost", _lost),
    *OF_PARTS,
    ("parts_swapped", _swapped),
    ("few_splits/people", _few_splits),
    ("first_row_of_each_person", _first_rows),
    ("rows_counted", lambda p: p.on_both_sides and all(len(val) == p.wanted for val in p.vals)),
    ("blocks_assumed", _blocks),
    ("both_sides", lambda people: people.on_both_sides),
    ("drawn_from_rows", _drawn_from_rows),
    ("parts_of_names", _parts_of_names),
    ("number_by_chance", lambda people: min(people.numbers) < people.wanted < max(people.numbers)),
    ("number_of_people", lambda people: set(people.numbers) != {people.wanted}),
)
_FIELDS: dict[str, Callable[[Any], object]] = {
    **FIELDS,
    "in_splits": lambda people: "in every split" if _empty(people) == len(people.every) else "in some splits",
    "people_lost": lambda people: " and of person ".join(_lost(people)),
    "too_few": lambda people: people.too_few,
    "wanted": lambda people: people.wanted,
    "both": lambda people: len(people.on_both_sides),
    "one_of_both": lambda people: min(people.on_both_sides),
}


def _visible() -> np.ndarray:
    return np.array([31, 18, 31, 45, 18, 8, 27, 31, 45, 8, 18, 31, 27, 60, 60, 45, 18, 8])


def _many_people() -> np.ndarray:
    """Return 25 people, numbered from 0, with two rows each."""
    return np.array([7 * row % 25 for row in range(50)])


_FRIENDS = ["Cem", "Ann", "Dua", "Ann", "Bo", "Eve", "Finn", "Bo", "Gus", "Cem", "Hal"]

GROUP_SPLIT = Exercise(
    name="group_split",
    points=1,
    cases=(
        *group_cases((_visible(), 2, 0), "18 rows of six people"),
        *split_cases(
            _People, (_ROWS, _NUMBER), (_many_people(), 7, 0), "seven of 25 people, numbered from 0", 8, denies=False
        ),
        restart_case(np.array(_FRIENDS), 3),
    ),
    diagnoses=by_sign(_SIGNS, _FIELDS, read=_People),
)
