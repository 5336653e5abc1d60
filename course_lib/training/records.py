"""Two tables that grow while a model trains: a row for each batch, and a row for each epoch.

`Records` keeps the columns and answers questions about them; `course_lib.training.history.History` adds what a run
amounts to: its best epoch, why it ended, tables and files. Columns are packed arrays of numbers, so that a million
batches take tens of megabytes and no noticeable time.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_lib.training.columns import NAN, append_row, weighted_mean

__all__ = ["Records"]


class Records:
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

    # ------------------------------------------------------------------ recording

    def batch(
        self,
        loss: float,
        size: int = 1,
        *,
        weight: float | None = None,
        lr: float = NAN,
        metrics: Mapping[str, float] | None = None,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        """Record one batch of the epoch under way.

        Parameters
        ----------
        loss : float
            The batch's own mean loss (not a running mean).
        size : int
            Samples in the batch.
        weight : float, optional
            What the loss was divided by, where that is not the number of samples: the sum of the batch's
            sample weights, or of its class weights. `size` by default.
        lr : float, optional
            The learning rate of this update.
        metrics : mapping of str to float, optional
            Means over the batch, by name.
        rates : mapping of str to float, optional
            The rates of an optimizer's further groups of parameters, as ``{"lr_2": 0.01}``.
        """
        loss, size, lr = float(loss), index(size), float(lr)  # all before the first column grows
        weight = float(size if weight is None else weight)
        row = {name: float(value) for name, value in metrics.items()} if metrics else {}
        self._b_epoch.append(self._n_epochs + 1)
        self._b_size.append(size)
        self._b_weight.append(weight)
        self._b_loss.append(loss)
        self._b_lr.append(lr)
        if row or self._b_metrics:
            append_row(self._b_metrics, row, len(self._b_loss))
        if rates or self._b_rates:
            append_row(self._b_rates, {name: float(rate) for name, rate in (rates or {}).items()}, len(self._b_loss))

    def batches(
        self,
        loss: Sequence[float],
        size: Sequence[int],
        weight: Sequence[float] | None = None,
        *,
        lr: Sequence[float] | None = None,
        metrics: Mapping[str, Sequence[float]] | None = None,
        rates: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        """Record several batches of the epoch under way at once: the columns of `batch`, of equal length."""
        count = len(loss)
        for name, values in (
            ("size", size),
            ("weight", weight),
            ("lr", lr),
            *(metrics or {}).items(),
            *(rates or {}).items(),
        ):
            if values is not None and len(values) != count:
                raise ValueError(f"there are {count} losses but {len(values)} entries of {name}; expected as many")
        self._b_epoch.extend([self._n_epochs + 1] * count)
        self._b_size.extend(size)
        self._b_weight.extend(size if weight is None else weight)
        self._b_loss.extend(loss)
        self._b_lr.extend([NAN] * count if lr is None else lr)
        before = len(self._b_loss) - count
        for columns, new in ((self._b_metrics, metrics or {}), (self._b_rates, rates or {})):
            for name in new:
                columns.setdefault(name, array("d", [NAN]) * before)
            for name, column in columns.items():
                column.extend(new.get(name, [NAN] * count))

    def epoch(
        self,
        train_loss: float | None = None,
        val_loss: float | None = None,
        *,
        train_loss_remeasured: float | None = None,
        lr: float | None = None,
        seconds: float | None = None,
        samples: int | None = None,
        **metrics: float | None,
    ) -> None:
        """Record the end of an epoch.

        Parameters
        ----------
        train_loss : float, optional
            As reported while training. By default the weighted mean of this epoch's batch records.
        val_loss : float, optional
            Of the validation rows, at the weights the epoch ended with.
        train_loss_remeasured : float, optional
            Of the training rows, at the same weights as `val_loss`.
        lr : float, optional
            The learning rate; by default that of the epoch's last batch, where it was recorded. So are
            those of further groups of parameters, ``lr_2`` and so on.
        seconds : float, optional
            How long the epoch took.
        samples : int, optional
            Training samples seen; by default the sum of the batch sizes.
        **metrics : float
            By full name, such as ``train_accuracy=0.9, val_accuracy=0.8``.
        """
        start = self._epoch_start()
        recorded = start < len(self._b_loss)
        if train_loss is None and recorded:
            train_loss = weighted_mean(self._b_loss[start:], self._b_weight[start:])
        if samples is None and recorded:
            samples = sum(self._b_size[start:])
        if lr is None and recorded:
            lr = self._b_lr[-1]
        row: dict[str, float | None] = {
            "train_loss": train_loss,
            "train_loss_remeasured": train_loss_remeasured,
            "val_loss": val_loss,
            **metrics,
            "lr": lr,
            **({name: column[-1] for name, column in self._b_rates.items()} if recorded else {}),
            "seconds": seconds,
            "samples": samples,
        }
        for name in self._b_metrics:
            given = row.pop(f"train_{name}", None)  # these columns come last, given or not
            if given is None and recorded:
                given = weighted_mean(self._b_metrics[name][start:], self._b_size[start:])
            row[f"train_{name}"] = given
        known = {
            name: float(value) for name, value in row.items() if value is not None and not self._is_nan_lr(name, value)
        }
        self._n_epochs += 1
        append_row(self._epochs, known, self._n_epochs)

    def _epoch_start(self) -> int:
        """Index of the first batch record of the epoch under way."""
        start = len(self._b_epoch)
        while start and self._b_epoch[start - 1] > self._n_epochs:
            start -= 1
        return start

    # ------------------------------------------------------------------ reading

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

    def _is_nan_lr(self, name: str, value: float) -> bool:
        return (name == "lr" or name in self._b_rates) and math.isnan(value)
