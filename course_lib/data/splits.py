"""Splitting rows into parts without a leak, and a report that shows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Size", "SplitReport", "split_indices", "split_report"]


Size = float | int


def split_indices(
    y: ArrayLike,
    *,
    kind: str = "random",
    val_size: Size = 0.2,
    test_size: Size = 0,
    groups: ArrayLike | None = None,
    time: ArrayLike | None = None,
    seed: int = 0,
) -> dict[str, NDArray[np.int64]]:
    """Split row numbers into training, validation and perhaps test rows.

    Parameters
    ----------
    y : array of shape (rows,)
        Targets; what ``"stratified"`` keeps the proportions of.
    kind : {"random", "stratified", "group", "time"}
        ``"group"``: all rows of a group on one side; ``"time"``: the last rows are the test rows,
        those before them the validation rows.
    val_size, test_size : float or int
        Share of all rows, or number of rows; for ``"group"`` of groups. No test rows by default.
    groups : array of shape (rows,), optional
        Whose row it is, for ``"group"``.
    time : array of shape (rows,), optional
        When it was, for ``"time"``; by default the rows are in order.
    seed : int
        Which random split.

    Returns
    -------
    dict of str to array of int64
        ``"train"``, ``"val"`` and, if asked for, ``"test"``.

    Raises
    ------
    ValueError
        If a part would be empty, or the arguments do not fit together.

    Notes
    -----
    Random, stratified and group splits are scikit-learn's.

    Examples
    --------
    >>> parts = split_indices([0] * 8 + [1] * 2, kind="stratified", val_size=0.5)
    >>> {name: len(rows) for name, rows in parts.items()}
    {'train': 5, 'val': 5}
    """
    y = np.asarray(y)
    if kind not in ("random", "stratified", "group", "time"):
        raise ValueError(f"kind is '{kind}'; expected 'random', 'stratified', 'group' or 'time'")
    if kind == "group":
        return _group_split(groups, len(y), val_size, test_size, seed)
    n_val, n_test = count_of(val_size, len(y), "val_size"), count_of(test_size, len(y), "test_size")
    if n_val < 1 or n_val + n_test >= len(y):
        raise ValueError(
            f"{len(y)} rows do not give {n_val} validation and {n_test} test rows and leave some for training"
        )
    if kind == "time":
        if time is not None and len(np.asarray(time)) != len(y):
            raise ValueError(f"there are {len(np.asarray(time))} times for {len(y)} rows; expected one a row")
        order = np.arange(len(y)) if time is None else np.argsort(np.asarray(time), kind="stable")
        cuts = [len(y) - n_val - n_test, len(y) - n_test]
        return named(*np.split(order, cuts))
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    by = y if kind == "stratified" else None
    rest, val = train_test_split(rows, test_size=n_val, random_state=seed, stratify=by)
    test = rows[:0]
    if n_test:
        rest, test = train_test_split(
            rest, test_size=n_test, random_state=seed, stratify=None if by is None else y[rest]
        )
    return named(rest, val, test)


def _group_split(groups: ArrayLike | None, rows: int, val_size: Size, test_size: Size, seed: int) -> dict[str, Any]:
    if groups is None:
        raise ValueError("kind='group' needs groups: whose row each row is")
    groups = np.asarray(groups)
    if len(groups) != rows:
        raise ValueError(f"there are {len(groups)} groups for {rows} rows; expected one a row")
    from sklearn.model_selection import GroupShuffleSplit

    count = len(np.unique(groups))
    n_val, n_test = count_of(val_size, count, "val_size"), count_of(test_size, count, "test_size")
    if n_val < 1 or n_val + n_test >= count:
        raise ValueError(f"{count} groups do not give {n_val} validation and {n_test} test groups and leave some")
    everything = np.arange(rows)
    rest, val = next(GroupShuffleSplit(1, test_size=n_val, random_state=seed).split(everything, groups=groups))
    test = everything[:0]
    if n_test:
        splitter = GroupShuffleSplit(1, test_size=n_test, random_state=seed)
        kept, out = next(splitter.split(rest, groups=groups[rest]))
        rest, test = rest[kept], rest[out]
    return named(rest, val, test)


def count_of(size: Size, total: int, name: str) -> int:
    whole = isinstance(size, Integral)
    if isinstance(size, bool) or not isinstance(size, Real) or not (0 <= size < (math.inf if whole else 1)):
        raise ValueError(f"{name} is {size!r}; expected a share between 0 and 1, or a number of rows")
    return int(size) if whole else math.ceil(size * total - 1e-9)


def named(train: Any, val: Any, test: Any) -> dict[str, NDArray[np.int64]]:
    parts = {"train": np.asarray(train, dtype=np.int64), "val": np.asarray(val, dtype=np.int64)}
    return {**parts, "test": np.asarray(test, dtype=np.int64)} if len(test) else parts


@dataclass(frozen=True)
class SplitReport:
    """What is wrong with a split, counted; empty lists when nothing is.

    Attributes
    ----------
    sizes : dict of str to int
        Rows of each part.
    overlaps : list of (part, part, int)
        Row numbers that two parts share, and how many.
    duplicates : list of (part, part, int)
        Rows of the second part whose features are, number for number, those of a row of the first.
    group_leaks : list of (part, part, list)
        Groups with rows in both parts.
    proportions : dict of str to dict
        Share of each label in each part.
    """

    sizes: dict[str, int]
    overlaps: list[tuple[str, str, int]]
    duplicates: list[tuple[str, str, int]]
    group_leaks: list[tuple[str, str, list[Any]]]
    proportions: dict[str, dict[int, float]]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not (self.overlaps or self.duplicates or self.group_leaks)

    def __str__(self) -> str:
        lines = ["rows: " + ", ".join(f"{name} {size}" for name, size in self.sizes.items())]
        for one, other, count in self.overlaps:
            lines.append(f"overlap: {count} row numbers are both in {one} and in {other}")
        for one, other, count in self.duplicates:
            lines.append(f"duplicates: {count} rows of {other} have the same features as a row of {one}")
        for one, other, who in self.group_leaks:
            some = ", ".join(map(str, who[:5])) + (", …" if len(who) > 5 else "")
            lines.append(f"group leak: {len(who)} groups have rows both in {one} and in {other}: {some}")
        if self.ok:
            lines.append("no overlap, no duplicates, no group on two sides")
        return "\n".join(lines)


def split_report(
    parts: dict[str, Any],
    *,
    index: dict[str, ArrayLike] | dict[str, NDArray[np.int64]] | None = None,
    groups: dict[str, ArrayLike] | dict[str, NDArray[Any]] | None = None,
) -> SplitReport:
    """Look for rows that are on two sides of a split.

    Parameters
    ----------
    parts : dict of str to (x, y)
        The parts, such as ``{"train": (x_train, y_train), "val": (x_val, y_val)}``.
    index : dict of str to array, optional
        Row numbers of each part in the unsplit table.
    groups : dict of str to array, optional
        The group of each row.

    Returns
    -------
    SplitReport
        ``print`` it, or ask ``report.ok``.

    Examples
    --------
    >>> x, y = np.arange(6.0)[:, None], np.zeros(6, int)
    >>> report = split_report({"train": (x[:4], y[:4]), "val": (x[3:], y[3:])})
    >>> report.duplicates
    [('train', 'val', 1)]
    """
    names = list(parts)
    pairs = [(one, other) for i, one in enumerate(names) for other in names[i + 1 :]]
    features = {name: np.asarray(parts[name][0]) for name in names}
    dtype = np.result_type(*features.values()) if features else None
    rows = {name: _as_bytes(x.astype(dtype)) for name, x in features.items()}
    overlaps, duplicates, leaks = [], [], []
    for one, other in pairs:
        if index and one in index and other in index:
            shared = np.intersect1d(index[one], index[other])
            if len(shared):
                overlaps.append((one, other, len(shared)))
        seen = set(rows[one])
        repeated = sum(row in seen for row in rows[other])
        if repeated:
            duplicates.append((one, other, repeated))
        if groups and one in groups and other in groups:
            both = np.intersect1d(groups[one], groups[other])
            if len(both):
                leaks.append((one, other, both.tolist()))
    return SplitReport({name: len(parts[name][1]) for name in names}, overlaps, duplicates, leaks, _proportions(parts))


def _as_bytes(x: NDArray[Any]) -> list[bytes]:
    """Return each row as bytes, 0.0 and -0.0 alike."""
    x = np.ascontiguousarray(x.reshape(len(x), -1) + 0)
    return [row.tobytes() for row in x]


def _proportions(parts: dict[str, Any]) -> dict[str, dict[int, float]]:
    shares = {}
    for name, (_, y) in parts.items():
        y = np.asarray(y)
        if y.dtype.kind in "iu" and len(y):
            labels, counts = np.unique(y, return_counts=True)
            shares[name] = {int(k): float(v) for k, v in zip(labels, counts / len(y), strict=True)}
    return shares
