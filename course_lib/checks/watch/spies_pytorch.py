"""Spies for PyTorch answers: a model, a loss and an optimizer that note what is done with them.

The model is linear, so that every number it must give can be worked out in NumPy. Like dropout and
batch norm it behaves otherwise in training mode: there its output is multiplied by
``gain``. The mode that counts is that of a module inside the model, as with a dropout layer: setting the
outer module's flag alone does nothing. All notes are plain data in one list of events.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from course_lib.checks.linear import GAIN, LR, TILT

__all__ = ["Batches", "SpyModel", "loaders", "spied", "tilted_loss", "weights_of"]

Events = list[dict[str, Any]]


class _Gain(nn.Module):
    """Multiplies in training mode: a layer with a mode of its own, like dropout."""

    def __init__(self, gain: float):
        super().__init__()
        self.gain = gain

    def forward(self, outputs: torch.Tensor) -> torch.Tensor:
        return outputs * self.gain if self.training else outputs


class SpyModel(nn.Module):
    """A linear model with a mode, that notes each batch which passes through it.

    Parameters
    ----------
    weights : sequence of float, shape (features + 1,)
        The starting weights; the last one is the bias.
    gain : float
        What the output is multiplied by in training mode.
    events : list
        Where it notes "forward": the rows' first feature, the mode in force, whether the outer module's flag
        says the same, whether gradients are recorded.
    frozen : bool, optional
        Whether it has one more parameter, a factor of 1, which arrives with ``requires_grad`` off.
    """

    def __init__(self, weights: Any, gain: float, events: Events, frozen: bool = False):
        super().__init__()
        values = torch.tensor(np.asarray(weights), dtype=torch.float32)
        self.weight = nn.Parameter(values[:-1].clone())
        self.bias = nn.Parameter(values[-1].clone())
        self.scale = nn.Parameter(torch.ones(()), requires_grad=False) if frozen else None
        self.noise = _Gain(gain)
        self._notes = _Notes(events)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the outputs, shape (rows,)."""
        outputs = inputs @ self.weight + self.bias
        if self.scale is not None:
            outputs = outputs * self.scale
        outputs = self.noise(outputs)
        with contextlib.suppress(Exception):
            self._notes.add(
                {
                    "what": "forward",
                    "rows": inputs.detach()[:, 0].tolist(),
                    "training": bool(self.noise.training),
                    "outer_agrees": bool(self.training) == bool(self.noise.training),
                    "grad": bool(outputs.requires_grad),
                }
            )
        return outputs


class _Notes:
    """Holds the list of events; a copy of the model notes in the same list."""

    def __init__(self, events: Events):
        self.add = events.append

    def __deepcopy__(self, memo: Any) -> _Notes:
        return self


def tilted_loss(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of a batch; not the same with its arguments swapped."""
    return torch.mean((outputs - targets) ** 2) + TILT * torch.mean(outputs)


def weights_of(model: nn.Module) -> list[float]:
    """Return all parameters of a model in one list of floats."""
    return [float(v) for p in model.parameters() for v in p.detach().reshape(-1).tolist()]


def _flat(tensors: Iterable[torch.Tensor | None]) -> list[float] | None:
    values = list(tensors)
    if any(t is None for t in values):
        return None
    return [float(v) for t in values if t is not None for v in t.detach().reshape(-1).tolist()]


def _spy_loss(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], model: nn.Module, events: Events
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Return a loss function that notes its value, its fresh gradient, and when it is differentiated.

    The events are "loss" (value, rows, gradient of this batch alone, whether the arguments came the
    other way round) and "backward".
    """

    def measured(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        value = loss(outputs, targets)
        with contextlib.suppress(Exception):
            swapped = bool(getattr(targets, "requires_grad", False)) and not outputs.requires_grad
            note: dict[str, Any] = {"what": "loss", "value": float(value.detach()), "rows": len(targets)}
            note |= {"swapped": swapped, "fresh": None}
            events.append(note)
            if value.requires_grad:
                parameters = [p for p in model.parameters() if p.requires_grad]
                note["fresh"] = _flat(torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True))
                value.register_hook(lambda _: events.append({"what": "backward"}))
        return value

    return measured


def _spy_optimizer(model: nn.Module, events: Events, lr: float, momentum: float = 0.0) -> torch.optim.Optimizer:
    """Return plain SGD that notes "zero_grad", and "step" with the gradients it was given."""

    class SGD(torch.optim.SGD):
        def zero_grad(self, set_to_none: bool = True) -> None:
            events.append({"what": "zero_grad"})
            super().zero_grad(set_to_none)

        def step(self, closure: Any = None) -> Any:
            if closure is None:
                events.append({"what": "step", "grad": _flat(p.grad for p in trained)})
                return super().step()
            value = super().step(closure)
            events.append({"what": "step", "grad": _flat(p.grad for p in trained)})
            return value

    trained = [p for p in model.parameters() if p.requires_grad]
    return SGD(trained, lr=lr, momentum=momentum)


def spied(
    start: Any,
    events: Events,
    training: bool = True,
    momentum: float = 0.0,
    frozen: bool = False,
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = tilted_loss,
) -> tuple[Any, Any, Any]:
    """Return a spied model that arrives in a mode, its loss and its optimizer; they note in ``events``."""
    model = SpyModel(start, GAIN, events, frozen).train(training)
    return model, _spy_loss(loss, model, events), _spy_optimizer(model, events, LR, momentum)


class Batches:
    """An iterable of batches that has no length.

    Parameters
    ----------
    batches : iterable of (inputs, targets)
    as_list : bool, optional
        Whether a batch is a list instead of a tuple.
    once : bool, optional
        Whether it can be run through once only, as a generator. Otherwise again and again.
    """

    def __init__(self, batches: Iterable[tuple[Any, Any]], as_list: bool = False, once: bool = False):
        self._batches = [
            (torch.tensor(np.asarray(x), dtype=torch.float32), torch.tensor(np.asarray(y))) for x, y in batches
        ]
        self._as_list = as_list
        self._only = self._each() if once else None
        #: How often it was asked to begin.
        self.readings = 0

    def __iter__(self) -> Iterator[Any]:
        self.readings += 1
        return self._each() if self._only is None else self._only

    def _each(self) -> Iterator[Any]:
        for x, y in self._batches:
            y = y.float() if y.is_floating_point() else y
            yield [x.clone(), y.clone()] if self._as_list else (x.clone(), y.clone())


def loaders(
    x: Any, y: Any, batch_size: int, order: Callable[[], Iterable[int]] | None = None
) -> torch.utils.data.DataLoader:
    """Return a DataLoader over the rows; the last batch may be smaller.

    Parameters
    ----------
    x, y : arrays
    batch_size : int
    order : callable, optional
        Gives the rows' order whenever the loader begins; by default it is always their own.
    """
    inputs = torch.tensor(np.asarray(x), dtype=torch.float32)
    targets = torch.tensor(np.asarray(y))
    targets = targets.float() if targets.is_floating_point() else targets
    rows = torch.utils.data.TensorDataset(inputs, targets)
    return torch.utils.data.DataLoader(rows, batch_size=batch_size, sampler=_Order(len(rows), order))


class _Order(torch.utils.data.Sampler[int]):
    """A sampler that asks for the order anew at each reading."""

    def __init__(self, rows: int, order: Callable[[], Iterable[int]] | None):
        self._rows, self._order = rows, order

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._rows) if self._order is None else self._order())

    def __len__(self) -> int:
        return self._rows
