"""Lesson 11, `read_records`: a log in bytes, read back without what wrote it, and its last record may be cut."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from typing import Any

from course_lib.checks.case import Case, Evidence, Exercise
from course_lib.checks.compare import close
from course_lib.checks.diagnosis import Claim, OneOf
from course_lib.checks.mistakes import mistake

__all__ = ["READ_RECORDS", "packed"]

Row = tuple[str, int, float]
Rows = list[Row]
NAN, INF = math.nan, math.inf


def packed(rows: Iterable[Row]) -> bytes:
    """Return records as they are written: a size, a step, a value, a name.

    Examples
    --------
    >>> len(packed([("loss", 1, 2.5)]))
    20
    """
    return b"".join(
        struct.pack("<Iqf", 12 + len(name.encode()), step, value) + name.encode() for name, step, value in rows
    )


_TWO: Rows = [("loss", 1, 2.5), ("val_loss", 1, 2.75)]
_NAMES: Rows = [
    ("loss", 30, 1.5),
    ("learning_rate", 30, 0.25),
    ("loss", 60, 0.75),
    ("Verlust/größe", 60, 1.25),
    ("loss", 90, 0.5),
    ("learning_rate", 90, 0.125),
]
_LATE: Rows = [("loss", 7, 2.5), ("loss", 3_000_000_000, 1.5), ("loss", 5_000_000_000, 0.75), ("loss", -1, 4.0)]
_ODD: Rows = [("loss", 1, 2.5), ("loss", 2, NAN), ("val_loss", 2, INF), ("loss", 3, 1.25), ("loss", 4, -INF)]
_WHOLE: Rows = [("loss", 11, 2.5), ("val_loss", 11, 2.25), ("loss", 12, 1.5)]
#: Whole records, and what of the one behind them is in the file: its bytes, and what a careless reader makes of them.
_IN_NAME = packed([("learning_rate", 12, 0.125)])[:-5]
_IN_VALUE = packed([("loss", 13, 1.25)])[:14]
_IN_SIZE = packed([("loss", 13, 1.25)])[:2]
_AFTER_SIZE = packed([("loss", 13, 1.25)])[:4]
_CUTS = tuple(packed(_WHOLE) + rest for rest in (_IN_NAME, _IN_VALUE, _IN_SIZE, _AFTER_SIZE))
_HALF: dict[bytes, Row] = {_CUTS[0]: ("learning", 12, 0.125)}

Change = Callable[[Rows, bytes], Any]


def _each(change: Callable[[str, int, float], Any]) -> Change:
    """Return what comes of reading each record in another way."""
    return lambda rows, content: [change(*row) for row in rows]


def _other_end(step: int, value: float, *, kinds: str) -> tuple[int, float]:
    """Return what a step and a value are, read from the other end."""
    if "q" in kinds:
        (step,) = struct.unpack(">q", struct.pack("<q", step))
    if "f" in kinds:
        (value,) = struct.unpack(">f", struct.pack("<f", value))
    return step, value


def _turned(kinds: str) -> Change:
    return _each(lambda name, step, value: (name, *_other_end(step, value, kinds=kinds)))


def _per_name(rows: Rows, content: bytes) -> OneOf | None:
    """Return what is left where each name has a single value: the last one, or the first."""
    last = {name: (name, step, value) for name, step, value in rows}
    first = {name: (name, step, value) for name, step, value in reversed(rows)}
    order = dict.fromkeys(name for name, _, _ in rows)
    return OneOf([last[name] for name in order], [first[name] for name in order]) if len(order) < len(rows) else None


def _short_step(name: str, step: int, value: float) -> Row:
    return name, int(struct.unpack("<i", struct.pack("<q", step)[:4])[0]), value


def _last_lost(rows: Rows, content: bytes) -> Any:
    return OneOf(rows[:-1], rows) if content in _CUTS else rows[:-1]


#: What each mistake makes of the records; the more specific first.
_CHANGES: tuple[tuple[str, Change], ...] = (
    ("half_a_record_kept", lambda rows, content: [*rows, _HALF[content]] if content in _HALF else None),
    ("all_lost_at_cut", lambda rows, content: [] if content in _CUTS else None),
    ("last_record_lost", _last_lost),
    ("one_value_per_name", _per_name),
    ("big_endian", _turned("qf")),
    ("big_endian", _turned("q")),
    ("big_endian", _turned("f")),
    ("step_of_32_bits", _each(_short_step)),
    ("step_of_32_bits", _each(lambda name, step, value: (name, step & 0xFFFFFFFF, value))),
    ("step_without_sign", _each(lambda name, step, value: (name, step & 0xFFFFFFFFFFFFFFFF, value))),
    ("name_as_latin1", _each(lambda name, step, value: (name.encode().decode("latin-1"), step, value))),
    ("name_as_latin1", _each(lambda name, step, value: (name.encode().decode("ascii", "ignore"), step, value))),
    ("name_as_latin1", _each(lambda name, step, value: (name.encode().decode("ascii", "replace"), step, value))),
    ("non_finite_dropped/log", lambda rows, content: [row for row in rows if math.isfinite(row[2])]),
    ("non_finite_dropped/log", lambda rows, content: [row for row in rows if not math.isnan(row[2])]),
    ("parts_swapped", _each(lambda name, step, value: (step, name, value))),
    ("parts_swapped", _each(lambda name, step, value: (step, value, name))),
    ("parts_swapped", _each(lambda name, step, value: (name, value, step))),
)


def _claim(change: Change) -> Callable[[Evidence], Claim | None]:
    def made(e: Evidence) -> Claim | None:
        faulty = change([tuple(row) for row in e.expected], e.inputs[0])
        return None if faulty is None else Claim(e.given, faulty, e.expected)

    return made


def _crashed_at_cut(e: Evidence) -> bool:
    # The names that are cut are ASCII, so a name that can't be decoded was read from another place.
    return e.error is not None and e.error["type"] != "UnicodeDecodeError" and e.inputs[0] in _CUTS


READ_RECORDS = Exercise(
    name="read_records",
    points=2,
    cases=(
        Case("the docstring's example", (packed(_TWO),), _TWO),
        Case("several names, some more than once", (packed(_NAMES),), _NAMES),
        Case("steps that need more than four bytes, and one below 0", (packed(_LATE),), _LATE),
        Case("values that are not finite", (packed(_ODD),), _ODD),
        Case("cut in the name of the last record", (_CUTS[0],), _WHOLE, weight=2),
        Case("cut before the end of a value", (_CUTS[1],), _WHOLE),
        Case("cut in the size", (_CUTS[2],), _WHOLE),
        Case("nothing behind the last size", (_CUTS[3],), _WHOLE),
    ),
    diagnoses=(
        mistake("cut_record_crashes", probe=_crashed_at_cut),
        *(mistake(name, claim=_claim(change), compare=close) for name, change in _CHANGES),
    ),
)
