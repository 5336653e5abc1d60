"""How rows are split wrongly, whatever decides where a row goes: lost, used twice, or drawn by no seed."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of, show
from course_lib.checks.watch.splits import MANY, Parts, dtypes, observe_restarts, observe_split, parts_of

__all__ = ["FIELDS", "OF_PARTS", "OF_ROWS", "GroupedSplits", "Splits", "restart_case", "split_cases"]


class Splits:
    """Every split that one case saw, read by name.

    Parameters
    ----------
    e : Evidence
        Its notes are those of `course_lib.checks.watch.splits.observe_split`.
    names : sequence of str
        What the parts are called, "train" first and "val" second.
    rows : int
        How many rows the table has.
    """

    def __init__(self, e: Evidence, names: Sequence[str], rows: int):
        self.e, self.inputs, self.names, self.rows = e, e.inputs, names, rows

    @property
    def first(self) -> Parts:
        """The first split; an error, which fits no mistake, if it could not be read."""
        if parts_of(self.e.result, len(self.names)) is None:
            raise ValueError("what came back could not be read as parts")
        return list(self.e["first"])

    @cached_property
    def every(self) -> list[Parts]:
        """Every split that could be read, the first one first."""
        return [split for split in (self.first, self.e["again"], *self.e["others"]) if split]

    @property
    def vals(self) -> list[list[int]]:
        """The validation rows of every split."""
        return [parts[1] for parts in self.every]

    @property
    def many(self) -> bool:
        """Whether so many seeds were tried that each row should have come into each part."""
        return len(self.e["others"]) >= MANY

    @property
    def always_the_same(self) -> bool:
        """Whether no call gave another split than the first one."""
        return all(split == self.first for split in (self.e["again"], *self.e["others"]))

    @property
    def shared(self) -> int:
        """How many rows are in two parts, in the split where that is worst."""
        pairs = [itertools.combinations(map(set, parts), 2) for parts in self.every]
        return max(sum(len(one & two) for one, two in of_split) for of_split in pairs)

    @property
    def lost(self) -> int:
        """How many rows are in no part, in the split where that is worst."""
        return max(len(_missing(parts, self.rows)) for parts in self.every)

    def fixed(self, place: int) -> bool:
        """Whether a part holds the same rows with every seed."""
        return all(other and other[place] == self.first[place] for other in self.e["others"])

    def never_in(self, place: int) -> set[int]:
        """Return the rows that never came into a part."""
        return _missing([parts[place] for parts in self.every], self.rows)

    def in_one_block(self, place: int) -> bool:
        """Whether the rows of a part are neighbors in the table with every seed."""
        return all(_neighbours(parts[place], self.rows) for parts in self.every)

    def holds(self, kind: str) -> bool:
        """Whether a part is an array of this kind of numbers: "b" for True and False, "f" for floats."""
        return any(kind in dtypes(part) for part in list_of(self.e.result) or [])

    def unreadable(self) -> str | None:
        """Return what is wrong if a split is not made of as many lists of row numbers as there are names."""
        count = len(self.names)
        splits = (self.e["first"], self.e["again"], *self.e["others"])
        if parts_of(self.e.result, count) is None or any(not s or len(s) != count for s in splits):
            lists = f"{count} lists of row numbers ({', '.join(self.names)})"
            return f"it should return {lists}; yours is {show(self.e.result)}"
        return None

    def wrong_rows(self) -> str | None:
        """Return what is wrong with the parts, whatever their sizes: no lists, rows lost or used twice."""
        problems = (_row_problem(parts, self.names, self.rows) for parts in self.every)
        return self.unreadable() or next(filter(None, problems), None)

    def wrong_draw(self, blocks: bool = False) -> str | None:
        """Return what is wrong with the draw: not repeatable, the seed ignored, or some rows never drawn.

        Unless ``blocks`` are fine, the rows of a part must not always be neighbors in the table.
        """
        if self.e["again"] != self.first:
            return "the same seed gave another split the next time"
        for place, name in enumerate(self.names):
            if self.fixed(place):
                return f"{name} holds the same rows with every seed; the seed should decide which rows are drawn"
        for place, name in list(enumerate(self.names))[1:] if self.many else []:
            never = self.never_in(place)
            if never:
                return f"row {min(never)} never came into {name}, with {MANY + 1} different seeds; any row should"
            if not blocks and self.in_one_block(place):
                return f"the rows of {name} are neighbors in the table with every seed"
        return None


class GroupedSplits(Splits):
    """Splits into "train" and "val" of rows that belong to groups, such as classes: the first of a case's inputs."""

    def __init__(self, e: Evidence):
        super().__init__(e, ("train", "val"), len(e.inputs[0]))
        self.groups = [str(group) for group in e.inputs[0].tolist()]

    def by_group(self, part: list[int]) -> Counter[str]:
        """Return how many rows of each group are in a part."""
        return Counter(self.groups[row] for row in part if 0 <= row < self.rows)

    @cached_property
    def lost_groups(self) -> list[str]:
        """The groups that are in no part of any split, if no other row is lost."""
        lost = [_missing(parts, self.rows) for parts in self.every]
        found = {self.groups[row] for row in lost[0]}
        wanted = {row for row, group in enumerate(self.groups) if group in found}
        return sorted(found) if all(missing == wanted for missing in lost) else []


def _missing(parts: Parts, rows: int) -> set[int]:
    return set(range(rows)) - {row for part in parts for row in part}


def _neighbours(part: Sequence[int], rows: int) -> bool:
    """Whether the rows of a part are one block of the table, which may go on from its end to its beginning."""
    inside = set(part)
    return len(inside) > 1 and sum((row + 1) % rows not in inside for row in inside) == 1


def _row_problem(parts: Parts, names: Sequence[str], rows: int) -> str | None:
    for name, part in zip(names, parts, strict=True):
        strange = [row for row in part if not 0 <= row < rows]
        if strange:
            return f"{name} holds the row number {strange[0]}; the {rows} rows have the numbers 0 to {rows - 1}"
        if len(set(part)) < len(part):
            return f"{name} holds {len(part) - len(set(part))} rows more than once"
    for (one, some), (two, others) in itertools.combinations(zip(names, parts, strict=True), 2):
        both = set(some) & set(others)
        if both:
            return f"{len(both)} rows are both in {one} and in {two}, row {min(both)} among them"
    lost = _missing(parts, rows)
    return f"{len(lost)} of the {rows} rows are in no part, row {min(lost)} among them" if lost else None


# --- what can go wrong -----------------------------------------------------------------------------------

_Signs = tuple[tuple[str, Callable[[Any], Any]], ...]


def _in_tuples(splits: Splits) -> bool:
    """Whether every part is a tuple or list that holds nothing but one array or list."""
    inside = [list_of(part) or [] for part in list_of(splits.e.result) or []]
    return len(inside) == len(splits.names) and all(
        len(items) == 1 and list_of(items[0]) is not None for items in inside
    )


def _no_lists(splits: Splits) -> bool:
    result = splits.e.result
    return splits.e.error is None and result["kind"] != "none" and parts_of(result, len(splits.names)) is None


def _counted_from_one(splits: Splits) -> bool:
    rows = [row for part in splits.first for row in part]
    return max(rows) == splits.rows and min(rows) >= 1


def _by_position(splits: Splits) -> bool:
    in_order = all(_neighbours(part, splits.rows) or len(part) < 2 for part in splits.first)
    return splits.always_the_same and in_order


def _few_splits(splits: Splits) -> bool:
    often = max(Counter(str(split) for split in splits.every).values())
    return splits.many and often > len(splits.e["others"]) / 8


#: What can be wrong with any split. What spoils the form of the parts comes first, then which rows are in them, and at
#: last how they are drawn.
OF_PARTS: _Signs = (
    ("nothing_given_back", lambda splits: splits.e.error is not None and "NoneType" in splits.e.error["message"]),
    ("changed_inputs/split", lambda splits: splits.e["touched"]),
    ("tuples_of_where", _in_tuples),
    ("masks", lambda splits: splits.holds("b")),
    ("row_numbers_as_floats", lambda splits: splits.holds("f")),
    ("not_lists", _no_lists),
    ("counted_from_one/rows", _counted_from_one),
    ("drawn_twice", lambda splits: any(len(set(part)) < len(part) for parts in splits.every for part in parts)),
    ("overlap", lambda splits: splits.shared > 0),
    ("rows_lost", lambda splits: splits.lost > 0),
    ("not_seeded", lambda splits: splits.e["again"] != splits.first),
    ("by_position", _by_position),
    ("seed_ignored", lambda splits: splits.always_the_same),
    ("partly_drawn", lambda splits: any(map(splits.fixed, range(len(splits.names))))),
    ("neighbours", lambda splits: any(map(splits.in_one_block, range(1, len(splits.names))))),
)
#: What else can be wrong where single rows are drawn, so that practically every seed gives another split.
OF_ROWS: _Signs = (
    ("few_splits", _few_splits),
    ("never_drawn", lambda splits: splits.many and any(map(splits.never_in, range(1, len(splits.names))))),
)
#: What fills the words of these.
FIELDS: dict[str, Callable[[Any], object]] = {
    "given": lambda splits: show(splits.e.result),
    "parts": lambda splits: len(splits.names),
    "rows": lambda splits: splits.rows,
    "shared": lambda splits: splits.shared,
    "lost": lambda splits: splits.lost,
}


# --- cases -----------------------------------------------------------------------------------------------

#: What is judged of all splits of a case: in words, what is wrong (or ``None``), and its weight.
Judge = tuple[str, Callable[[Any], str | None], float]


def split_cases(
    read: Callable[[Evidence], Splits],
    judges: Sequence[Judge],
    inputs: Any,
    run: str,
    seeds: int = MANY,
    hints: tuple[str, ...] = (),
    denies: bool = True,
) -> tuple[Case, ...]:
    """Return cases that judge one and the same run, one for each of ``judges``: they are asked of splits of lists."""
    observe = observe_split(seeds)

    def case(name: str, judge_splits: Callable[[Any], str | None], weight: float, hint: str) -> Case:
        def judge(e: Evidence) -> str | None:
            return e.read_as(read).unreadable() or judge_splits(e.read_as(read))

        how: dict[str, Any] = {"weight": weight, "run": run, "denies": denies}
        return Case(f"{name}: {run}", inputs, None, hint, observe, judge, **how)

    return tuple(case(*of, hint) for of, hint in zip(judges, hints or ("",) * len(judges), strict=True))


def _differ(e: Evidence) -> bool:
    return e["again"] == e["starts"][0] and any(one != e["starts"][0] for one in e["starts"])


def _hash_differs(e: Evidence) -> bool:
    """Whether only what ``hash`` gives makes the splits differ."""
    return e["again"] == e["starts"][0] and any(one != e["hashed"][0] for one in e["hashed"]) and not _differ(e)


def _judge_restarts(e: Evidence) -> str | None:
    if None in (*e["starts"], *e["hashed"]) or not (_differ(e) or _hash_differs(e)):
        return None
    return "the same seed gives another split after a restart of the kernel"


def restart_case(values: np.ndarray, amount: float, hint: str = "") -> Case:
    """Return the case that splits the same texts in what could be several starts of Python."""
    return Case(
        "the same split after a restart of the kernel",
        (values, amount, 0),
        None,
        hint,
        observe_restarts,
        _judge_restarts,
        weight=0.5,
        diagnoses=(mistake("hash_order", probe=_differ), mistake("not_seeded/hash", probe=_hash_differs)),
        denies=False,
    )
