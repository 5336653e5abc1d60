"""What a data set is: rows, parts, and the scaling that was learned on the training rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_lib.data.splits import SplitReport, split_report

__all__ = ["Data", "Rows", "Scaler"]


class Rows(NamedTuple):
    """Features and targets of some rows; unpacks as ``x, y = rows``.

    ``x`` has shape ``(rows, …)``, ``y`` shape ``(rows,)``, or ``(rows, 1)`` for regression.
    """

    x: NDArray[Any]
    y: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Data:
    """A data set, split.

    Attributes
    ----------
    train, val : Rows
        What ``fit(model, data.train, data.val, …)`` takes.
    test : Rows or None
        Rows for one single look at the very end.
    name : str
        Which data set.
    classes : tuple of str
        Names of the labels 0, 1, …; empty for regression.
    features : tuple of str
        Names of the columns of ``x``; empty where they have none.
    index : dict of str to array
        Row numbers in the unsplit set, under ``"train"``, ``"val"`` and ``"test"``.
    groups : dict of str to array
        The group (person, place) of each row, by part; empty where there is none.
    scaler : Scaler or None
        What was learnt from the training rows and applied to all parts.
    note : str
        Anything to know, such as that a stand-in is used.
    """

    train: Rows
    val: Rows
    test: Rows | None = None
    name: str = ""
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    index: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    groups: dict[str, NDArray[Any]] = field(default_factory=dict)
    scaler: Scaler | None = None
    note: str = ""

    @property
    def parts(self) -> dict[str, Rows]:
        """The parts there are, by name."""
        parts = {"train": self.train, "val": self.val}
        return parts if self.test is None else {**parts, "test": self.test}

    def report(self) -> SplitReport:
        """Look for overlaps, duplicates and group leaks; see `split_report`."""
        return split_report(self.parts, index=self.index, groups=self.groups)

    def __repr__(self) -> str:
        words = {"train": "training", "val": "validation", "test": "test"}
        rows = ", ".join(f"{len(part.y)} {words[name]}" for name, part in self.parts.items())
        kind = f"{len(self.classes)} classes" if self.classes else "regression"
        text = f"Data '{self.name}': {rows} rows of shape {self.train.x.shape[1:]}, {kind}"
        return text + (f" ({self.note})" if self.note else "")


class Scaler:
    """Mean 0 and standard deviation 1 for each column, learnt from the rows it is made with.

    Parameters
    ----------
    train : array of shape (rows, …)
        The **training** rows; statistics of any other row would leak.

    Attributes
    ----------
    mean, deviation : array
        Of each column; a column that does not vary keeps deviation 1.

    Examples
    --------
    >>> scale = Scaler(np.array([[0.0], [2.0]]))
    >>> scale(np.array([[4.0]]))
    array([[3.]], dtype=float32)
    """

    def __init__(self, train: ArrayLike) -> None:
        x = np.asarray(train, dtype=np.float64)
        if len(x) == 0:
            raise ValueError("there are no rows to learn mean and deviation from")
        self.mean = x.mean(axis=0)
        deviation = x.std(axis=0)
        # The rounding of a mean leaves equal fractions a deviation of 1e-17: the numbers themselves say what varies.
        self.deviation = np.where((x == x[0]).all(axis=0), 1.0, deviation)

    def __call__(self, x: ArrayLike) -> NDArray[np.float32]:
        """Return scaled rows as float32."""
        return ((np.asarray(x) - self.mean) / self.deviation).astype(np.float32)

    def undo(self, x: ArrayLike) -> NDArray[np.float64]:
        """Return rows in their own units again."""
        return np.asarray(x) * self.deviation + self.mean
