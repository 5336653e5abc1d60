"""Data sets as each framework's loaders."""

from __future__ import annotations

from typing import Any

from course_lib.data.rows import Data

__all__ = ["keras_datasets", "torch_loaders"]


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
