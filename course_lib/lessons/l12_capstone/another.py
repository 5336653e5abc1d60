"""A network of another project, for a prediction: its fault stands here, so that the cell does not give it away."""

from __future__ import annotations

import importlib
import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from course_lib.training.history import History

__all__ = ["another_project", "lowest_possible"]


def another_project(network: Any) -> Any:
    """Return a network as another project builds it: the given one with a softmax at its end.

    Parameters
    ----------
    network : torch.nn.Module or keras.Model
        Gives logits.

    Returns
    -------
    torch.nn.Module or keras.Model
        In Keras an idle layer follows the softmax: Keras undoes a softmax right before a loss of logits.
    """
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(network, torch.nn.Module):
        return torch.nn.Sequential(network, torch.nn.Softmax(dim=1))
    keras = importlib.import_module("keras")
    return keras.Sequential([network, keras.layers.Softmax(), keras.layers.Rescaling(1.0)])


def lowest_possible(run: History, classes: int) -> tuple[float, str]:
    """Return the lowest loss that such a network can have, and how far a run got.

    Parameters
    ----------
    run : History
    classes : int

    Returns
    -------
    lowest : float
        The cross-entropy of the surest right answer, a probability of 1, where it is taken for a logit.
    told : str

    Examples
    --------
    >>> from course_lib.training.history import History
    >>> run = History()
    >>> run.batch(2.3, size=1)
    >>> run.epoch(val_loss=2.3)
    >>> lowest, told = lowest_possible(run, classes=10)
    >>> round(lowest, 3)
    1.461
    """
    answer = np.eye(classes)[0]
    lowest = float(np.log(np.exp(answer).sum()) - answer[0])
    return lowest, (
        f"training: {run.train_loss[0]:.2f} in the first epoch, {run.train_loss[-1]:.2f} in the last\n"
        f"loss of the surest right answer: {lowest:.3f}\n"
        f"ln(e + {classes - 1}) - 1 = {math.log(math.e + classes - 1) - 1:.3f}"
    )
