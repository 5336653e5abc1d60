"""Turning whatever an answer returns into plain data that can be compared, stored and sent elsewhere.

A check never compares a learner's own objects: they are first read into dictionaries, lists, numbers
and strings. That makes a Python float, a NumPy scalar and a 0-d tensor equal in worth, keeps an object
whose ``__eq__`` always says yes from being believed, and lets another process judge the same answer
from JSON.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
import numbers
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np

__all__ = [
    "LIMIT",
    "Plain",
    "as_plain",
    "describe",
    "dict_of",
    "has_graph",
    "list_of",
    "number_of",
    "show",
    "show_apart",
    "type_name",
]

#: A value that has been read: a dictionary whose "kind" is number, bool, text, none, array, list, dict,
#: object, function or too_big.
Plain = dict[str, Any]

#: The most elements of one answer that are read. What is larger is reported as too big.
LIMIT = 50_000

_MAX_DEPTH = 12


def type_name(value: object) -> str:
    """Return a short name of a value's type, such as ``float``, ``numpy.ndarray`` or ``torch.Tensor``."""
    kind = type(value)
    module = str(getattr(kind, "__module__", "")).split(".")[0]
    name = str(getattr(kind, "__name__", "object"))[:80]
    return name if module in ("builtins", "__main__", "") else f"{module}.{name}"


def _encode(number: float) -> float | str:
    """Return a number as JSON keeps it; ``float`` reads "nan" and "inf" back."""
    return number if math.isfinite(number) else str(number)


def _number(value: float, kind: str, graph: bool = False) -> Plain:
    return {"kind": "number", "value": _encode(float(value)), "type": kind, "graph": graph}


def _array(value: np.ndarray, kind: str, graph: bool = False) -> Plain:
    if value.size > LIMIT:
        return {"kind": "too_big", "type": kind, "shape": list(value.shape)}
    if value.dtype.kind in "US":
        return _sequence(value.tolist(), kind) if value.ndim else {"kind": "text", "value": str(value)[:10_000]}
    if value.dtype.kind == "O":
        return describe(value.tolist())
    if value.dtype.kind not in "biuf":
        return {"kind": "object", "type": f"{kind} of {value.dtype}"}
    if value.ndim == 0:
        if value.dtype.kind == "b":
            return {"kind": "bool", "value": bool(value), "type": kind}
        return _number(float(value), kind, graph)
    flat = [_encode(float(v)) for v in value.astype(np.float64).ravel()]
    return {
        "kind": "array",
        "values": flat,
        "shape": list(value.shape),
        "dtype": str(value.dtype),
        "type": kind,
        "graph": graph,
    }


def _tensor(value: Any) -> Plain | None:
    """Read a tensor of a framework that is loaded; ``None`` if the value is no tensor of one."""
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        graph = bool(value.requires_grad)
        if value.numel() > LIMIT:
            return {"kind": "too_big", "type": "torch.Tensor", "shape": list(value.shape)}
        data = value.detach().cpu()
        if data.dtype in (torch.bfloat16, torch.float16):
            data = data.float()
        return _array(np.asarray(data.resolve_conj().resolve_neg().numpy()), "torch.Tensor", graph)
    kind = type_name(value)
    if kind.startswith(("tensorflow.", "keras.")) and callable(getattr(value, "numpy", None)):
        return _array(np.asarray(value.numpy()), kind)
    return None


def _sequence(values: Iterable[Any], kind: str, depth: int = 0, left: list[int] | None = None) -> Plain:
    left = [LIMIT] if left is None else left
    items: list[Plain] = []
    for item in itertools.islice(iter(values), LIMIT + 1):
        left[0] -= 1
        if left[0] < 0:
            return {"kind": "too_big", "type": kind}
        items.append(_describe(item, depth + 1, left))
    return {"kind": "list", "items": items, "type": kind}


def _mapping(values: Iterable[tuple[Any, Any]], kind: str, depth: int, left: list[int]) -> Plain:
    items: list[list[Any]] = []
    for key, item in itertools.islice(iter(values), LIMIT + 1):
        left[0] -= 1
        if left[0] < 0:
            return {"kind": "too_big", "type": kind}
        name = (key if type(key) is str else repr(key))[:200]
        items.append([name, _describe(item, depth + 1, left)])
    return {"kind": "dict", "items": items, "type": kind}


def _describe(value: Any, depth: int, left: list[int]) -> Plain:
    kind = type_name(value)
    if value is None or value is Ellipsis or value is NotImplemented:
        return {"kind": "none", "type": kind}
    if isinstance(value, (bool, np.bool_)):
        return {"kind": "bool", "value": bool(value), "type": kind}
    if isinstance(value, str):
        return {"kind": "text", "value": str.__str__(value)[:10_000], "type": kind}
    if isinstance(value, (numbers.Real, Decimal)):
        try:
            return _number(float(value), kind)
        except OverflowError:
            return _number(-math.inf if str(value).startswith("-") else math.inf, kind)
    if depth > _MAX_DEPTH:
        return {"kind": "too_big", "type": kind}
    array = _array(value, kind) if isinstance(value, np.ndarray) else _tensor(value)
    if array is not None:
        left[0] -= len(array.get("values", ()))
        return array if left[0] >= 0 else {"kind": "too_big", "type": kind}
    if isinstance(value, type) or callable(value):
        return {"kind": "function", "type": kind}
    if isinstance(value, Mapping):
        return _mapping(value.items(), kind, depth, left)
    if kind.startswith("pandas.") and hasattr(value, "columns"):
        return _mapping(((name, value[name]) for name in value.columns), kind, depth, left)
    if dataclasses.is_dataclass(value):
        fields = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return _mapping(fields, kind, depth, left)
    has_items = hasattr(type(value), "__iter__") or hasattr(type(value), "__getitem__")
    if has_items and not isinstance(value, (bytes, bytearray)):
        try:
            return _sequence(value, kind, depth, left)
        except TypeError:
            pass
    if hasattr(type(value), "__float__"):
        return _number(float(value), kind)
    return {"kind": "object", "type": kind}


def describe(value: Any) -> Plain:
    """Read any value into plain data.

    Parameters
    ----------
    value : object
        What an answer returned. Iterators are run through, up to `LIMIT` elements.

    Returns
    -------
    dict
        Its "kind" and what belongs to it. It survives ``json.dumps`` and ``json.loads`` unchanged.

    Examples
    --------
    >>> describe(np.float32(1.5))
    {'kind': 'number', 'value': 1.5, 'type': 'numpy.float32', 'graph': False}
    >>> describe([1, None])["items"][1]["kind"]
    'none'
    """
    return _describe(value, 0, [LIMIT])


def as_plain(value: Any) -> Plain:
    """Return a value as plain data, also one that is plain data already."""
    return value if isinstance(value, dict) and "kind" in value else describe(value)


def number_of(plain: Plain | None) -> float | None:
    """Return the number that was given, or ``None`` if it was no number.

    Examples
    --------
    >>> number_of(describe(2))
    2.0
    >>> number_of(describe("2")) is None
    True
    """
    return None if plain is None or plain.get("kind") != "number" else float(plain["value"])


def list_of(plain: Plain | None) -> list[Plain] | None:
    """Return the elements of a list, tuple or array (its rows), or ``None`` if it was none.

    A dataclass instance counts as the list of its fields, a mapping does not.

    Examples
    --------
    >>> [number_of(p) for p in list_of(describe(np.array([1.0, 2.0])))]
    [1.0, 2.0]
    """
    if plain is None:
        return None
    if plain["kind"] == "list":
        return list(plain["items"])
    if plain["kind"] == "array":
        shape = plain["shape"]
        about = {"type": plain["type"], "graph": plain["graph"]}
        if len(shape) == 1:
            return [{"kind": "number", "value": v, **about} for v in plain["values"]]
        step = math.prod(shape[1:])
        rest = {"kind": "array", "shape": shape[1:], "dtype": plain["dtype"], **about}
        return [{**rest, "values": plain["values"][i * step : (i + 1) * step]} for i in range(shape[0])]
    return None


def dict_of(plain: Plain | None) -> dict[str, Plain] | None:
    """Return what a mapping held under its keys, or ``None`` if it was no mapping."""
    return None if plain is None or plain["kind"] != "dict" else dict(plain["items"])


def has_graph(plain: Plain | None) -> bool:
    """Whether a tensor that still carries its graph of gradients is anywhere in the answer."""
    if plain is None:
        return False
    if plain["kind"] == "list":
        return any(map(has_graph, plain["items"]))
    if plain["kind"] == "dict":
        return any(has_graph(item) for _, item in plain["items"])
    return bool(plain.get("graph"))


def _short(value: float | str, digits: int) -> str:
    number = float(value)
    if math.isfinite(number) and number == int(number) and abs(number) < 1e6:
        return str(int(number))
    return f"{number:.{digits}g}"


def show_apart(given: Any, expected: Any) -> tuple[str, str]:
    """Return two values as text, with as many digits as it takes to see that they differ.

    Examples
    --------
    >>> show_apart(0.123456, 0.123467)
    ('0.123456', '0.123467')
    """
    for digits in (4, 6, 9, 17):
        pair = show(given, digits=digits), show(expected, digits=digits)
        if pair[0] != pair[1]:
            break
    return pair


def show(value: Any, most: int = 8, digits: int = 4) -> str:
    """Return a value, plain or not, as a learner should read it: short, four significant digits.

    Examples
    --------
    >>> show([1.0, 2.123456])
    '[1, 2.123]'
    """
    plain = as_plain(value)
    kind = plain["kind"]
    if kind == "number":
        return _short(plain["value"], digits)
    if kind == "bool":
        return str(plain["value"])
    if kind == "text":
        return repr(plain["value"][:80])
    if kind == "none":
        return "nothing (None)" if plain.get("type") == "NoneType" else "..."
    if kind == "dict":
        inner = ", ".join(f"{key!r}: {show(item, most, digits)}" for key, item in plain["items"][:most])
        return "{" + inner + (", ...}" if len(plain["items"]) > most else "}")
    if kind in ("list", "array"):
        items = list_of(plain) or []
        inner = ", ".join(show(item, most, digits) for item in items[:most])
        return f"[{inner}{', ...' if len(items) > most else ''}]"
    if kind == "too_big":
        return f"a {plain.get('type')} too big to read"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    name = plain.get("type", kind)
    return name if name == "bytes" else f"a {name}"
