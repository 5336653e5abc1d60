"""Is it evidence at all? What a kernel handed out may be forged, so its form is held before anything reads it."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["form_problem"]

#: More than any check notes: each result is read up to 50,000 elements.
MOST_PARTS = 2_000_000
MOST_DEPTH = 100
MOST_DIGITS = 400
#: The longest text of a check is 10,000 characters, and few are longer than `MANY`.
MOST_TEXT = 20_000
MANY = 300
MOST_TEXTS = 1_000_000
_FIELDS: dict[str, tuple[type, ...]] = {
    "evidence": (list,),
    "flags": (list,),
    "cases": (list,),
    "status": (str,),
    "missing": (str,),
}


def form_problem(data: dict[str, Any]) -> str | None:
    """Say in what the data of a check differs from what a check hands out, or return None.

    A judge reads evidence as a check wrote it: an array's shape fits its values, no number has a thousand
    digits, nothing is nested without end. Forged data could otherwise keep it busy for ever, or end it.

    Parameters
    ----------
    data : dict

    Examples
    --------
    >>> form_problem({"evidence": [], "flags": 5})
    'its flags are no list'
    >>> form_problem({"evidence": [{"run": "a", "seen": {"result": {"kind": "array", "shape": [9], "values": []}}}]})
    'an array whose shape does not fit its values'
    """
    for name, kinds in _FIELDS.items():
        if data.get(name) is not None and not isinstance(data[name], kinds):
            return f"its {name} are no {kinds[0].__name__}"
    todo: list[tuple[Any, int]] = [(data, 0)]
    parts = texts = 0
    while todo:
        value, depth = todo.pop()
        parts += 1
        if parts > MOST_PARTS:
            return "more of it than any check notes"
        if depth > MOST_DEPTH:
            return "nested without end"
        if isinstance(value, dict):
            if value.get("kind") == "array":
                if not _shape_fits(value):
                    return "an array whose shape does not fit its values"
                parts += max(value["shape"], default=0)  # an empty array may have a million rows
            todo += [(item, depth + 1) for pair in value.items() for item in pair]
        elif isinstance(value, list):
            todo += [(item, depth + 1) for item in value]
        elif isinstance(value, str):
            texts += len(value) if len(value) > MANY else 0
            if len(value) > MOST_TEXT or texts > MOST_TEXTS:
                return "a longer text than any check notes"
        elif isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
            return "a number of more digits than any has"
    return None


def _shape_fits(array: dict[str, Any]) -> bool:
    shape, values = array.get("shape"), array.get("values")
    if not isinstance(shape, list) or not isinstance(values, list):
        return False
    whole = all(type(size) is int and 0 <= size <= MOST_PARTS for size in shape)
    return whole and len(shape) <= MOST_DEPTH and math.prod(shape) == len(values)
