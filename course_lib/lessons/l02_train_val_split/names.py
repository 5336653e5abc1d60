"""Lesson 02: whether a split of names hangs on the order of a set, which changes from one start of Python to the next.

The hash of a text is another one in every process, and with it the order of a set of texts. Names whose hash can be
chosen show in one process what would come out in another.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from course_lib.checks.case import Case, Evidence
from course_lib.checks.mistakes import mistake
from course_lib.lessons.l02_train_val_split.shares import sorted_parts

__all__ = ["HASH_ORDER", "restart_case"]

_SALTS = ("first", "second", "third", "fourth")


def _names(values: np.ndarray, salt: str) -> np.ndarray:
    """Return the texts with the hashes of one process, which ``salt`` stands for."""

    class Name(str):
        """A text whose hash is not that of this process."""

        __slots__ = ()

        def __hash__(self) -> int:
            return zlib.crc32(f"{salt} {''.join(self)}".encode())

        def __str__(self) -> str:
            return self  # so that str() leaves it what it is

    found = np.empty(len(values), dtype=object)
    found[:] = [Name(value) for value in values.tolist()]
    return found


def _observe(answer: Any, record: dict[str, Any], values: np.ndarray, amount: float, seed: int) -> None:
    def split(salt: str) -> Any:
        try:
            return sorted_parts(answer(_names(values, salt), amount, seed))
        except Exception:  # other cases judge what becomes of texts; this one only compares
            return None

    answer(values.copy(), amount, seed)  # an answer that cannot split texts stops here
    record["again"] = split(_SALTS[0])
    record["starts"] = [split(salt) for salt in _SALTS]


def _differ(e: Evidence) -> bool:
    return e["again"] == e["starts"][0] and any(one != e["starts"][0] for one in e["starts"])


def _judge(e: Evidence) -> str | None:
    if None in e["starts"] or not _differ(e):
        return None
    return "the same seed gives another split after a restart of the kernel"


HASH_ORDER = mistake("hash_order", probe=_differ)


def restart_case(values: np.ndarray, amount: float, hint: str = "") -> Case:
    """Return the case that splits the same texts in what could be several starts of Python."""
    return Case(
        "the same split after a restart of the kernel",
        (values, amount, 0),
        None,
        hint,
        _observe,
        _judge,
        weight=0.5,
        diagnoses=(HASH_ORDER,),
        denies=False,
    )
