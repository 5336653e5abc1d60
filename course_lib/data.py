"""Data for the lessons: real sets that come with scikit-learn, made-up ones with a known truth, and splits.

Every loader returns a `Data`: NumPy arrays (float32 features, int64 labels or float32 targets),
split into training, validation and perhaps test rows, scaled by statistics of the **training rows
only**. The same seed gives the same rows. `split_report` looks for what splits get wrong.
"""

from __future__ import annotations

import math
import os
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from course_lib.notebook.quiet import quiet_import

__all__ = [
    "Data",
    "Rows",
    "Scaler",
    "SplitReport",
    "breast_cancer",
    "diabetes",
    "digits",
    "from_csv",
    "grouped_rows",
    "keras_datasets",
    "mnist",
    "moons",
    "noisy_sine",
    "split_indices",
    "split_report",
    "time_ordered_rows",
    "torch_loaders",
    "wine",
]

#: How long a network that does not answer is waited for, where a stand-in is at hand.
NETWORK_SECONDS = 10.0

Size = float | int


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


# ---------------------------------------------------------------------------- splits


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
    n_val, n_test = _count(val_size, len(y), "val_size"), _count(test_size, len(y), "test_size")
    if n_val < 1 or n_val + n_test >= len(y):
        raise ValueError(
            f"{len(y)} rows do not give {n_val} validation and {n_test} test rows and leave some for training"
        )
    if kind == "time":
        if time is not None and len(np.asarray(time)) != len(y):
            raise ValueError(f"there are {len(np.asarray(time))} times for {len(y)} rows; expected one a row")
        order = np.arange(len(y)) if time is None else np.argsort(np.asarray(time), kind="stable")
        cuts = [len(y) - n_val - n_test, len(y) - n_test]
        return _named(*np.split(order, cuts))
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(y))
    by = y if kind == "stratified" else None
    rest, val = train_test_split(rows, test_size=n_val, random_state=seed, stratify=by)
    test = rows[:0]
    if n_test:
        rest, test = train_test_split(
            rest, test_size=n_test, random_state=seed, stratify=None if by is None else y[rest]
        )
    return _named(rest, val, test)


def _group_split(groups: ArrayLike | None, rows: int, val_size: Size, test_size: Size, seed: int) -> dict[str, Any]:
    if groups is None:
        raise ValueError("kind='group' needs groups: whose row each row is")
    groups = np.asarray(groups)
    if len(groups) != rows:
        raise ValueError(f"there are {len(groups)} groups for {rows} rows; expected one a row")
    from sklearn.model_selection import GroupShuffleSplit

    count = len(np.unique(groups))
    n_val, n_test = _count(val_size, count, "val_size"), _count(test_size, count, "test_size")
    if n_val < 1 or n_val + n_test >= count:
        raise ValueError(f"{count} groups do not give {n_val} validation and {n_test} test groups and leave some")
    everything = np.arange(rows)
    rest, val = next(GroupShuffleSplit(1, test_size=n_val, random_state=seed).split(everything, groups=groups))
    test = everything[:0]
    if n_test:
        splitter = GroupShuffleSplit(1, test_size=n_test, random_state=seed)
        kept, out = next(splitter.split(rest, groups=groups[rest]))
        rest, test = rest[kept], rest[out]
    return _named(rest, val, test)


def _count(size: Size, total: int, name: str) -> int:
    whole = isinstance(size, Integral)
    if isinstance(size, bool) or not isinstance(size, Real) or not (0 <= size < (math.inf if whole else 1)):
        raise ValueError(f"{name} is {size!r}; expected a share between 0 and 1, or a number of rows")
    return int(size) if whole else math.ceil(size * total - 1e-9)


def _named(train: Any, val: Any, test: Any) -> dict[str, NDArray[np.int64]]:
    parts = {"train": np.asarray(train, dtype=np.int64), "val": np.asarray(val, dtype=np.int64)}
    return {**parts, "test": np.asarray(test, dtype=np.int64)} if len(test) else parts


def _make(
    name: str,
    x: NDArray[Any],
    y: NDArray[Any],
    index: dict[str, NDArray[np.int64]],
    *,
    scale: str = "standard",
    unit: float = 1.0,
    classes: Sequence[str] = (),
    features: Sequence[str] = (),
    groups: NDArray[Any] | None = None,
    note: str = "",
) -> Data:
    """Scale by the training rows and cut into parts."""
    scaler = None
    transform: Callable[[NDArray[Any]], NDArray[np.float32]]
    if scale == "standard":
        transform = scaler = Scaler(x[index["train"]])
    elif scale in ("unit", "none"):
        divisor = unit if scale == "unit" else 1.0
        transform = lambda rows: (rows / divisor).astype(np.float32)  # noqa: E731
    else:
        raise ValueError(f"scale is '{scale}'; expected 'standard', 'unit' or 'none'")
    y = y.astype(np.int64) if len(classes) else y.astype(np.float32).reshape(len(y), -1)
    rows = {part: Rows(transform(x[where]), y[where]) for part, where in index.items()}
    return Data(
        rows["train"],
        rows["val"],
        rows.get("test"),
        name=name,
        classes=tuple(map(str, classes)),
        features=tuple(map(str, features)),
        index=index,
        groups={} if groups is None else {part: groups[where] for part, where in index.items()},
        scaler=scaler,
        note=note,
    )


# ---------------------------------------------------------------------------- real data


def digits(
    *, val_size: Size = 0.2, test_size: Size = 0, scale: str = "standard", copies: int = 1, seed: int = 0
) -> Data:
    """Handwritten digits: 1,797 images of 8 × 8 pixels, 10 classes, split by stratified sampling.

    Parameters
    ----------
    val_size, test_size : float or int
        Share of all rows, or number of rows.
    scale : {"standard", "unit", "none"}
        ``"standard"``: mean 0 and standard deviation 1 for each pixel over the training rows;
        ``"unit"``: divided by 16, so that pixels lie in 0 … 1; ``"none"``: as they are, 0 … 16.
    copies : int
        Repeat the training rows so many times, for measuring speed.
    seed : int
        Which split.

    Returns
    -------
    Data
        ``x`` float32 of shape ``(rows, 64)``, ``y`` int64 of shape ``(rows,)``. By default 1,437
        training and 360 validation rows.

    Examples
    --------
    >>> data = digits()
    >>> data.train.x.shape, data.val.x.shape
    ((1437, 64), (360, 64))
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    index = split_indices(y, kind="stratified", val_size=val_size, test_size=test_size, seed=seed)
    index["train"] = np.tile(index["train"], copies)
    names = [f"pixel {row},{column}" for row in range(8) for column in range(8)]
    return _make("digits", x, y, index, scale=scale, unit=16.0, classes=list("0123456789"), features=names)


def breast_cancer(*, val_size: Size = 0.2, test_size: Size = 0, scale: str = "standard", seed: int = 0) -> Data:
    """Breast cancer, Wisconsin: 569 tumours, 30 measurements, malignant (0) or benign (1); stratified."""
    return _bundled("load_breast_cancer", "breast cancer", val_size, test_size, scale, seed)


def wine(*, val_size: Size = 0.2, test_size: Size = 0, scale: str = "standard", seed: int = 0) -> Data:
    """Wine: 178 wines, 13 chemical measurements, 3 growers; stratified."""
    return _bundled("load_wine", "wine", val_size, test_size, scale, seed)


def diabetes(*, val_size: Size = 0.2, test_size: Size = 0, scale: str = "standard", seed: int = 0) -> Data:
    """Diabetes: 442 patients, 10 measurements, disease progression after a year (regression); random split.

    The targets have shape ``(rows, 1)`` and are standardised by the training rows too, so that a mean
    squared error of 1 is that of predicting the mean.
    """
    from sklearn.datasets import load_diabetes

    bunch = load_diabetes(scaled=False)
    index = split_indices(bunch.target, val_size=val_size, test_size=test_size, seed=seed)
    targets = Scaler(bunch.target[index["train"], None])(bunch.target[:, None])
    return _make("diabetes", bunch.data, targets, index, scale=scale, features=bunch.feature_names)


def _bundled(loader: str, name: str, val_size: Size, test_size: Size, scale: str, seed: int) -> Data:
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    index = split_indices(bunch.target, kind="stratified", val_size=val_size, test_size=test_size, seed=seed)
    return _make(
        name, bunch.data, bunch.target, index, scale=scale, classes=bunch.target_names, features=bunch.feature_names
    )


def _keras() -> Any:
    """Import Keras for its loaders; where PyTorch is at work, on PyTorch, so that TensorFlow need not be loaded."""
    backend = os.environ.get("KERAS_BACKEND")
    if backend is None and "torch" in sys.modules and not {"keras", "tensorflow"} & set(sys.modules):
        os.environ["KERAS_BACKEND"] = "torch"  # read once, while keras is imported
    try:
        return quiet_import("keras")
    finally:
        if backend is None:
            os.environ.pop("KERAS_BACKEND", None)


def mnist(*, rows: int | None = None, val_size: Size = 0.2, scale: str = "unit", seed: int = 0) -> Data:
    """MNIST through Keras's loader, which keeps it in ``~/.keras``; digits where there is no network.

    Parameters
    ----------
    rows : int, optional
        Use only so many of the 60,000 training images.
    val_size, scale, seed
        As for `digits`; ``"unit"`` divides by 255.

    Returns
    -------
    Data
        ``x`` of shape ``(rows, 784)``; the 10,000 official test images as ``test``. When the download
        fails, or the network has not answered for ten seconds, scikit-learn's digits, and ``note`` says so.
    """
    keras = _keras()
    waiting = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_SECONDS)
    try:
        (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    except Exception:  # Keras raises a bare Exception for every failed download
        data = digits(val_size=val_size, test_size=0.2, scale=scale, seed=seed)
        note = "MNIST could not be loaded (is there a network?): these are scikit-learn's 8 × 8 digits instead"
        return Data(**{**vars(data), "note": note})
    finally:
        socket.setdefaulttimeout(waiting)
    x, y = x[:rows], y[:rows]
    index = split_indices(y, kind="stratified", val_size=val_size, seed=seed)
    index["test"] = np.arange(len(y), len(y) + len(y_test))
    pixels = np.concatenate([x, x_test]).reshape(-1, 784)
    labels = np.concatenate([y, y_test])
    return _make("MNIST", pixels, labels, index, scale=scale, unit=255.0, classes=list("0123456789"))


def from_csv(
    path: str | os.PathLike[str],
    target: str,
    *,
    kind: str = "auto",
    val_size: Size = 0.2,
    test_size: Size = 0,
    group: str | None = None,
    time: str | None = None,
    scale: str = "standard",
    seed: int = 0,
) -> Data:
    """Read your own table: numeric columns are the features, one column is the target.

    Parameters
    ----------
    path : path
        A CSV file with a header.
    target : str
        The column to predict. Text, True and False, or whole numbers with at most 20 different values,
        are taken as classes; anything else as regression.
    kind : {"auto", "random", "stratified", "group", "time"}
        How to split; ``"auto"``: by `group` or `time` if given, otherwise stratified for classes.
    val_size, test_size, scale, seed
        As for `digits`.
    group, time : str, optional
        Columns that say whose row it is, or when it was; they are no features.

    Returns
    -------
    Data

    Raises
    ------
    ValueError
        If a column is missing, or a value is.
    """
    import pandas as pd

    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {os.fspath(path)}")
    table = pd.read_csv(path)
    for name in filter(None, (target, group, time)):
        if name not in table:
            raise ValueError(f"{os.fspath(path)} has no column '{name}'; it has: {', '.join(map(str, table.columns))}")
    features = table.drop(columns=[name for name in (target, group, time) if name]).select_dtypes("number")
    if features.shape[1] == 0:
        raise ValueError(f"{os.fspath(path)} has no numeric column besides the target; turn text into numbers first")
    used = pd.concat([features, table[[name for name in (target, group, time) if name]]], axis=1)
    holes = used.isna().sum()
    if holes.any():
        worst = str(holes.idxmax())
        raise ValueError(
            f"column '{worst}' has {holes[worst]} empty cells; fill or drop such rows first (with statistics of the "
            "training rows only)"
        )
    classes: list[str] = []
    y = table[target].to_numpy()
    if (
        not pd.api.types.is_numeric_dtype(table[target])
        or pd.api.types.is_bool_dtype(table[target])
        or (pd.api.types.is_integer_dtype(table[target]) and table[target].nunique() <= 20)
    ):
        names, y = np.unique(y, return_inverse=True)
        classes = list(map(str, names))
    if kind == "auto":
        kind = "group" if group else "time" if time else "stratified" if classes else "random"
    groups = table[group].to_numpy() if group else None
    when = table[time].to_numpy() if time else None
    index = split_indices(y, kind=kind, val_size=val_size, test_size=test_size, groups=groups, time=when, seed=seed)
    x = features.to_numpy(dtype=np.float64)
    return _make(
        Path(path).stem, x, y, index, scale=scale, classes=classes, features=list(features.columns), groups=groups
    )


# ---------------------------------------------------------------------------- made-up data with a known truth


def moons(
    *, rows: int = 500, val_size: Size = 0.8, noise: float = 0.2, flipped: float = 0.1, seed: int = 0, copies: int = 1
) -> Data:
    """Two half moons with some labels flipped: the set on which overfitting is best seen.

    Parameters
    ----------
    rows : int
        Rows in all; by default 100 training and 400 validation rows.
    val_size : float or int
        Share or number of validation rows.
    noise : float
        Standard deviation of the points around their moon.
    flipped : float
        Share of labels, in both parts, that are wrong.
    seed : int
        Which points.
    copies : int
        Repeat the training rows so many times, for measuring speed.

    Returns
    -------
    Data
        ``x`` of shape ``(rows, 2)``, ``y`` 0 or 1.
    """
    from sklearn.datasets import make_moons

    if not 0 <= flipped <= 1:
        raise ValueError(f"flipped is {flipped}; expected a share between 0 and 1")
    x, y = make_moons(rows, noise=noise, random_state=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(rows)[: round(flipped * rows)]
    y[wrong] = 1 - y[wrong]
    index = split_indices(y, val_size=val_size, seed=seed)
    index["train"] = np.tile(index["train"], copies)
    return _make("moons", x, y, index, scale="none", classes=["upper", "lower"], features=["x1", "x2"])


def noisy_sine(
    *, rows: int = 200, val_size: Size = 0.2, noise: float = 0.1, kind: str = "random", seed: int = 0
) -> Data:
    """Points on ``sin(4x)`` for x from -1 to 1 with normal noise, sorted by x; regression.

    Parameters
    ----------
    rows : int
        Rows in all.
    val_size : float or int
        Share or number of validation rows.
    noise : float
        Standard deviation of the noise; its square is the lowest mean squared error to hope for.
    kind : {"random", "time"}
        ``"time"`` takes the last rows, so the largest x, for validation: extrapolation.
    seed : int
        Which noise.

    Returns
    -------
    Data
        ``x`` and ``y`` of shape ``(rows, 1)``.
    """
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, rows))[:, None]
    y = np.sin(4 * x) + rng.normal(0, noise, (rows, 1))
    index = split_indices(y[:, 0], kind=kind, val_size=val_size, seed=seed)
    return _make("noisy sine", x, y, index, scale="none", features=["x"])


def grouped_rows(
    *,
    groups: int = 30,
    rows_each: int = 10,
    val_size: Size = 0.2,
    kind: str = "group",
    features: int = 10,
    seed: int = 0,
) -> Data:
    """Rows of several people, each with a label of their own that says nothing about other people.

    The label is drawn once a person, at random, so on unseen people nothing beats chance. A random
    split recognises the person instead and reports a high accuracy: a leak.

    Parameters
    ----------
    groups, rows_each, features : int
        People, rows of each, columns.
    val_size : float or int
        Share or number of people (for ``"random"``, of rows).
    kind : {"group", "random"}
        Whether people are kept together.
    seed : int
        Which people.

    Returns
    -------
    Data
        With ``data.groups`` filled.
    """
    rng = np.random.default_rng(seed)
    people = np.repeat(np.arange(groups), rows_each)
    centres = rng.normal(0, 1, (groups, features))
    x = centres[people] + rng.normal(0, 0.2, (len(people), features))
    y = rng.permutation(np.arange(groups) % 2)[people]
    index = split_indices(y, kind=kind, val_size=val_size, groups=people, seed=seed)
    names = [f"measurement {number}" for number in range(1, features + 1)]
    return _make("grouped rows", x, y, index, classes=["no", "yes"], features=names, groups=people)


def time_ordered_rows(
    *, rows: int = 400, val_size: Size = 0.2, kind: str = "time", noise: float = 0.1, seed: int = 0
) -> Data:
    """A slowly drifting series to be predicted from its day number: neighbours tell on each other.

    The series is a random walk. A random split interpolates between known neighbours and reports a low
    loss; a time split has to predict the future.

    Parameters
    ----------
    rows : int
        Days.
    val_size : float or int
        Share or number of validation days.
    kind : {"time", "random"}
        Whether validation days come last.
    noise : float
        Standard deviation of one day's step.
    seed : int
        Which series.

    Returns
    -------
    Data
        ``x`` the day from 0 to 1 and ``y`` the value, both of shape ``(rows, 1)``.
    """
    rng = np.random.default_rng(seed)
    y = np.cumsum(rng.normal(0, noise, rows))[:, None]
    x = np.linspace(0, 1, rows)[:, None]
    index = split_indices(y[:, 0], kind=kind, val_size=val_size, seed=seed)
    return _make("time-ordered rows", x, y, index, scale="none", features=["day"])


# ---------------------------------------------------------------------------- the split report


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


# ---------------------------------------------------------------------------- loaders of each framework


def torch_loaders(data: Data, *, batch_size: int = 32, shuffle: bool = True, seed: int = 0) -> dict[str, Any]:
    """Return a `torch.utils.data.DataLoader` for each part.

    Parameters
    ----------
    data : Data
        Any data set of this module.
    batch_size : int
        Rows a batch; the last one may be smaller.
    shuffle : bool
        Whether training rows come in a new order every epoch; the other parts never do.
    seed : int
        Of that order.

    Returns
    -------
    dict of str to DataLoader
        ``"train"``, ``"val"`` and, where there is one, ``"test"``.
    """
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    loaders = {}
    for name, (x, y) in data.parts.items():
        rows = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
        generator = torch.Generator().manual_seed(seed)
        loaders[name] = DataLoader(rows, batch_size, shuffle=shuffle and name == "train", generator=generator)
    return loaders


def keras_datasets(data: Data, *, batch_size: int = 32, shuffle: bool = True, seed: int = 0) -> dict[str, Any]:
    """Return a `tf.data.Dataset` for each part; the arguments are those of `torch_loaders`.

    Needs tensorflow, also where Keras runs on another backend.
    """
    import tensorflow as tf

    datasets = {}
    for name, (x, y) in data.parts.items():
        rows = tf.data.Dataset.from_tensor_slices((x, y))
        if shuffle and name == "train":
            rows = rows.shuffle(len(y), seed=seed)
        datasets[name] = rows.batch(batch_size).prefetch(tf.data.AUTOTUNE)
    return datasets
