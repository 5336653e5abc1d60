"""Lesson 11, `merge_resumed`: one log out of the logs of a run that was interrupted and went on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from course_lib.checks.case import Case, Exercise
from course_lib.checks.mistakes import by_value

__all__ = ["MERGE_RESUMED"]

Row = tuple[str, int, float]
Attempts = Sequence[Sequence[Row]]


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Return rows by their steps, and as they came at the same step."""
    return sorted(rows, key=lambda row: row[1])


def _all(attempts: Attempts) -> list[Row]:
    return [row for rows in attempts for row in rows]


def _until(
    start: Callable[[Sequence[Row]], int], stays: Callable[[int, int], bool], ordered: bool = True
) -> Callable[[Attempts], list[Row] | None]:
    """Return what is left where other rows stay when an attempt begins, or where another row is taken for its start."""

    def merged(attempts: Attempts) -> list[Row] | None:
        kept: list[Row] = []
        for rows in attempts:
            if rows:
                begin = start(rows)
                kept = [row for row in kept if stays(row[1], begin)] + list(rows)
        return _in_order(kept) if ordered else kept

    return merged


def _lowest(rows: Sequence[Row]) -> int:
    return min(step for _, step, _ in rows)


def _written_first(rows: Sequence[Row]) -> int:
    return rows[0][1]


#: The right rows, in the order in which they were written.
_as_written = _until(_lowest, lambda step, begin: step < begin, ordered=False)


def _by_name(attempts: Attempts) -> list[Row]:
    """Return the right rows as `sorted` puts them, which looks at the names first."""
    return sorted(_as_written(attempts) or [])


def _last_writer(attempts: Attempts) -> list[Row]:
    """Return what a dictionary holds at the end that each row is put into."""
    found = {(name, step): (name, step, value) for name, step, value in _all(attempts)}
    return _in_order(list(found.values()))


def _last_place(attempts: Attempts) -> list[Row]:
    """Return the same where a row that is written again also moves to its new place."""
    rows = _all(attempts)
    last = {(name, step): k for k, (name, step, _) in enumerate(rows)}
    return _in_order([rows[k] for k in sorted(last.values())])


def _first_writer(attempts: Attempts) -> list[Row]:
    found: dict[tuple[str, int], Row] = {}
    for name, step, value in _all(attempts):
        found.setdefault((name, step), (name, step, value))
    return _in_order(list(found.values()))


def _per_name(attempts: Attempts) -> list[Row]:
    """Return what is left where each name has a start of its own."""
    kept: list[Row] = []
    for rows in attempts:
        starts: dict[str, int] = {}
        for name, step, _ in rows:
            starts[name] = min(step, starts.get(name, step))
        kept = [row for row in kept if row[0] not in starts or row[1] < starts[row[0]]] + list(rows)
    return _in_order(kept)


def _one_per_step(attempts: Attempts) -> list[Row]:
    """Return what is left where a step has room for a single row."""
    found: dict[int, Row] = {row[1]: row for row in _all(attempts)}
    return _in_order(list(found.values()))


def _longest(attempts: Attempts) -> list[Row]:
    return _in_order(max(attempts, key=len))


#: The more specific first.
_MERGED = (
    ("order_of_writing", _as_written),
    ("sorted_by_name", _by_name),
    ("start_for_each_name", _per_name),
    ("first_written_for_start", _until(_written_first, lambda step, begin: step < begin)),
    ("old_step_kept_at_the_start", _until(_lowest, lambda step, begin: step <= begin)),
    ("step_before_the_start_dropped", _until(_lowest, lambda step, begin: step < begin - 1)),
    ("abandoned_steps_kept", _last_writer),
    ("abandoned_steps_kept", _last_place),
    ("first_attempt_wins", _first_writer),
    ("one_row_a_step", _one_per_step),
    ("both_attempts_kept", lambda attempts: _in_order(_all(attempts))),
    ("both_attempts_kept", _all),
    ("only_the_last_attempt", lambda attempts: _in_order(list(attempts[-1]))),
    ("only_the_last_attempt", _longest),
)

_EXAMPLE = [
    [("loss", 1, 2.0), ("loss", 2, 1.5), ("loss", 3, 1.25)],
    [("loss", 3, 1.125), ("loss", 4, 0.75)],
]
_SHORTER = [
    [("loss", step, value) for step, value in zip(range(1, 9), (3.0, 2.5, 2.0, 1.75, 1.5, 1.4, 1.3, 1.2), strict=True)],
    [("loss", 4, 1.7), ("loss", 5, 1.45)],
]
_NAMES = [
    [
        *[("loss", 3, 2.0), ("loss", 6, 1.5), ("val_loss", 6, 1.6), ("loss", 9, 1.2), ("loss", 12, 1.1)],
        *[("val_loss", 12, 1.3), ("loss", 15, 1.05), ("loss", 18, 0.95)],
    ],
    [("loss", 9, 1.25), ("loss", 12, 1.15), ("loss", 15, 1.0)],
]
_MEANS = [
    [("loss", 1, 2.0), ("loss", 2, 1.8), ("loss", 3, 1.6), ("epoch_loss", 2, 1.8), ("loss", 4, 1.5), ("loss", 5, 1.4)],
    [("loss", 4, 1.45), ("loss", 5, 1.35), ("loss", 6, 1.3), ("epoch_loss", 5, 1.37)],
]
_THREE = [
    [("loss", step, 10.0 - step) for step in range(1, 7)],
    [("loss", step, 20.0 - step) for step in range(5, 9)],
    [("loss", step, 30.0 - step) for step in range(3, 6)],
]
_NOTHING: list[list[Row]] = [
    [("loss", 2, 2.0), ("loss", 4, 1.5)],
    [],
    [("loss", 4, 1.25), ("loss", 6, 0.75)],
]
_GAP = [
    [("loss", 10, 2.0), ("loss", 20, 1.5), ("loss", 28, 1.25), ("loss", 40, 1.1)],
    [("val_loss", 30, 1.4), ("loss", 25, 1.3), ("loss", 35, 1.2)],
]

MERGE_RESUMED = Exercise(
    name="merge_resumed",
    points=3,
    cases=(
        Case("the docstring's example", (_EXAMPLE,), [*_EXAMPLE[0][:2], *_EXAMPLE[1]], weight=0.5),
        Case("the second attempt has not come as far yet", (_SHORTER,), [*_SHORTER[0][:3], *_SHORTER[1]]),
        Case("a name that the second attempt has not written yet", (_NAMES,), [*_NAMES[0][:3], *_NAMES[1]]),
        Case(
            "means that are written after the steps they belong to",
            (_MEANS,),
            [*_MEANS[0][:2], _MEANS[0][3], _MEANS[0][2], _MEANS[1][0], _MEANS[1][1], _MEANS[1][3], _MEANS[1][2]],
        ),
        Case("three attempts", (_THREE,), [*_THREE[0][:2], *_THREE[2]]),
        Case("an attempt that wrote nothing", (_NOTHING,), [_NOTHING[0][0], *_NOTHING[2]], weight=0.5),
        Case(
            "the row written first is not the one with the lowest step",
            (_GAP,),
            [*_GAP[0][:2], _GAP[1][1], _GAP[1][0], _GAP[1][2]],
            weight=0.5,
        ),
    ),
    diagnoses=by_value(_MERGED),
)
