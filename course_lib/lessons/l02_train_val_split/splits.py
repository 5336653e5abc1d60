"""Lesson 02: the three exercises that split rows: at random, by class, by person."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.mistakes import mistake
from course_lib.checks.plain import list_of, number_of, show
from course_lib.lessons.l02_train_val_split.names import restart_case
from course_lib.lessons.l02_train_val_split.shares import (
    MANY,
    every_split,
    judge_rows,
    judge_seed,
    observe_split,
    parts_of,
    shared_diagnoses,
    unreadable,
)

__all__ = [
    "GROUP_SPLIT",
    "STRATIFIED_SPLIT",
    "THREE_WAY_SPLIT",
    "fewest_choices",
    "group_cases",
    "rare_case",
    "share_case",
    "stratified_cases",
    "three_way_cases",
]

THREE, TWO = ("train", "val", "test"), ("train", "val")
Judge = Callable[[Evidence], str | None]


def _cases(
    about: tuple[tuple[str, Judge, float], ...],
    inputs: Any,
    run: str,
    seeds: int,
    hints: tuple[str, ...] = (),
    denies: bool = True,
) -> tuple[Case, ...]:
    """Return cases that judge one and the same run: their names, what judges them, their weights."""
    observe = observe_split(seeds)
    texts = hints or ("",) * len(about)
    return tuple(
        Case(f"{name}: {run}", inputs, None, hint, observe, judge, weight=weight, run=run, denies=denies)
        for (name, judge, weight), hint in zip(about, texts, strict=True)
    )


# ---------------------------------------------------------------- three_way_split


def _sizes(e: Evidence) -> list[int]:
    n_rows, val_rows, test_rows, _ = e.inputs
    return [n_rows - val_rows - test_rows, val_rows, test_rows]


def _judge_sizes(e: Evidence) -> str | None:
    wanted = _sizes(e)
    problem = unreadable(e, THREE)
    for parts in [] if problem else every_split(e):
        given = [len(part) for part in parts]
        if given != wanted:
            return f"Rows in train, val and test: yours {show(given)}, right {show(wanted)}"
    return problem


def three_way_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return three cases on one run of ``three_way_split``: rows, sizes, seed."""
    return _cases(
        (
            ("every row in one part", lambda e: judge_rows(e, THREE, e.inputs[0]), 1.0),
            ("the sizes", _judge_sizes, 0.5),
            ("the seed", lambda e: judge_seed(e, THREE, e.inputs[0]), 1.0),
        ),
        inputs,
        run,
        seeds,
        hints,
    )


def _empty_part(e: Evidence) -> bool:
    """Whether all rows are kept, each once, and yet a part is empty."""
    parts = e["first"] if parts_of(e.result, 3) else []
    rows = sorted(row for part in parts for row in part)
    return bool(parts) and rows == list(range(e.inputs[0])) and not all(parts)


THREE_WAY_SPLIT = Exercise(
    name="three_way_split",
    points=2,
    cases=three_way_cases((20, 5, 6, 0), "20 rows"),
    diagnoses=(
        mistake("part_empty", probe=_empty_part),
        *shared_diagnoses(3, lambda e: int(e.inputs[0])),
        mistake(
            "parts_swapped/splits",
            probe=lambda e: (
                [len(part) for part in e["first"]] != _sizes(e)
                and sorted(len(part) for part in e["first"]) == sorted(_sizes(e))
            ),
        ),
        mistake(
            "wrong_sizes",
            probe=lambda e: bool(parts_of(e.result, 3)) and [len(part) for part in e["first"]] != _sizes(e),
        ),
    ),
)


# ---------------------------------------------------------------- stratified_split


def _by_class(e: Evidence, part: list[int]) -> Counter[str]:
    return Counter(str(e.inputs[0][row]) for row in part if 0 <= row < len(e.inputs[0]))


def _wanted(e: Evidence) -> dict[str, float]:
    """Return how many validation rows each class should have, as a fraction."""
    labels, share, _ = e.inputs
    return {str(label): share * count for label, count in Counter(labels.tolist()).items()}


def _counts(e: Evidence) -> list[Counter[str]]:
    return [_by_class(e, parts[1]) for parts in every_split(e)] if parts_of(e.result, 2) else []


def _off(counts: Counter[str], wanted: dict[str, float]) -> dict[str, float]:
    """Return the classes whose number is off by a row or more."""
    return {label: number for label, number in wanted.items() if abs(counts[label] - number) > 1 - 1e-6}


def _judge_proportions(e: Evidence) -> str | None:
    wanted = _wanted(e)
    for counts in _counts(e):
        for label, number in _off(counts, wanted).items():
            return f"Validation rows of class {label}: yours {counts[label]}, right {show(number)}"
    return unreadable(e, TWO)


def stratified_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return three cases on one run of ``stratified_split``: rows, proportions, seed."""
    return _cases(
        (
            ("every row in one part", lambda e: judge_rows(e, TWO, len(e.inputs[0])), 0.5),
            ("the share of each class", _judge_proportions, 2.0),
            ("the seed", lambda e: judge_seed(e, TWO, len(e.inputs[0])), 0.5),
        ),
        inputs,
        run,
        seeds,
        hints,
    )


def share_case(inputs: Any, run: str, hint: str = "") -> Case:
    """Return one case on a run of ``stratified_split`` of its own: how many rows each class gets."""
    about = (("the share of each class", _judge_proportions, 1.0),)
    return _cases(about, inputs, run, 8, (hint,))[0]


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
        if e.seen.get("refused"):
            return None
        return judge_rows(e, TWO, len(e.inputs[0])) or _judge_proportions(e)

    return Case(
        f"every row in one part: {run}", (labels, val_share, seed), None, hint, observe, judge, weight=0.5, denies=False
    )


def _labels_visible() -> np.ndarray:
    return np.array([0, 0, 1, 0, 2, 0, 1, 0, 0, 1, 0, 2, 0, 0, 1, 0, 1, 0, 2, 1, 0, 1, 2, 1])


def _swapped_shares(e: Evidence) -> bool:
    """Whether train holds what val should: the two came back in the other order."""
    turned = [_by_class(e, parts[0]) for parts in every_split(e)]
    return bool(parts_of(e.result, 2)) and all(not _off(counts, _wanted(e)) for counts in turned)


def _values(e: Evidence) -> list[str]:
    """Return what the two parts hold, be it numbers or text."""
    items = [item for part in list_of(e.result) or [] for item in list_of(part) or []]
    numbers = [number_of(item) for item in items]
    return [str(item.get("value")) if n is None else f"{n:g}" for n, item in zip(numbers, items, strict=True)]


def _labels_for_rows(e: Evidence) -> bool:
    """Whether the parts hold labels: no other values, and each of them over and over."""
    values, labels = _values(e), set(map(str, e.inputs[0].tolist()))
    masks = any(str(part.get("dtype", "")).startswith("b") for part in list_of(e.result) or [])
    return not masks and len(values) > 2 * len(labels) and set(values) <= labels


def _places_in_class(e: Evidence) -> bool:
    """Whether no validation row lies beyond the size of the largest class, though the draws differ."""
    largest = max(Counter(e.inputs[0].tolist()).values())
    vals = [parts[1] for parts in every_split(e)] if parts_of(e.result, 2) else []
    twice = any(len(set(val)) < len(val) for val in vals)
    return len(vals) > 8 and twice and all(max(val, default=0) < largest for val in vals)


def _classes_lost(e: Evidence) -> list[str]:
    """Return the classes of which no row is in any part, if these are all rows that are lost."""
    return _lost_altogether(e)


def _lost_altogether(e: Evidence) -> list[str]:
    labels = [str(label) for label in e.inputs[0].tolist()]
    lost = None
    for parts in every_split(e) if parts_of(e.result, 2) else []:
        missing = set(range(len(labels))) - {row for part in parts for row in part}
        classes = {labels[row] for row in missing}
        if len(missing) != sum(label in classes for label in labels) or lost not in (None, classes):
            return []
        lost = classes
    return sorted(lost or [])


def _ends_of_classes(e: Evidence) -> bool:
    """Whether the validation rows are, in the right number, the first or last ones of each class with every seed."""
    if not parts_of(e.result, 2) or any(split != e["first"] for split in every_split(e)):
        return False
    val, labels = e["first"][1], e.inputs[0].tolist()
    if _off(_by_class(e, val), _wanted(e)):
        return False
    members = [[row for row, one in enumerate(labels) if one == label] for label in set(labels)]
    taken = [[row for row in val if row in rows] for rows in members]
    first = all(some == rows[: len(some)] for some, rows in zip(taken, members, strict=True))
    last = all(some == rows[len(rows) - len(some) :] for some, rows in zip(taken, members, strict=True))
    return bool(val) and (first or last)


def _labels_two_fifths() -> np.ndarray:
    """Return the labels of 10, 15 and 20 rows of three classes, mixed."""
    return np.array([[0, 1, 2, 1, 2, 2, 0, 1, 2], [2, 0, 1, 2, 1, 0, 2, 1, 2]] * 3)[:5].ravel()


def _one_over_share(e: Evidence) -> bool:
    """Whether each class gets one row in k, k being a whole number next to 1 / val_share, which is none."""
    turned, counts = 1 / e.inputs[1], _counts(e)
    sizes = Counter(str(label) for label in e.inputs[0].tolist())
    if abs(turned - round(turned)) < 0.01 or not counts:
        return False
    return any(
        all(number // k <= some[label] <= -(-number // k) for some in counts for label, number in sizes.items())
        for k in (math.floor(turned), math.ceil(turned))
    )


def _equal_numbers(e: Evidence) -> bool:
    wanted = _wanted(e)
    return all(len({counts[label] for label in wanted}) == 1 for counts in _counts(e)) and bool(_counts(e))


STRATIFIED_SPLIT = Exercise(
    name="stratified_split",
    points=1,
    cases=(
        *stratified_cases((_labels_visible(), 0.25, 0), "12, 8 and 4 rows of three classes"),
        share_case((_labels_two_fifths(), 0.4, 0), "two fifths of the rows"),
        rare_case(np.array([5, 5, 7, 5, 5, 5, 9, 5, 5, 5, 5, 5]), 0.25, 0, "two classes of a single row"),
        restart_case(
            np.array(["sun", "rain", "sun", "fog", "snow", "rain", "fog", "sun", "snow", "hail", "hail", "rain"]), 0.5
        ),
    ),
    diagnoses=(
        mistake("labels_for_rows", probe=_labels_for_rows),
        mistake("places_in_class", probe=_places_in_class),
        mistake(
            "classes_lost",
            says=lambda e: (
                f"of the classes {' and '.join(_classes_lost(e))} no row is in any part."
                if len(_classes_lost(e)) > 1
                else f"of class {_classes_lost(e)[0]} no row is in any part."
            ),
            probe=lambda e: bool(_classes_lost(e)),
        ),
        mistake("ends_of_classes", probe=_ends_of_classes),
        *shared_diagnoses(2, lambda e: len(e.inputs[0])),
        mistake("parts_swapped/splits_2", probe=_swapped_shares),
        mistake(
            "one_over_share",
            says=lambda e: (
                f"every class gets one row in {math.floor(1 / e.inputs[1])} or in {math.ceil(1 / e.inputs[1])}: "
                f"1 / {show(e.inputs[1])} was made a whole number, and that is another share."
            ),
            probe=_one_over_share,
        ),
        mistake("equal_numbers", probe=_equal_numbers),
        mistake(
            "classes_left_out",
            probe=lambda e: bool(_counts(e)) and all(any(not c[label] for label in _wanted(e)) for c in _counts(e)),
        ),
        mistake("proportions", probe=lambda e: len({tuple(sorted(counts.items())) for counts in _counts(e)}) > 3),
        mistake(
            "wrong_share", probe=lambda e: bool(_counts(e)) and all(_off(counts, _wanted(e)) for counts in _counts(e))
        ),
    ),
)


# ---------------------------------------------------------------- group_split


def _people(e: Evidence, part: list[int]) -> set[str]:
    return {str(e.inputs[0][row]) for row in part if 0 <= row < len(e.inputs[0])}


def _on_both_sides(e: Evidence) -> set[str]:
    for parts in every_split(e):
        both = _people(e, parts[0]) & _people(e, parts[1])
        if both:
            return both
    return set()


def _judge_people(e: Evidence) -> str | None:
    problem = unreadable(e, TWO)
    rows = len(e.inputs[0])
    for parts in [] if problem else every_split(e):
        for name, part in zip(TWO, parts, strict=True):
            if not part:
                return f"{name} is empty, so there is nobody to compare"
            if not all(0 <= row < rows for row in part):
                return f"{name} holds numbers that are not those of the {rows} rows"
    both = set() if problem else _on_both_sides(e)
    return f"person {min(both)} has rows both in train and in val" if both else problem


def _judge_number(e: Evidence) -> str | None:
    problem = unreadable(e, TWO)
    for parts in [] if problem else every_split(e):
        given = len(_people(e, parts[1]))
        if given != e.inputs[1]:
            return f"People in val: yours {given}, right {e.inputs[1]}"
    return problem


def _different(e: Evidence) -> tuple[int, int]:
    """Return how many different choices of people were seen, and how many there must be.

    A right answer practically never misses that; a test works the chance out.
    """
    possible = math.comb(len(set(e.inputs[0].tolist())), int(e.inputs[1]))
    return len({frozenset(_people(e, parts[1])) for parts in every_split(e)}), fewest_choices(possible)


def fewest_choices(possible: int) -> int:
    """Return how many of the possible choices must come up: three fifths of them, and never more than 21."""
    return min(possible * 3 // 5, 21)


def _judge_draw(e: Evidence) -> str | None:
    problem = judge_seed(e, TWO, len(e.inputs[0]), blocks=True)
    if problem or len(e["others"]) < MANY:
        return problem
    seen, wanted = _different(e)
    return None if seen >= wanted else f"only {_too_few(e)}; any people may be drawn together"


def _too_few(e: Evidence) -> str:
    return f"{_different(e)[0]} different choices of people came up with {len(e['others']) + 1} different seeds"


def many_people_cases() -> tuple[Case, ...]:
    """Return two cases on one run of ``group_split`` with 25 people, 0 to 24, of whom 7 are drawn."""
    people = np.array([7 * row % 25 for row in range(50)])
    return _cases(
        (
            ("every row in one part", lambda e: judge_rows(e, TWO, len(e.inputs[0])), 0.5),
            ("the number of people", _judge_number, 0.5),
        ),
        (people, 7, 0),
        "seven of 25 people, numbered from 0",
        8,
        denies=False,
    )


def group_cases(inputs: Any, run: str, seeds: int = MANY, hints: tuple[str, ...] = ()) -> tuple[Case, ...]:
    """Return four cases on one run of ``group_split``: rows, people, their number, seed."""
    return _cases(
        (
            ("every row in one part", lambda e: judge_rows(e, TWO, len(e.inputs[0])), 0.5),
            ("nobody on both sides", _judge_people, 2.0),
            ("the number of people", _judge_number, 0.5),
            ("the seed", _judge_draw, 1.0),
        ),
        inputs,
        run,
        seeds,
        hints,
    )


def _people_visible() -> np.ndarray:
    return np.array([31, 18, 31, 45, 18, 8, 27, 31, 45, 8, 18, 31, 27, 60, 60, 45, 18, 8])


def _names_for_rows(e: Evidence) -> bool:
    """Whether the parts hold people instead of row numbers."""
    parts = parts_of(e.result, 2)
    everybody = sorted(Counter(str(who) for who in e.inputs[0].tolist()))
    return parts is not None and sorted({str(row) for part in parts for row in part}) == everybody


def _few_people(e: Evidence) -> bool:
    numbers = {len(_people(e, parts[1])) for parts in every_split(e)}
    return len(numbers) > 1 and max(numbers) == e.inputs[1] and not _on_both_sides(e)


def _first_rows(e: Evidence) -> bool:
    """Whether val holds nothing but the first row of each person drawn, in every split."""
    everybody = e.inputs[0].tolist()
    firsts = {everybody.index(who) for who in everybody}
    vals = [set(parts[1]) for parts in every_split(e)] if parts_of(e.result, 2) else []
    return bool(vals) and all(val and val <= firsts for val in vals) and bool(_on_both_sides(e))


def _parts_of_names(e: Evidence) -> bool:
    """Whether those too many in val are, in every split, people whose name is part of another's who is there.

    Then with a person everybody is there whose name is part of the person's, or everybody who has it in theirs.
    """
    everybody, wanted = {str(who) for who in e.inputs[0].tolist()}, int(e.inputs[1])
    vals = [_people(e, parts[1]) for parts in every_split(e)]

    def whole(people: set[str], other_way: bool) -> bool:
        return all((one in two if other_way else two in one) <= (two in people) for one in people for two in everybody)

    too_many = any(len(people) > wanted for people in vals) and not any(len(people) < wanted for people in vals)
    return too_many and not _on_both_sides(e) and any(all(whole(p, way) for p in vals) for way in (False, True))


def _people_lost(e: Evidence) -> list[str]:
    """Return the people none of whose rows is in any part, in every split, if these are all rows that are lost."""
    return _lost_altogether(e)


def _val_empty(e: Evidence) -> int:
    """Return in how many splits nobody is in the validation part, though every row is in one of the two."""
    splits = every_split(e) if parts_of(e.result, 2) else []
    whole = all(sorted(row for part in parts for row in part) == list(range(len(e.inputs[0]))) for parts in splits)
    return sum(not parts[1] for parts in splits) if whole else 0


def _end_people(e: Evidence) -> bool:
    """Whether the people in val are, with every seed, the first or last ones by name or in the table."""
    if not parts_of(e.result, 2) or any(split != e["first"] for split in every_split(e)) or _on_both_sides(e):
        return False
    everybody, some = e.inputs[0].tolist(), _people(e, e["first"][1])
    orders = (sorted(set(everybody)), list(dict.fromkeys(everybody)))
    ends = [set(map(str, part)) for order in orders for part in (order[: len(some)], order[len(order) - len(some) :])]
    return bool(some) and some in ends


def _blocks(e: Evidence) -> bool:
    """Whether the validation rows are as many blocks of the table as people were asked for, in every split."""
    runs = [[part for part in parts[1] if part - 1 not in parts[1]] for parts in every_split(e)]
    enough = all(len(parts[1]) > e.inputs[1] for parts in every_split(e))
    return enough and bool(_on_both_sides(e)) and all(0 < len(starts) <= e.inputs[1] for starts in runs)


GROUP_SPLIT = Exercise(
    name="group_split",
    points=1,
    cases=(
        *group_cases((_people_visible(), 2, 0), "18 rows of six people"),
        *many_people_cases(),
        restart_case(np.array(["Cem", "Ann", "Dua", "Ann", "Bo", "Eve", "Finn", "Bo", "Gus", "Cem", "Hal"]), 3),
    ),
    diagnoses=(
        mistake("people_for_rows", probe=_names_for_rows),
        mistake(
            "val_empty",
            says=lambda e: (
                f"in {'every split' if _val_empty(e) == len(every_split(e)) else 'some splits'} val is empty: "
                "nobody who was drawn is in `groups`."
            ),
            probe=lambda e: (
                _val_empty(e) > 0 and max(len(_people(e, parts[1])) for parts in every_split(e)) <= e.inputs[1]
            ),
        ),
        mistake("end_people", probe=_end_people),
        mistake(
            "people_lost",
            says=lambda e: (
                f"the rows of person {' and of person '.join(_people_lost(e))} are in no part, in any split."
                + (
                    " In a condition such as `if person`, the number 0 counts as false."
                    if _people_lost(e) == ["0"]
                    else ""
                )
            ),
            probe=lambda e: bool(_people_lost(e)),
        ),
        *shared_diagnoses(2, lambda e: len(e.inputs[0]), of_rows=False),
        mistake(
            "parts_swapped/splits_3",
            probe=lambda e: (
                not _on_both_sides(e) and all(len(_people(e, parts[0])) == e.inputs[1] for parts in every_split(e))
            ),
        ),
        mistake(
            "few_splits/splits",
            says=lambda e: (
                f"{_too_few(e)}. The seed chooses among a few ready-made groups, such as neighbours in a list, instead "
                "of drawing each person by chance."
            ),
            probe=lambda e: (
                len(e["others"]) >= MANY
                and not _on_both_sides(e)
                and _different(e)[0] < _different(e)[1]
                and all(len(_people(e, parts[1])) == e.inputs[1] for parts in every_split(e))
            ),
        ),
        mistake("first_row_of_each_person", probe=_first_rows),
        mistake(
            "rows_counted",
            says=lambda e: f"{e.inputs[1]} rows were drawn; asked was for {e.inputs[1]} people, with all their rows.",
            probe=lambda e: bool(_on_both_sides(e)) and all(len(parts[1]) == e.inputs[1] for parts in every_split(e)),
        ),
        mistake(
            "blocks_assumed",
            says=lambda e: (
                f"the rows of a person were taken for neighbours in the table. They may lie anywhere, and so "
                f"{len(_on_both_sides(e))} people have rows on both sides."
            ),
            probe=_blocks,
        ),
        mistake(
            "both_sides",
            says=lambda e: (
                f"{len(_on_both_sides(e))} people have rows on both sides, person {min(_on_both_sides(e))} among them. "
                "The model may recognise them instead of learning what holds for people it never saw."
            ),
            probe=lambda e: bool(_on_both_sides(e)),
        ),
        mistake("drawn_from_rows", probe=_few_people),
        mistake("parts_of_names", probe=_parts_of_names),
        mistake(
            "number_by_chance",
            probe=lambda e: (
                min(len(_people(e, parts[1])) for parts in every_split(e))
                < e.inputs[1]
                < max(len(_people(e, parts[1])) for parts in every_split(e))
            ),
        ),
        mistake(
            "number_of_people",
            probe=lambda e: any(len(_people(e, parts[1])) != e.inputs[1] for parts in every_split(e)),
        ),
    ),
)
