"""Lesson 02: how answers that split row numbers are watched, and what can go wrong with any split."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from course_lib.checks.case import Evidence
from course_lib.checks.diagnosis import Diagnosis
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of, number_of, show

__all__ = [
    "MANY",
    "Parts",
    "every_split",
    "judge_rows",
    "judge_seed",
    "observe_split",
    "parts_of",
    "shared_diagnoses",
    "sorted_parts",
    "unreadable",
]

#: The parts of one split, each a list of row numbers.
Parts: TypeAlias = list[list[int]]

#: So many other seeds that each row comes into each part at some time: (5/6) to the power of 100 is 1e-8.
MANY = 100

#: So many repetitions with the first seed: a draw that is not seeded may come out the same by chance once (two people
#: of six: 1 in 15), but not every time.
REPEATS = 8


def parts_of(result: Any, count: int) -> Parts | None:
    """Return the row numbers of each part, or ``None`` if what came back are not ``count`` lists of them."""
    parts = list_of(result)
    if parts is None or len(parts) != count:
        return None
    found: Parts = []
    for part in parts:
        items = list_of(part) if not _dtypes(part) & {"b", "f"} else None
        numbers = [number_of(item) for item in items] if items is not None else [None]
        if any(number is None or number != int(number) for number in numbers):
            return None
        found.append([int(number) for number in numbers if number is not None])
    return found


def _dtypes(plain: Any) -> set[str]:
    """Return the kind of an array's numbers, "b", "i" or "f"; nothing for lists and for empty arrays."""
    return {str(plain["dtype"])[:1]} if plain["kind"] == "array" and plain["values"] else set()


def _any_part(e: Evidence, kind: str) -> bool:
    return any(kind in _dtypes(part) for part in list_of(e.result) or [])


def sorted_parts(result: Any) -> Any:
    """Return the parts as sorted lists of numbers where they can be read, else ``None``."""
    try:
        return [sorted(int(row) for row in (p.tolist() if hasattr(p, "tolist") else p)) for p in result]
    except (TypeError, ValueError, OverflowError):
        return None


def observe_split(seeds: int) -> Callable[..., Any]:
    """Return an observer: it splits once, a few times more with the same seed, and with ``seeds`` other ones.

    The last of a case's inputs is the seed of the first split. Of the repetitions, ``again`` is the first that differs.
    Each call gets inputs of its own; ``touched`` says whether one of them was changed.
    """

    def observe(answer: Any, record: dict[str, Any], *inputs: Any) -> Any:
        *rest, first_seed = inputs
        record["touched"] = False

        def split(seed: int) -> Any:
            given = copy.deepcopy(rest)
            result = answer(*given, seed)
            record["touched"] |= any(not np.array_equal(*pair) for pair in zip(given, rest, strict=True))
            return result

        first = split(first_seed)
        if hasattr(first, "__next__"):  # an iterator can be read only once
            first = tuple(first)
        record["first"] = sorted_parts(first)
        repeats = [sorted_parts(split(first_seed)) for _ in range(REPEATS)]
        record["again"] = next((one for one in repeats if one != record["first"]), record["first"])
        record["others"] = [sorted_parts(split(first_seed + 1 + k)) for k in range(seeds)]
        return first

    return observe


def every_split(e: Evidence) -> list[Parts]:
    """Return every split that was made and could be read, the first one first."""
    return [split for split in (e["first"], e["again"], *e["others"]) if split]


def unreadable(e: Evidence, names: Sequence[str]) -> str | None:
    """Return what is wrong if a split is not made of as many lists of row numbers as there are names."""
    splits = (e["first"], e["again"], *e["others"])
    if parts_of(e.result, len(names)) is None or any(not s or len(s) != len(names) for s in splits):
        return f"expected {len(names)} lists of row numbers ({', '.join(names)}), given {show(e.result)}"
    return None


def judge_rows(e: Evidence, names: Sequence[str], rows: int) -> str | None:
    """Return what is wrong with the parts, whatever their sizes: no lists, rows lost or used twice."""
    problem = unreadable(e, names)
    for parts in [] if problem else every_split(e):
        problem = problem or _row_problem(parts, names, rows)
    return problem


def _row_problem(parts: Parts, names: Sequence[str], rows: int) -> str | None:
    for name, part in zip(names, parts, strict=True):
        strange = [row for row in part if not 0 <= row < rows]
        if strange:
            return f"{name} holds the row number {strange[0]}; the {rows} rows have the numbers 0 to {rows - 1}"
        if len(set(part)) < len(part):
            return f"{name} holds {len(part) - len(set(part))} rows more than once"
    for i, one in enumerate(names):
        for j in range(i + 1, len(names)):
            both = set(parts[i]) & set(parts[j])
            if both:
                return f"{len(both)} rows are both in {one} and in {names[j]}, row {min(both)} among them"
    lost = set(range(rows)) - {row for part in parts for row in part}
    return f"{len(lost)} of the {rows} rows are in no part, row {min(lost)} among them" if lost else None


def judge_seed(e: Evidence, names: Sequence[str], rows: int, blocks: bool = False) -> str | None:
    """Return what is wrong with the draw: not repeatable, the seed ignored, or some rows never drawn.

    Unless ``blocks`` are fine, the rows of a part must not always be neighbours in the table.
    """
    problem = unreadable(e, names)
    if problem:
        return problem
    if e["again"] != e["first"]:
        return "the same seed gave another split the next time"
    for place, name in enumerate(names):
        if all(other and other[place] == e["first"][place] for other in e["others"]):
            return f"{name} holds the same rows with every seed; the seed should decide which rows are drawn"
    if len(e["others"]) >= MANY:
        for place, name in list(enumerate(names))[1:]:
            never = set(range(rows)) - {row for parts in every_split(e) for row in parts[place]}
            if never:
                return f"row {min(never)} never came into {name}, with {MANY + 1} different seeds; any row should"
        for place, name in list(enumerate(names))[1:]:
            if not blocks and all(_neighbours(parts[place], rows) for parts in every_split(e)):
                return f"the rows of {name} are neighbours in the table with every seed"
    return None


def _neighbours(part: Sequence[int], rows: int) -> bool:
    """Whether the rows of a part are one block of the table, which may go on from its end to its beginning."""
    inside = set(part)
    return len(inside) > 1 and sum((row + 1) % rows not in inside for row in inside) == 1


def _parts(e: Evidence, count: int) -> Parts:
    """Return the first split, sorted; an error, which fits no diagnosis, if it could not be read."""
    if parts_of(e.result, count) is None:
        raise ValueError("what came back could not be read as parts")
    return [sorted(part) for part in e["first"]]


def _shared(parts: Parts) -> int:
    return sum(len(set(a) & set(b)) for i, a in enumerate(parts) for b in parts[i + 1 :])


def _worst_shared(e: Evidence) -> int:
    return max(_shared(parts) for parts in every_split(e))


def _lost(e: Evidence, rows: int) -> int:
    return max(len(set(range(rows)) - {row for part in parts for row in part}) for parts in every_split(e))


def shared_diagnoses(count: int, rows_of: Callable[[Evidence], int], *, of_rows: bool = True) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that every split exercise shares, from the most specific to the least.

    Parameters
    ----------
    count : int
        How many parts a split has.
    rows_of : callable(Evidence) -> int
        How many rows there are.
    of_rows : bool, optional
        Whether single rows are drawn, so that practically every seed gives another split.
    """

    def from_one(e: Evidence) -> bool:
        rows = [row for part in _parts(e, count) for row in part]
        return max(rows) == rows_of(e) and min(rows) >= 1

    def same(e: Evidence) -> bool:
        return bool(_parts(e, count)) and all(other == e["first"] for other in (e["again"], *e["others"]))

    if_rows = (
        mistake(
            "few_splits/shares",
            probe=lambda e: (
                len(e["others"]) >= MANY
                and max(Counter(str(split) for split in every_split(e)).values()) > len(e["others"]) / 8
            ),
        ),
        mistake("never_drawn", probe=lambda e: _never_drawn(e, rows_of(e))),
    )
    return (
        mistake("nothing_given_back", probe=lambda e: e.error is not None and "NoneType" in e.error["message"]),
        mistake("changed_inputs/shares", probe=lambda e: bool(e["touched"])),
        mistake("tuples_of_where", probe=lambda e: _in_tuples(e, count)),
        mistake("remembers_earlier_call/shares", probe=_grows),
        mistake("masks", probe=lambda e: _any_part(e, "b")),
        mistake("row_numbers_as_floats", probe=lambda e: _any_part(e, "f")),
        mistake(
            "not_lists",
            says=lambda e: f"what came back are not {count} lists of row numbers, but {show(e.result)}.",
            probe=lambda e: e.error is None and parts_of(e.result, count) is None and e.result["kind"] != "none",
        ),
        mistake(
            "counted_from_one/shares",
            says=lambda e: f"the rows are counted from 1: there is no row {rows_of(e)}, and row 0 is in no part.",
            probe=from_one,
        ),
        mistake(
            "drawn_twice",
            probe=lambda e: any(len(set(p)) < len(p) for parts in (_parts(e, count), *every_split(e)) for p in parts),
        ),
        mistake(
            "overlap",
            says=lambda e: (
                f"there are rows in more than one part, {_worst_shared(e)} of {rows_of(e)} in one split. A model would "
                "be examined on rows that it was trained on."
            ),
            probe=lambda e: bool(_parts(e, count)) and _worst_shared(e) > 0,
        ),
        mistake(
            "rows_lost",
            says=lambda e: f"up to {_lost(e, rows_of(e))} of the {rows_of(e)} rows are in no part at all.",
            probe=lambda e: bool(_parts(e, count)) and _lost(e, rows_of(e)) > 0,
        ),
        mistake("not_seeded", probe=lambda e: bool(_parts(e, count)) and e["again"] != e["first"]),
        mistake("by_position", probe=lambda e: same(e) and _in_order(_parts(e, count), rows_of(e))),
        mistake("seed_ignored", probe=same),
        mistake(
            "partly_drawn",
            probe=lambda e: any(
                all(other[place] == e["first"][place] for other in e["others"])
                for place in range(len(_parts(e, count)))
            ),
        ),
        mistake(
            "neighbours",
            probe=lambda e: any(
                all(_neighbours(parts[place], rows_of(e)) for parts in every_split(e))
                for place in range(1, len(_parts(e, count)))
            ),
        ),
        *(if_rows if of_rows else ()),
    )


def _never_drawn(e: Evidence, rows: int) -> bool:
    """Whether, over all seeds, some row never came into one of the parts other than the first."""
    splits = every_split(e)
    return len(e["others"]) >= MANY and any(
        len({row for parts in splits for row in parts[place]} & set(range(rows))) < rows
        for place in range(1, len(splits[0]))
    )


def _grows(e: Evidence) -> bool:
    """Whether every call with another seed gave more rows than the one before."""
    sizes = [sum(map(len, split)) for split in e["others"]]
    return len(sizes) > 2 and all(one < two for one, two in itertools.pairwise(sizes))


def _in_tuples(e: Evidence, count: int) -> bool:
    """Whether every part is a tuple or list that holds nothing but one array or list."""
    parts = list_of(e.result) or []
    inside = [list_of(part) or [] for part in parts]
    return len(parts) == count and all(len(items) == 1 and list_of(items[0]) is not None for items in inside)


def _in_order(parts: Parts, rows: int) -> bool:
    """Whether every part is a block of neighbouring rows."""
    return all(_neighbours(part, rows) or len(part) < 2 for part in parts)
