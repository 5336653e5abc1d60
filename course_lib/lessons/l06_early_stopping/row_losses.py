"""Lesson 06: each row's loss after every epoch, so that many validation sets can be drawn from one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.training.callbacks import Callback, Logs

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RowLosses"]


def _logits(framework: str, model: Any, x: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the model's logits in evaluation mode; leave the model as it was."""
    if framework == "keras":
        return np.asarray(model(x, training=False), dtype=np.float64)
    import torch

    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            device = next(model.parameters()).device
            return model(torch.from_numpy(x).to(device)).double().cpu().numpy()  # type: ignore[no-any-return]
    finally:
        model.train(was_training)


class RowLosses(Callback):
    """Measure the cross-entropy of each row after every epoch of ``fit``, in either framework.

    Parameters
    ----------
    rows : pair of arrays
        Inputs and whole-number labels.

    Attributes
    ----------
    losses : array of shape (epochs, rows)
        What was measured so far.

    Examples
    --------
    >>> rows = RowLosses((np.zeros((2, 1), dtype=np.float32), np.array([0, 1])))
    >>> rows.losses.shape
    (0, 2)
    """

    def __init__(self, rows: tuple[Any, Any]) -> None:
        self._x, self._y = (np.asarray(part) for part in rows)
        self._epochs: list[NDArray[np.float64]] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Measure every row at the epoch's weights."""
        logits = _logits(self.run.framework, self.run.model, self._x)
        shifted = logits - logits.max(axis=1, keepdims=True)  # so that exp cannot overflow
        correct = shifted[np.arange(len(self._y)), self._y]
        self._epochs.append(np.log(np.exp(shifted).sum(axis=1)) - correct)

    @property
    def losses(self) -> NDArray[np.float64]:
        """The losses so far, a line for each epoch and a column for each row."""
        return np.array(self._epochs).reshape(len(self._epochs), len(self._y))
