"""The columns of a training run's two tables, and what can be asked of them.

`course_lib.training.records.Records` fills them. Columns are packed arrays of numbers, so that a million batches take
tens of megabytes and no noticeable time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.training.columns import NAN

__all__ = ["RecordColumns"]


class RecordColumns:
    """Columns of batch records and of epoch records; both are counted from 1."""

    def __init__(self) -> None:
        self._b_epoch = array("i")
        self._b_size = array("i")
        self._b_weight = array("d")
        self._b_loss = array("d")
        self._b_lr = array("d")
        self._b_metrics: dict[str, array[float]] = {}
        self._b_rates: dict[str, array[float]] = {}  # of further groups of parameters: lr_2, lr_3, …
        self._epochs: dict[str, array[float]] = {}
        self._n_epochs = 0

    @property
    def epochs(self) -> int:
        """How many epochs were completed."""
        return self._n_epochs

    @property
    def steps(self) -> int:
        """How many batches were recorded."""
        return len(self._b_loss)

    def __len__(self) -> int:
        return self._n_epochs

    @property
    def names(self) -> list[str]:
        """Names of the epoch columns, for ``history[name]``."""
        return list(self._epochs)

    def __contains__(self, name: object) -> bool:
        return name in self._epochs

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """One epoch column as an array of float64, NaN where nothing was recorded."""
        if name not in self._epochs:
            known = ", ".join(self._epochs) or "none yet"
            raise KeyError(f"this history has no column '{name}'; it has: {known}")
        return np.array(self._epochs[name])

    def _column(self, name: str) -> NDArray[np.float64]:
        if name in self._epochs:
            return np.array(self._epochs[name])
        return np.full(self._n_epochs, NAN)

    @property
    def epoch_number(self) -> NDArray[np.int64]:
        """1, 2, … to the last completed epoch; shape ``(epochs,)``."""
        return np.arange(1, self._n_epochs + 1)

    @property
    def train_loss(self) -> NDArray[np.float64]:
        """Mean training loss of each epoch as reported while training; shape ``(epochs,)``."""
        return self._column("train_loss")

    @property
    def train_loss_remeasured(self) -> NDArray[np.float64]:
        """Training loss at each epoch's final weights; NaN unless it was asked for."""
        return self._column("train_loss_remeasured")

    @property
    def val_loss(self) -> NDArray[np.float64]:
        """Validation loss at each epoch's final weights; NaN where there was no validation."""
        return self._column("val_loss")

    @property
    def lr(self) -> NDArray[np.float64]:
        """Learning rate at the end of each epoch."""
        return self._column("lr")

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Duration of each epoch in seconds, validation included."""
        return self._column("seconds")

    @property
    def samples(self) -> NDArray[np.float64]:
        """Training samples seen in each epoch."""
        return self._column("samples")

    @property
    def batch_step(self) -> NDArray[np.int64]:
        """1, 2, … to the last batch; shape ``(steps,)``."""
        return np.arange(1, len(self._b_loss) + 1)

    @property
    def batch_epoch(self) -> NDArray[np.int32]:
        """The epoch each batch belongs to."""
        return np.array(self._b_epoch, dtype=np.int32)

    @property
    def batch_size(self) -> NDArray[np.int32]:
        """Samples in each batch."""
        return np.array(self._b_size, dtype=np.int32)

    @property
    def batch_weight(self) -> NDArray[np.float64]:
        """What each batch's loss counts in the mean: its size, or the sum of its weights."""
        return np.array(self._b_weight)

    @property
    def batch_loss(self) -> NDArray[np.float64]:
        """Each batch's own mean loss."""
        return np.array(self._b_loss)

    def batch_losses_after(self, step: int) -> NDArray[np.float64]:
        """Return the losses of the batches after this step only; takes no longer when many came before."""
        return np.array(self._b_loss[step:])

    def batch_rates_after(self, step: int) -> dict[str, NDArray[np.float64]]:
        """Return the rates of the batches after this step only, as `batch_rates` names them."""
        return {name: np.array(column[step:]) for name, column in (("lr", self._b_lr), *self._b_rates.items())}

    def steps_until(self, epoch: int) -> int:
        """Return how many batches had been recorded when this epoch ended."""
        return bisect_right(self._b_epoch, epoch)

    @property
    def batch_lr(self) -> NDArray[np.float64]:
        """Learning rate that each update was made with; of the first group of parameters, where there are several."""
        return np.array(self._b_lr)

    @property
    def batch_rates(self) -> dict[str, NDArray[np.float64]]:
        """Learning rates of each update by group of parameters: ``lr``, and ``lr_2``, … where there are several."""
        return {"lr": self.batch_lr, **{name: np.array(column) for name, column in self._b_rates.items()}}

    @property
    def batch_metrics(self) -> dict[str, NDArray[np.float64]]:
        """Metrics of each batch, by name."""
        return {name: np.array(column) for name, column in self._b_metrics.items()}

    def row(self, epoch: int) -> dict[str, float]:
        """Return one epoch record, by its number from 1, as a dictionary."""
        if not 1 <= epoch <= self._n_epochs:
            raise IndexError(f"there is no epoch {epoch} in this history; it has epochs 1 to {self._n_epochs}")
        return {name: column[epoch - 1] for name, column in self._epochs.items()}

    def last(self) -> dict[str, float]:
        """Return the last epoch record as a dictionary; empty before the first epoch has ended."""
        return self.row(self._n_epochs) if self._n_epochs else {}

    @property
    def nbytes(self) -> int:
        """Memory the columns take, spare capacity included, in bytes."""
        columns = [self._b_epoch, self._b_size, self._b_weight, self._b_loss, self._b_lr]
        columns += [*self._b_metrics.values(), *self._b_rates.values(), *self._epochs.values()]
        return sum(column.__sizeof__() for column in columns)

    def _batch_arrays(self) -> tuple[array[Any], ...]:
        return (self._b_epoch, self._b_size, self._b_weight, self._b_loss, self._b_lr)
