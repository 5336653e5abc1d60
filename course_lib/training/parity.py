"""PyTorch and Keras side by side: copying weights between twins, and where their defaults differ.

With the same initial weights, the same batches and the same settings, both frameworks draw the same
curves. What makes two "equal" programs differ is nearly always one of the defaults in `DEFAULTS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import keras
    from torch import nn

__all__ = ["DEFAULTS", "Difference", "copy_weights"]


class Difference(NamedTuple):
    """A default that differs: what it is, its value in each framework, and what follows from it."""

    what: str
    pytorch: Any
    keras: Any
    remark: str


DEFAULTS: tuple[Difference, ...] = (
    Difference("Adam epsilon", 1e-8, 1e-7, "and Keras adds it before the bias correction, torch after it"),
    Difference("Adam bias correction", "float64", "float32", "Keras's is off by up to 5e-5 in the first steps"),
    Difference("SGD learning rate", 1e-3, 1e-2, "torch 2.2 and older had no default"),
    Difference("AdamW weight decay", 1e-2, 4e-3, "both decay every parameter, biases included"),
    Difference("RMSprop learning rate", 1e-2, 1e-3, "ten times apart"),
    Difference("RMSprop decay", 0.99, 0.9, "torch's alpha is Keras's rho; Keras also puts epsilon under the root"),
    Difference("Adagrad learning rate", 1e-2, 1e-3, "ten times apart"),
    Difference("Adadelta learning rate", 1.0, 1e-3, "a thousand times apart"),
    Difference("batch norm momentum", 0.1, 0.99, "opposite meanings: torch's weight of the new, Keras's of the old"),
    Difference("batch norm epsilon", 1e-5, 1e-3, "matters for features that hardly vary"),
    Difference("batch norm running variance", "unbiased", "biased", "torch divides by n - 1 for the running value"),
    Difference("layer norm epsilon", 1e-5, 1e-3, "matters for rows that hardly vary"),
    Difference("dense kernel at start", "kaiming_uniform", "glorot_uniform", "torch: uniform in ±1/√inputs"),
    Difference("dense bias at start", "uniform", "zeros", "torch: uniform in ±1/√inputs"),
    Difference("embedding at start", "normal", "uniform", "torch: standard deviation 1; Keras: within ±0.05"),
    Difference("leaky ReLU slope", 0.01, 0.3, "thirty times apart"),
    Difference("cross-entropy takes", "logits", "probabilities", "Keras: from_logits=True for the same"),
    Difference("batch size", 1, 32, "of a DataLoader and of model.fit"),
    Difference("shuffle", False, True, "of a DataLoader and of model.fit"),
)
"""Defaults that differ, as of torch 2.13 and Keras 3.15; a test holds each against the libraries."""


def copy_weights(source: nn.Module | keras.Model, target: nn.Module | keras.Model) -> None:
    """Copy all weights from a torch model to its Keras twin, or the other way round.

    Parameters
    ----------
    source, target : torch.nn.Module and keras.Model
        One of each, with the same layers in the same order: linear, convolution, embedding, batch
        norm and layer norm. The Keras model must be built.

    Raises
    ------
    TypeError
        If they are not one of each.
    ValueError
        If the layers do not match.

    Notes
    -----
    Kernels are transposed: torch keeps a linear layer's as ``(out, in)``, Keras as ``(in, out)``;
    convolutions as ``(out, in, height, width)`` and ``(height, width, in, out)``. A linear layer after
    a flattened picture sees the pixels in another order when the channels come first in one model
    and last in the other; that order is not corrected.

    Examples
    --------
    >>> import keras, torch
    >>> ours = torch.nn.Sequential(torch.nn.Linear(4, 2))
    >>> theirs = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    >>> copy_weights(ours, theirs)
    >>> bool((theirs.layers[0].get_weights()[1] == ours[0].bias.detach().numpy()).all())
    True
    """
    import keras
    from torch import nn

    if isinstance(source, nn.Module) and not isinstance(source, keras.Model) and isinstance(target, keras.Model):
        torch_model, keras_model, to_keras = source, target, True
    elif isinstance(target, nn.Module) and not isinstance(target, keras.Model) and isinstance(source, keras.Model):
        torch_model, keras_model, to_keras = target, source, False
    else:
        raise TypeError(
            f"copy_weights got {type(source).__name__} and {type(target).__name__}; expected a torch model and a "
            "Keras model, in either order"
        )
    if not keras_model.built:
        raise ValueError("the Keras model is not built yet, so it has no weights; call it on a batch first")
    ours = [module for module in torch_model.modules() if _has_own_state(module)]
    theirs = [layer for layer in keras_model._flatten_layers(include_self=False) if _has_own_weights(layer)]
    if len(ours) != len(theirs):
        raise ValueError(
            f"the torch model has {len(ours)} layers with weights ({_names(ours)}), the Keras model "
            f"{len(theirs)} ({_names(theirs)}); expected the same layers in the same order"
        )
    for module, layer in zip(ours, theirs, strict=True):
        _copy_layer(module, layer, to_keras)


def _has_own_state(module: nn.Module) -> bool:
    own = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    return bool(own)


def _has_own_weights(layer: Any) -> bool:
    return bool(layer.weights) and not list(layer._flatten_layers(include_self=False))


def _names(layers: list[Any]) -> str:
    return ", ".join(type(layer).__name__ for layer in layers) or "none"


_PAIRS = {
    "Linear": "Dense",
    "Conv1d": "Conv1D",
    "Conv2d": "Conv2D",
    "Conv3d": "Conv3D",
    "Embedding": "Embedding",
    "BatchNorm1d": "BatchNormalization",
    "BatchNorm2d": "BatchNormalization",
    "BatchNorm3d": "BatchNormalization",
    "LayerNorm": "LayerNormalization",
}

_NAMES = {
    "weight": ("kernel", "_kernel", "gamma", "embeddings", "_embeddings"),
    "bias": ("bias", "beta"),
    "running_mean": ("moving_mean",),
    "running_var": ("moving_variance",),
}


def _copy_layer(module: nn.Module, layer: Any, to_keras: bool) -> None:
    import torch

    kind = type(module).__name__
    if _PAIRS.get(kind) != type(layer).__name__:
        raise ValueError(f"the torch layer {kind} stands where Keras has {type(layer).__name__}; expected its twin")
    state = {**dict(module.named_parameters(recurse=False)), **dict(module.named_buffers(recurse=False))}
    state.pop("num_batches_tracked", None)
    if len(state) != len(layer.weights):
        raise ValueError(
            f"torch's {kind} has {len(state)} arrays ({', '.join(state)}), Keras's {layer.name} has "
            f"{len(layer.weights)}; does one of them have no bias, or no scale?"
        )
    for name, tensor in state.items():
        variable = next(v for n in _NAMES[name] if (v := getattr(layer, n, None)) is not None)
        swap = name == "weight" and tensor.ndim > 1 and kind != "Embedding" and kind != "LayerNorm"
        value = tensor.detach().cpu().numpy() if to_keras else np.array(layer_value(variable))
        value = _swap(value, to_keras) if swap else value
        if value.shape != tuple(variable.shape if to_keras else tensor.shape):
            raise ValueError(
                f"{name} of {kind} has shape {tuple(tensor.shape)}, its twin in Keras {tuple(variable.shape)}; "
                "the layers differ in size"
            )
        if to_keras:
            variable.assign(value)
        else:
            with torch.no_grad():
                tensor.copy_(torch.from_numpy(value.copy()))


def layer_value(variable: Any) -> np.ndarray:
    """Return a Keras variable's value as an array, on any backend."""
    from keras import ops

    return ops.convert_to_numpy(variable)


def _swap(kernel: np.ndarray, to_keras: bool) -> np.ndarray:
    """``(out, in, …)`` to ``(…, in, out)``, or back."""
    axes = [*range(2, kernel.ndim), 1, 0] if to_keras else [kernel.ndim - 1, kernel.ndim - 2, *range(kernel.ndim - 2)]
    return kernel.transpose(axes)
