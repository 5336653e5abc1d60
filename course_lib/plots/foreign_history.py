"""Reading the records that others keep of a run: dictionaries, what Keras's ``fit`` returns, tables.

What matters is the place of each value. A column may be shorter than the number of epochs, or a table may
have several rows an epoch, and a validation loss drawn at the wrong epoch says something that never
happened. So a value is placed where its epoch is known, and where it is not, the reader asks.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["by_epoch", "is_table", "table_by_epoch"]

Columns = dict[str, NDArray[np.float64]]


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.asarray([] if values is None else values, dtype=np.float64).reshape(-1)


def by_epoch(
    columns: Mapping[str, Any],
    epochs: Sequence[int] | None = None,
    validation_freq: int | Iterable[int] | None = None,
) -> Columns:
    """Return columns of one value an epoch, NaN where there is none.

    Parameters
    ----------
    columns : mapping of str to sequence
        The columns; those that begin with ``val_`` may be shorter, as after Keras's ``validation_freq``.
    epochs : sequence of int, optional
        The numbers of the epochs as Keras keeps them, from 0; by default all from the first.
    validation_freq : int or iterable of int, optional
        What ``fit`` was given: rows were validated after every so many epochs, or after these epochs.

    Returns
    -------
    dict of str to numpy.ndarray
        Columns that are empty are left out.

    Raises
    ------
    ValueError
        If the columns differ in length and it is not known which epochs the values belong to.
    """
    every = {name: values for name, given in columns.items() if len(values := _numbers(given))}
    lengths = {name: len(values) for name, values in every.items()}
    trained = {length for name, length in lengths.items() if not name.startswith("val_")}
    validated = {length for name, length in lengths.items() if name.startswith("val_")}
    if len(trained | validated) <= 1 and (validation_freq is None or not validated):
        return every
    if len(trained) != 1 or len(validated) != 1:
        raise ValueError(_differ(lengths))
    (count,), (few,) = trained, validated
    numbers = np.arange(1, count + 1) if epochs is None or len(epochs) != count else np.asarray(epochs) + 1
    if validation_freq is not None:
        at = _asked(numbers, few, validation_freq)
    elif "loss" in columns and few < count:
        at = _guessed(numbers, few)
    else:
        raise ValueError(_differ(lengths))
    for name, values in every.items():
        if name.startswith("val_"):
            every[name] = np.full(count, np.nan)
            every[name][at] = values
    return every


def _differ(lengths: Mapping[str, int]) -> str:
    told = ", ".join(f"{name} has {length} value{'s' * (length != 1)}" for name, length in lengths.items())
    return (
        f"the columns of this history differ in length, so it is not known which epochs the values belong to: {told}; "
        "pass one value an epoch, and float('nan') for an epoch without one"
    )


def _asked(numbers: NDArray[np.int64], few: int, validation_freq: int | Iterable[int]) -> NDArray[np.intp]:
    """Return where the validated epochs are, as ``fit`` was told."""
    if isinstance(validation_freq, int):
        if validation_freq < 1:
            raise ValueError(f"validation_freq is {validation_freq}; expected at least 1")
        at = np.flatnonzero(numbers % validation_freq == 0)
    else:
        validation_freq = list(validation_freq)
        at = np.flatnonzero(np.isin(numbers, validation_freq))
    if len(at) != few:
        raise ValueError(
            f"with validation_freq={validation_freq}, {len(numbers)} epochs have {len(at)} validation losses, but this "
            f"history has {few}; pass what fit was given"
        )
    return at


def _guessed(numbers: NDArray[np.int64], few: int) -> NDArray[np.intp]:
    """Return where the validated epochs are, when only one ``validation_freq`` gives so many; say so."""
    patterns = {tuple(np.flatnonzero(numbers % freq == 0)): freq for freq in range(int(numbers[-1]), 0, -1)}
    fitting = [pattern for pattern in patterns if len(pattern) == few]
    if len(fitting) != 1:
        which = f"{len(fitting)} values of validation_freq give" if fitting else "no validation_freq gives"
        raise ValueError(
            f"this Keras history has {few} validation losses for {len(numbers)} epochs, and {which} so many; say which "
            "epochs were validated, as in History.from_keras(history, validation_freq=2) or validation_freq=[1, 4]"
        )
    (at,) = fitting
    warnings.warn(
        f"this Keras history has {few} validation losses for {len(numbers)} epochs. They are placed as after "
        f"validation_freq={patterns[at]}; if fit was given a list, pass it, as in "
        "History.from_keras(history, validation_freq=[1, 4])",
        UserWarning,
        stacklevel=4,
    )
    return np.array(at, dtype=np.intp)


def is_table(history: Any) -> bool:
    """Whether this is a DataFrame, of pandas or of a library like it."""
    return hasattr(history, "columns") and hasattr(history, "to_dict") and hasattr(history, "index")


#: What the loggers of this field call the two losses of an epoch, the course's own names first.
_NAMES = {
    "train_loss": ("train_loss", "train_loss_epoch", "loss", "loss_epoch"),
    "val_loss": ("val_loss", "val_loss_epoch"),
}


def table_by_epoch(table: Any) -> Columns:
    """Return ``train_loss`` and ``val_loss`` of a DataFrame, such as a logger's CSV file, by epoch.

    Where the table has an ``epoch`` column, or an index of that name, it says where a row belongs: several
    rows may share an epoch, as in Lightning's files, and epochs may be counted from 0 or from 1.
    """
    found = {ours: next((n for n in names if n in table.columns), None) for ours, names in _NAMES.items()}
    if found["train_loss"] is None and found["val_loss"] is None:
        known = ", ".join(map(str, table.columns)) or "none"
        raise TypeError(f"this table has no column train_loss, loss or val_loss; it has: {known}")
    if "epoch" in table.columns:
        epoch = _numbers(table["epoch"])
    elif getattr(table.index, "name", None) == "epoch":
        epoch = _numbers(table.index)
    else:
        epoch = np.arange(1.0, len(table) + 1)
    columns = {ours: _numbers(table[name]) for ours, name in found.items() if name is not None}
    kept = np.isfinite(epoch) & np.any([~np.isnan(values) for values in columns.values()], axis=0)
    if not kept.any():
        return {name: np.empty(0) for name in columns}
    numbers = epoch[kept].astype(int)
    if numbers.min() < 0 or (numbers != epoch[kept]).any():
        raise ValueError("the epochs of this table are not whole numbers from 0 or from 1")
    numbers = numbers + (np.nanmin(epoch) == 0)
    return {name: _placed(name, numbers, values[kept]) for name, values in columns.items()}


def _placed(name: str, numbers: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    column = np.full(numbers.max(), np.nan)
    for number, value in zip(numbers, values, strict=True):
        if np.isnan(value):
            continue
        if not np.isnan(column[number - 1]) and column[number - 1] != value:
            raise ValueError(
                f"{name} has several values in epoch {number} of this table; expected one an epoch, not one a step"
            )
        column[number - 1] = value
    return column
