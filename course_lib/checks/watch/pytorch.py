"""Watching any PyTorch model: each pass through it is noted as plain data, and what there is to leave as it was."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

__all__ = ["counting_graphs", "state", "watched"]


def watched(model: nn.Module, events: list[dict[str, Any]]) -> nn.Module:
    """Return the model, which from now on notes each pass; a copy of it notes in the same list.

    Parameters
    ----------
    model : torch.nn.Module
        Takes rows of features.
    events : list
        Where it notes "forward": the "rows" by their first feature, the "modes" of the model and its parts by name,
        "grad", whether gradients are recorded.
    """
    kind = type(model)

    def forward(self: Any, inputs: Any) -> Any:
        outputs = kind.forward(self, inputs)
        with contextlib.suppress(Exception):
            modes = {name or "model": bool(part.training) for name, part in self.named_modules()}
            rows = [float(v) for v in inputs.detach()[:, 0]]
            events.append({"what": "forward", "rows": rows, "modes": modes, "grad": bool(outputs.requires_grad)})
        return outputs

    model.__class__ = type(kind.__name__, (kind,), {"forward": forward})
    return model


def state(model: nn.Module) -> dict[str, list[Any]]:
    """Return all that a measurement must leave alone, as plain data."""

    def read(tensors: Any) -> list[list[float]]:
        return [t.detach().reshape(-1).tolist() for t in tensors if t is not None]

    return {
        "weights": read(model.parameters()),
        "statistics": read(model.buffers()),
        "gradients": read(p.grad for p in model.parameters()),
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "settings": [_settings(part) for part in model.modules()],
    }


def _settings(part: nn.Module) -> dict[str, float]:
    """Return a part's numbers and switches, such as the share that a dropout drops; its mode is none of them."""
    return {name: value for name, value in vars(part).items() if isinstance(value, (int, float)) and name != "training"}


def counting_graphs(loss: Callable[[Any, Any], Any], counts: list[int]) -> Callable[[Any, Any], Any]:
    """Return a loss function that notes, at each call, how many graphs of earlier batches are still held."""

    class Marker:
        pass

    alive: weakref.WeakSet[Marker] = weakref.WeakSet()

    class Marked(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, value: Any) -> Any:
            ctx.marker = Marker()  # lives as long as this batch's graph
            alive.add(ctx.marker)
            return value.clone()

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            return gradients[0]

    def counted(outputs: Any, targets: Any) -> Any:
        counts.append(len(alive))
        value = loss(outputs, targets)
        return Marked.apply(value) if value.requires_grad else value  # type: ignore[no-untyped-call]

    return counted
