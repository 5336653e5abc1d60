"""A model and its optimizer, set and probed from outside, in both frameworks: no matter what they are built of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

__all__ = ["PAIRS", "KerasPair", "TorchPair"]


class _Pair:
    """What both have: weights that learn and weights that are ``frozen``, as the framework holds them.

    Parameters
    ----------
    model, optimizer : object
    inputs : int
        How many inputs the model takes.
    """

    learning: list[Any]
    frozen: list[Any]

    def __init__(self, model: Any, optimizer: Any, inputs: int):
        self.model, self.optimizer, self.inputs = model, optimizer, inputs

    def read(self, tensor: Any) -> np.ndarray:
        """Return a tensor's numbers."""
        raise NotImplementedError

    def range(self, tensors: Iterable[Any]) -> list[float]:
        """Return the lowest and the highest number of each tensor."""
        return [float(end(self.read(tensor))) for tensor in tensors for end in (np.min, np.max)]


class TorchPair(_Pair):
    """A PyTorch model and its optimizer."""

    def __init__(self, model: Any, optimizer: Any, inputs: int):
        import torch

        super().__init__(model, optimizer, inputs)
        self.torch = torch
        self.learning = [p for p in model.parameters() if p.requires_grad]
        self.frozen = [p for p in model.parameters() if not p.requires_grad]
        torch.manual_seed(0)

    def read(self, tensor: Any) -> np.ndarray:
        """Return a tensor's numbers."""
        return np.asarray(tensor.detach().cpu().numpy(), dtype=np.float64)

    def shape(self, parameter: Any) -> tuple[int, ...]:
        """Return a parameter's shape, of a matrix the inputs first."""
        return tuple(map(int, parameter.shape))[::-1]

    def assign(self, parameter: Any, value: float) -> None:
        """Set all of a parameter to one value."""
        with self.torch.no_grad():
            parameter.fill_(value)

    def outputs(self, x: np.ndarray, training: bool) -> np.ndarray:
        """Return the outputs in one of the two modes."""
        self.model.train(training)
        with self.torch.no_grad():
            return self.read(self.model(self.torch.tensor(x, dtype=self.torch.float32)))

    def outputs_by_default(self, x: np.ndarray) -> np.ndarray:
        """Return nothing: a call names no mode."""
        return np.array([])

    def step(self, gradient: float) -> None:
        """Take a step on a gradient that is the same everywhere."""
        for parameter in self.learning:
            parameter.grad = self.torch.full_like(parameter, gradient)
        self.optimizer.step()

    def penalty(self) -> float:
        """Return what the model adds to the loss."""
        return 0.0


class KerasPair(_Pair):
    """A Keras model and its optimizer."""

    def __init__(self, model: Any, optimizer: Any, inputs: int):
        import keras

        super().__init__(model, optimizer, inputs)
        self.ops = keras.ops
        model(np.zeros((1, inputs), dtype="float32"))
        self.learning = list(model.trainable_variables)
        self.frozen = [v for v in model.weights if id(v) not in set(map(id, self.learning))]

    def read(self, tensor: Any) -> np.ndarray:
        """Return a tensor's numbers."""
        return np.asarray(self.ops.convert_to_numpy(tensor), dtype=np.float64)

    def shape(self, variable: Any) -> tuple[int, ...]:
        """Return a variable's shape."""
        return tuple(map(int, variable.shape))

    def assign(self, variable: Any, value: float) -> None:
        """Set all of a variable to one value."""
        variable.assign(np.full(self.shape(variable), value, dtype="float32"))

    def outputs(self, x: np.ndarray, training: bool) -> np.ndarray:
        """Return the outputs in one of the two modes."""
        return self.read(self.model(x.astype("float32"), training=training))

    def outputs_by_default(self, x: np.ndarray) -> np.ndarray:
        """Return the outputs of a call that does not name ``training``."""
        return self.read(self.model(x.astype("float32")))

    def step(self, gradient: float) -> None:
        """Take a step on a gradient that is the same everywhere."""
        gradients = [self.ops.full(self.shape(v), gradient, dtype="float32") for v in self.learning]
        self.optimizer.apply(gradients, self.learning)

    def penalty(self) -> float:
        """Return what the model adds to the loss."""
        return float(sum(float(loss) for loss in self.model.losses))


PAIRS: dict[str, type[TorchPair] | type[KerasPair]] = {"pytorch": TorchPair, "keras": KerasPair}
