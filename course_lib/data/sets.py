"""Real data sets: those that come with scikit-learn, MNIST, and a file of your own."""

from __future__ import annotations

import http.client
import os
import socket
from pathlib import Path

import numpy as np

from course_lib.data.making import make_data
from course_lib.data.rows import Data, Scaler
from course_lib.data.splits import Size, split_indices

__all__ = ["breast_cancer", "diabetes", "digits", "from_csv", "mnist", "wine"]


#: How long a network that does not answer is waited for, where a stand-in is at hand.
NETWORK_SECONDS = 10.0
#: In the order of MNIST's own files, the training images come first.
MNIST_TRAINING_ROWS = 60_000


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


def mnist(*, rows: int | None = None, val_size: Size = 0.2, scale: str = "unit", seed: int = 0) -> Data:
    """MNIST from OpenML through scikit-learn, which keeps it in ``~/scikit_learn_data``; digits without a network.

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

    References
    ----------
    https://www.openml.org/d/554, whose first 60,000 rows are the training images, in the official order.
    """
    from sklearn.datasets import fetch_openml

    waiting = socket.getdefaulttimeout()
    socket.setdefaulttimeout(NETWORK_SECONDS)
    try:
        pixels, labels = fetch_openml(data_id=554, return_X_y=True, as_frame=False, n_retries=0)
    except (OSError, ValueError, http.client.HTTPException) as error:  # no network, a broken download, or no such data
        data = digits(val_size=val_size, test_size=0.2, scale=scale, seed=seed)
        note = "MNIST could not be loaded (is there a network?): these are scikit-learn's 8 × 8 digits instead"
        return Data(**{**vars(data), "note": f"{note} ({type(error).__name__})"})
    finally:
        socket.setdefaulttimeout(waiting)
    training = range(MNIST_TRAINING_ROWS)[:rows]
    used = np.r_[training, MNIST_TRAINING_ROWS : len(labels)]
    x, y = pixels[used], labels[used].astype(np.int64)
    index = split_indices(y[: len(training)], kind="stratified", val_size=val_size, seed=seed)
    index["test"] = np.arange(len(training), len(y))
    return make_data("MNIST", x, y, index, scale=scale, unit=255.0, classes=list("0123456789"))


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
