"""Lesson 12: the place of a run of one's own, which counts how often its test set is opened.

Weights at the start and the order of rows come from NumPy, so that PyTorch and Keras train the same network: what the
run gives is known to the grader for every variant.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.data import breast_cancer, digits
from course_lib.lessons.l12_capstone.variants import Variant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from course_lib.data.rows import Data
    from course_lib.training.history import History

__all__ = ["CONFIGS", "Lab", "rows_of"]

#: The configurations to choose from, and their hidden units.
CONFIGS = {"narrow": 8, "wide": 64}
_SETTINGS: dict[str, Any] = {"loss": "cross_entropy", "optimizer": "sgd", "lr": 0.1, "epochs": 8}
_ROWS = {"digits": (400, 597), "breast cancer": (140, 149)}


def rows_of(variant: Variant) -> Data:
    """Return the variant's rows: split by class, scaled by the training rows."""
    val, test = _ROWS[variant.data]
    make = digits if variant.data == "digits" else breast_cancer
    return make(val_size=val, test_size=test, seed=variant.split)


def _weights(sizes: tuple[int, ...], seed: int) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng([seed, 7])
    pairs = pairwise(sizes)
    return [rng.uniform(-1, 1, (a, b)).astype(np.float32) / np.float32(np.sqrt(a)) for a, b in pairs]


class Lab:
    """Trains, validates, and opens the test set.

    Parameters
    ----------
    variant : Variant
    track : {"pytorch", "keras"}

    Attributes
    ----------
    configs : tuple of str
        What there is to choose from.
    seeds : tuple of int
    train_y, val_y : array of int
        The labels.
    opened : int
        How often the test set was opened.
    """

    def __init__(self, variant: Variant, track: str):
        self.variant, self.track, self.data = variant, track, rows_of(variant)
        self.configs, self.seeds = tuple(CONFIGS), variant.seeds
        self.train_y, self.val_y = self.data.train.y, self.data.val.y
        self.history: History | None = None
        self.opened = 0

    def fit(self, config: str, seed: int) -> Any:
        """Train a network from its start and return it; its curves are then in ``history``."""
        classes = int(self.train_y.max()) + 1
        weights = _weights((self.data.train.x.shape[1], CONFIGS[config], classes), seed)
        if self.track == "pytorch":
            from course_lib.pytorch import fit

            model = _torch_model(weights)
        else:
            from course_lib.keras import fit  # type: ignore[assignment]

            model = _keras_model(weights)
        self.history = fit(model, self.data.train, self.data.val, seed=seed, **_SETTINGS)
        return model

    def _row_losses(self, model: Any, x: Any, y: Any) -> NDArray[np.float64]:
        if self.track == "pytorch":
            import torch

            with torch.no_grad():
                z = model(torch.from_numpy(x)).numpy().astype(float)
        else:
            z = np.asarray(model(x), dtype=float)
        z -= z.max(axis=1, keepdims=True)
        return np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]

    def val_loss(self, model: Any) -> float:
        """Return the mean loss of the validation rows."""
        return float(self._row_losses(model, self.data.val.x, self.val_y).mean())

    def test_losses(self, model: Any) -> NDArray[np.float64]:
        """Open the test set, and return the loss of each of its rows."""
        self.opened += 1
        assert self.data.test is not None
        return self._row_losses(model, self.data.test.x, self.data.test.y)


def _torch_model(weights: list[NDArray[np.float32]]) -> Any:
    import torch
    from torch import nn

    layers: list[nn.Module] = []
    for matrix in weights:
        layer = nn.Linear(*matrix.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(matrix.T.copy()))
            layer.bias.zero_()
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _keras_model(weights: list[NDArray[np.float32]]) -> Any:
    import keras

    first, second = weights
    model = keras.Sequential(
        [
            keras.Input((first.shape[0],)),
            keras.layers.Dense(first.shape[1], activation="relu"),
            keras.layers.Dense(second.shape[1]),
        ]
    )
    zeros = [np.zeros(matrix.shape[1], dtype=np.float32) for matrix in weights]
    model.set_weights([first, zeros[0], second, zeros[1]])
    return model
