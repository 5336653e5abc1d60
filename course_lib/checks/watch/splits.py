"""Watching an answer that splits rows: once, a few times more with the same seed, and with many other seeds."""

from __future__ import annotations

import copy
import inspect
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from course_lib.checks.plain import list_of, number_of

__all__ = ["MANY", "Parts", "dtypes", "observe_restarts", "observe_split", "parts_of"]

#: The parts of one split, each a list of row numbers.
Parts: TypeAlias = list[list[int]]

#: So many other seeds that each row comes into each part at some time: (5/6) to the power of 100 is 1e-8.
MANY = 100
#: So many repetitions with the first seed: a draw that is not seeded may come out the same by chance once (two people
#: of six: 1 in 15), but not every time.
_REPEATS = 8
#: What stands for the starts of Python in which the same texts have other hashes.
_SALTS = ("first", "second", "third", "fourth")


def parts_of(result: Any, count: int) -> Parts | None:
    """Return the row numbers of each part, or ``None`` if what came back are not ``count`` lists of them."""
    parts = list_of(result)
    if parts is None or len(parts) != count:
        return None
    found: Parts = []
    for part in parts:
        items = list_of(part) if not dtypes(part) & {"b", "f"} else None
        numbers = [number_of(item) for item in items] if items is not None else [None]
        if any(number is None or number != int(number) for number in numbers):
            return None
        found.append([int(number) for number in numbers if number is not None])
    return found


def dtypes(plain: Any) -> set[str]:
    """Return the kind of an array's numbers, "b", "i" or "f"; nothing for lists and for empty arrays."""
    return {str(plain["dtype"])[:1]} if plain["kind"] == "array" and plain["values"] else set()


def _sorted_parts(result: Any) -> Parts | None:
    """Return the parts as sorted lists of numbers where they can be read."""
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
        record["first"] = _sorted_parts(first)
        repeats = [_sorted_parts(split(first_seed)) for _ in range(_REPEATS)]
        record["again"] = next((one for one in repeats if one != record["first"]), record["first"])
        record["others"] = [_sorted_parts(split(first_seed + 1 + k)) for k in range(seeds)]
        return first

    return observe


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


@contextmanager
def _hash_of(answer: Any, salt: str) -> Iterator[None]:
    """Let the learner's code, and nothing else, find another `hash`: one that gives texts the hashes of a process."""
    names = getattr(inspect.unwrap(answer), "__globals__", {})
    before = {key: names[key] for key in ("hash",) if key in names}

    def of_this_process(value: Any) -> int:
        texts = any(isinstance(part, str | bytes) for part in (value if isinstance(value, tuple) else (value,)))
        return zlib.crc32(f"{salt} {value!r}".encode()) if texts else hash(value)

    names["hash"] = of_this_process
    try:
        yield
    finally:
        del names["hash"]
        names.update(before)


def observe_restarts(answer: Any, record: dict[str, Any], values: np.ndarray, amount: float, seed: int) -> None:
    """Split the same texts in what could be several starts of Python, and once "again" in the first of them.

    The hash of a text is another one in every process, and with it the order of a set of texts. Names whose hash can be
    chosen show in one process what would come out in another; ``hashed`` holds the splits where, on top of that, a call
    of ``hash`` in the learner's code gives what it would there.
    """

    def split(salt: str) -> Any:
        try:
            return _sorted_parts(answer(_names(values, salt), amount, seed))
        except Exception:  # other cases judge what becomes of texts; this one only compares
            return None

    def split_with_hash(salt: str) -> Any:
        with _hash_of(answer, salt):
            return split(_SALTS[0])

    answer(values.copy(), amount, seed)  # an answer that cannot split texts stops here
    record["again"] = split(_SALTS[0])
    record["starts"] = [split(salt) for salt in _SALTS]
    record["hashed"] = [split_with_hash(salt) for salt in _SALTS]
