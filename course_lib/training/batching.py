"""How rows are cut into batches: what a call of ``fit`` asked for, and what holds where it said nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from course_lib.training.arguments import check_counts, check_seed

__all__ = [
    "PARTS",
    "ROWS_AT_ONCE",
    "Batching",
    "as_array",
    "check_batching",
    "check_kind",
    "check_pair",
    "described",
    "make_batching",
    "off_device",
]

ROWS_AT_ONCE = 1024  # in measuring, where nobody gave a batch size: no gradients are kept, so many rows fit


PARTS = "a pair (x, y) or three (x, y, weight)"  # what data is, and each of its batches


class Batching(NamedTuple):
    """How rows are cut into batches.

    ``rows_at_once`` is for measuring, and ``given`` names what was asked for instead of left at its default.
    """

    batch_size: int
    shuffle: bool
    seed: int
    rows_at_once: int
    given: frozenset[str] = frozenset()

    def for_measuring(self) -> Batching:
        """Return the same for rows that are measured in their own order."""
        return self._replace(batch_size=self.rows_at_once, shuffle=False)


def make_batching(batch_size: Any = None, shuffle: Any = True, seed: Any = 0) -> Batching:
    """Return how to cut rows into batches, or say which argument is wrong."""
    if batch_size is not None:
        check_counts(batch_size=batch_size)
    if not isinstance(shuffle, bool | np.bool_):
        raise ValueError(f"shuffle is {shuffle!r}; expected True or False")
    check_seed(seed)
    said = {"batch_size": batch_size is not None, "shuffle": not shuffle, "seed": seed != 0}
    size, at_once = (32, ROWS_AT_ONCE) if batch_size is None else (int(batch_size), int(batch_size))
    return Batching(size, bool(shuffle), int(seed), at_once, frozenset(name for name in said if said[name]))


def check_batching(batching: Batching, train: Any, val: Any = None, *, name: str = "train") -> None:
    """Raise for an argument that data which comes in batches already would leave without effect.

    Such data has an attribute ``brought``, the batch size it brings or `None` where that is unknown;
    ``own_batches`` says whether it was cut elsewhere.
    """
    own = [data for data in (train, val) if data is not None and data.own_batches]
    cut_here = 1 + (val is not None) - len(own)
    if "batch_size" in batching.given and not cut_here and any(data.brought != batching.batch_size for data in own):
        raise ValueError(
            f"batch_size={batching.batch_size} would have no effect, since {name} comes in batches already; set "
            "their size where they are made, and leave batch_size out here"
        )
    for argument in ("shuffle", "seed"):
        value = getattr(batching, argument)
        agrees = argument == "shuffle" and train.shuffles is value
        if argument in batching.given and train.own_batches and not agrees:
            raise ValueError(
                f"{argument}={value} would have no effect, since {name} comes in batches with an order of its own; "
                f"set it where they are made, and leave {argument} out here"
            )


def described(thing: Any) -> str:
    """Return ``a tuple of 3`` or ``a dict`` for an error message."""
    return f"a {type(thing).__name__}" + (f" of {len(thing)}" if isinstance(thing, tuple | list) else "")


def check_kind(name: str, data: Any) -> None:
    """Raise for what can be iterated over but holds no batches, such as x alone or a DataFrame."""
    if isinstance(data, np.ndarray | str | bytes | Mapping) or hasattr(data, "iloc") or hasattr(data, "detach"):
        raise TypeError(f"{name} is {described(data)}; expected {PARTS}, or data that yields such batches")


def off_device(values: Any) -> Any:
    """Return a tensor of torch off its graph and its GPU, in a precision that NumPy knows; anything else as it is."""
    if not hasattr(values, "detach"):
        return values
    values = values.detach().cpu()
    return values.double() if values.is_floating_point() else values


def as_array(name: str, values: Any) -> np.ndarray:
    """Return an array of numbers with a row a sample, or say what is wrong with it."""
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:  # rows of several lengths, tensors on a GPU
        reason = str(error).splitlines()[0]
        raise ValueError(f"{name} cannot be made into one array ({reason}); expected rows of equal length") from error
    if array.dtype.kind not in "fiub":
        hint = ""
        if hasattr(values, "to_numpy"):
            hint = "; convert its columns, as with .to_numpy('float32')"
        elif array.dtype.kind in "USO" and name.endswith("y"):
            hint = "; number the classes 0, 1, …"
        raise TypeError(f"{name} has dtype {array.dtype}; expected numbers{hint}")
    if array.ndim == 0:
        raise ValueError(f"{name} is a single number; expected one row a sample")
    if name.endswith("y") and array.dtype.kind in "iub" and array.dtype != np.int64:
        array = array.astype(np.int64)  # losses know few kinds of whole numbers
    return array


def check_pair(name: str, x: Any, y: Any) -> None:
    """Raise unless x and y have as many rows, and at least one."""
    if len(x) != len(y):
        raise ValueError(f"{name} has {len(x)} rows in x but {len(y)} in y; expected as many")
    if len(y) == 0:
        raise ValueError(f"{name} has no rows (x has shape {tuple(x.shape)}); expected at least one")
