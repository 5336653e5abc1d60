"""Real data sets: those that come with scikit-learn, MNIST, and a file of your own."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np

from course_lib.data.making import make_data
from course_lib.data.rows import Data, Scaler
from course_lib.data.splits import Size, split_indices
from course_lib.notebook.quiet import quiet_import

__all__ = ["breast_cancer", "diabetes", "digits", "from_csv", "mnist", "wine"]


#: How long a network that does not answer is waited for, where a stand-in is at hand.
NETWORK_SECONDS = 10.0


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
    return make_data("digits", x, y, index, scale=scale, unit=16.0, classes=list("0123456789"), features=names)


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
    return make_data("diabetes", bunch.data, targets, index, scale=scale, features=bunch.feature_names)


def _bundled(loader: str, name: str, val_size: Size, test_size: Size, scale: str, seed: int) -> Data:
    from sklearn import datasets

    bunch = getattr(datasets, loader)()
    index = split_indices(bunch.target, kind="stratified", val_size=val_size, test_size=test_size, seed=seed)
    return make_data(
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
    return make_data("MNIST", pixels, labels, index, scale=scale, unit=255.0, classes=list("0123456789"))


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
    return make_data(
        Path(path).stem, x, y, index, scale=scale, classes=classes, features=list(features.columns), groups=groups
    )
