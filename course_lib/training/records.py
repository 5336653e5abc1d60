"""Two tables that grow while a model trains: a row for each batch, and a row for each epoch.

`Records` adds the rows, `course_lib.training.record_columns` keeps them and answers questions about them, and
`course_lib.training.history.History` adds what a run amounts to: its best epoch, why it ended, tables and files.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from operator import index

from course_lib.training.columns import NAN, append_row, weighted_mean
from course_lib.training.record_columns import RecordColumns

__all__ = ["Records"]


class Records(RecordColumns):
    """The tables while they grow: a batch or an epoch more at each call."""

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

    def _is_nan_lr(self, name: str, value: float) -> bool:
        return (name == "lr" or name in self._b_rates) and math.isnan(value)
