"""The record of a training run: every batch and every epoch, whichever framework trained.

A `History` keeps two tables. A **batch record** holds the loss of one batch at the moment it was
used for an update. An **epoch record** holds what one pass over the training rows amounted to:

* ``train_loss``: the mean over samples of the losses *reported while training*, so of a model that
  changed during the epoch;
* ``train_loss_remeasured``: the loss of the training rows at the epoch's *final* weights, when asked for;
* ``val_loss``: the loss of the validation rows, also at the epoch's final weights;
* metrics under their names, as ``train_accuracy`` and ``val_accuracy``; ``lr``, the learning rate;
  ``seconds``; ``samples``.

Epochs and batches (steps) are counted from 1. Columns are packed arrays of numbers, so that a
million batches take tens of megabytes and no noticeable time.
"""

from __future__ import annotations

import math
import os
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from course_lib.atomic import write_atomically
from course_lib.plots.foreign_history import by_epoch
from course_lib.training.history_files import (
    BATCH_COLUMNS,
    FORMAT_VERSION,
    HistoryFileError,
    as_csv,
    as_json,
    content_of_csv,
    content_of_json,
    exact,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["FORMAT_VERSION", "History", "HistoryFileError"]

NAN = math.nan


class History:
    """What happened during training, as columns of numbers.

    The trainers fill one; a loop written by hand can do the same with `batch` and `epoch`.

    Attributes
    ----------
    framework : str
        ``"pytorch"``, ``"keras"`` or, when nobody said, ``""``.
    stop_reason : str or None
        One word: ``"finished"`` (all epochs ran), ``"early_stopping"``, ``"interrupted"``,
        ``"non_finite"`` (the loss was NaN or infinite), ``"callback"`` (a callback asked for it) or
        ``"error"``; `None` while training.
    stop_message : str
        The same as a sentence.
    steps_per_epoch : int or None
        Batches in a whole epoch, where that is known; it tells how far an epoch got that was cut short.

    Examples
    --------
    >>> history = History()
    >>> for loss, size in [(2.0, 4), (1.0, 4), (4.0, 1)]:   # a ragged last batch
    ...     history.batch(loss, size)
    >>> history.epoch(val_loss=1.5)
    >>> float(history.train_loss[0])    # (2·4 + 1·4 + 4·1) / 9, not (2 + 1 + 4) / 3
    1.7777777777777777
    """

    def __init__(self, framework: str = "") -> None:
        self.framework = framework
        self.stop_reason: str | None = None
        self.stop_message = ""
        self.steps_per_epoch: int | None = None
        self._best_epoch: int | None = None
        self._lowest: int | None = None  # among the first so many epochs, see `best_epoch`
        self._looked_at = 0
        self._b_epoch = array("i")
        self._b_size = array("i")
        self._b_weight = array("d")
        self._b_loss = array("d")
        self._b_lr = array("d")
        self._b_metrics: dict[str, array[float]] = {}
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
    ) -> None:
        """Record one batch of the epoch under way.

        Parameters
        ----------
        loss : float
            The batch's own mean loss (not a running mean).
        size : int
            Samples in the batch.
        weight : float, optional
            What the loss was divided by, where that is not the number of samples: the sum of the
            class weights of the batch, for a weighted cross-entropy in PyTorch. `size` by default.
        lr : float, optional
            The learning rate of this update.
        metrics : mapping of str to float, optional
            Means over the batch, by name.
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
            self._append_row(self._b_metrics, row, len(self._b_loss))

    def batches(
        self,
        loss: Sequence[float],
        size: Sequence[int],
        weight: Sequence[float] | None = None,
        *,
        lr: Sequence[float] | None = None,
        metrics: Mapping[str, Sequence[float]] | None = None,
    ) -> None:
        """Record several batches of the epoch under way at once: the columns of `batch`, of equal length."""
        count = len(loss)
        for name, values in (("size", size), ("weight", weight), ("lr", lr), *(metrics or {}).items()):
            if values is not None and len(values) != count:
                raise ValueError(f"there are {count} losses but {len(values)} entries of {name}; expected as many")
        self._b_epoch.extend([self._n_epochs + 1] * count)
        self._b_size.extend(size)
        self._b_weight.extend(size if weight is None else weight)
        self._b_loss.extend(loss)
        self._b_lr.extend([NAN] * count if lr is None else lr)
        before = len(self._b_loss) - count
        for name in metrics or ():
            self._b_metrics.setdefault(name, array("d", [NAN]) * before)
        for name, column in self._b_metrics.items():
            column.extend((metrics or {}).get(name, [NAN] * count))

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
            The learning rate; by default that of the epoch's last batch, where it was recorded.
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
            train_loss = self._weighted_mean(self._b_loss, start)
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
            "seconds": seconds,
            "samples": samples,
        }
        for name in self._b_metrics:
            given = row.pop(f"train_{name}", None)  # these columns come last, given or not
            if given is None and recorded:
                given = self._weighted_mean(self._b_metrics[name], start, self._b_size)
            row[f"train_{name}"] = given
        known = {name: float(value) for name, value in row.items() if value is not None and not _is_nan_lr(name, value)}
        self._n_epochs += 1
        self._append_row(self._epochs, known, self._n_epochs)

    @staticmethod
    def _append_row(columns: dict[str, array[float]], row: Mapping[str, float], length: int) -> None:
        for name in row:
            if name not in columns:
                columns[name] = array("d", [NAN]) * (length - 1)
        for name, column in columns.items():
            column.append(row.get(name, NAN))

    def _epoch_start(self) -> int:
        """Index of the first batch record of the epoch under way."""
        start = len(self._b_epoch)
        while start and self._b_epoch[start - 1] > self._n_epochs:
            start -= 1
        return start

    def _weighted_mean(self, column: Sequence[float], start: int, weights: Sequence[float] | None = None) -> float:
        weights = self._b_weight if weights is None else weights
        parts = np.array(weights[start:], dtype=np.float64)
        values, total = np.array(column[start:]), parts.sum()
        if not parts.all():  # a batch of weight 0 has no loss: NaN there must not spoil the mean
            values, parts = values[parts != 0], parts[parts != 0]
        return float(np.dot(values, parts) / total) if total else NAN

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
        """What each batch's loss counts in the mean: its size, or the sum of its class weights."""
        return np.array(self._b_weight)

    @property
    def batch_loss(self) -> NDArray[np.float64]:
        """Each batch's own mean loss."""
        return np.array(self._b_loss)

    def batch_losses_after(self, step: int) -> NDArray[np.float64]:
        """Return the losses of the batches after this step only; takes no longer when many came before."""
        return np.array(self._b_loss[step:])

    def steps_until(self, epoch: int) -> int:
        """Return how many batches had been recorded when this epoch ended."""
        return bisect_right(self._b_epoch, epoch)

    @property
    def batch_lr(self) -> NDArray[np.float64]:
        """Learning rate of each update."""
        return np.array(self._b_lr)

    @property
    def batch_metrics(self) -> dict[str, NDArray[np.float64]]:
        """Metrics of each batch, by name."""
        return {name: np.array(column) for name, column in self._b_metrics.items()}

    @property
    def best_epoch(self) -> int | None:
        """The epoch with the lowest validation loss, or the one early stopping chose; from 1.

        `None` when there is no finite validation loss. The first of equals counts.
        """
        if self._best_epoch is not None:
            return self._best_epoch
        # Epochs are only ever added: each is looked at once, so that a live plot may ask ten times a second.
        losses = self._epochs.get("val_loss", ())
        for epoch in range(self._looked_at + 1, len(losses) + 1):
            value = losses[epoch - 1]
            if math.isfinite(value) and (self._lowest is None or value < losses[self._lowest - 1]):
                self._lowest = epoch
        self._looked_at = len(losses)
        return self._lowest

    @best_epoch.setter
    def best_epoch(self, epoch: int | None) -> None:
        self._best_epoch = None if epoch is None else int(epoch)

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
        columns += [*self._b_metrics.values(), *self._epochs.values()]
        return sum(column.__sizeof__() for column in columns)

    def __repr__(self) -> str:
        text = f"History: {self.epochs} epochs, {self.steps} batches"
        if self._n_epochs and np.isfinite(self.train_loss[-1]):
            text += f", last train_loss {self.train_loss[-1]:.4g}"
        best = self.best_epoch
        if best is not None and best <= self._n_epochs and np.isfinite(self.val_loss[best - 1]):
            text += f", best epoch {best} with val_loss {self.val_loss[best - 1]:.4g}"
        return text + (f"; {self.stop_message or self.stop_reason}" if self.stop_reason else "")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return exact(self._content()) == exact(other._content())

    __hash__ = None  # type: ignore[assignment]

    # ------------------------------------------------------------------ plots and tables

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both loss curves on one axis; see `course_lib.plots.curves`."""
        from course_lib.plots import curves

        return curves(self, ax=ax)

    def to_frame(self, records: str = "epochs") -> pd.DataFrame:
        """Return a table with one row a record.

        Parameters
        ----------
        records : {"epochs", "batches"}
            Which of the two tables.

        Returns
        -------
        pandas.DataFrame
            Indexed by epoch, or by step; columns as in this module's description.
        """
        import pandas as pd

        if records == "epochs":
            frame = pd.DataFrame({name: np.array(column) for name, column in self._epochs.items()})
            frame.index = pd.RangeIndex(1, self._n_epochs + 1, name="epoch")
        elif records == "batches":
            frame = pd.DataFrame(dict(zip(BATCH_COLUMNS, map(np.array, self._batch_arrays()), strict=True)))
            for name, column in self._b_metrics.items():
                frame[name] = np.array(column)
            frame.index = pd.RangeIndex(1, self.steps + 1, name="step")
        else:
            raise ValueError(f"records is '{records}'; expected 'epochs' or 'batches'")
        return frame

    def _batch_arrays(self) -> tuple[array[Any], ...]:
        return (self._b_epoch, self._b_size, self._b_weight, self._b_loss, self._b_lr)

    # ------------------------------------------------------------------ files

    def _content(self) -> dict[str, Any]:
        return {
            "framework": self.framework,
            "stop_reason": self.stop_reason,
            "stop_message": self.stop_message,
            "best_epoch": self._best_epoch,
            "steps_per_epoch": self.steps_per_epoch,
            "n_batches": self.steps,
            "n_epochs": self._n_epochs,
            "batches": dict(zip(BATCH_COLUMNS, map(list, self._batch_arrays()), strict=True)),
            "batch_metrics": {name: list(column) for name, column in self._b_metrics.items()},
            "epochs": {name: list(column) for name, column in self._epochs.items()},
        }

    @classmethod
    def _from_content(cls, content: Mapping[str, Any]) -> History:
        history = cls(content.get("framework", ""))
        history.stop_reason = content.get("stop_reason")
        history.stop_message = content.get("stop_message", "")
        history._best_epoch = content.get("best_epoch")
        history.steps_per_epoch = content.get("steps_per_epoch")
        batches = content.get("batches", {})
        size = batches.get("size", [])
        steps = len(batches.get("loss", []))
        history._b_epoch = array("i", batches.get("epoch", []))
        history._b_size = array("i", size)
        history._b_weight = array("d", batches.get("weight", size))
        history._b_loss = array("d", batches.get("loss", []))
        history._b_lr = array("d", batches.get("lr", [NAN] * steps))
        history._b_metrics = {name: array("d", col) for name, col in content.get("batch_metrics", {}).items()}
        history._epochs = {name: array("d", column) for name, column in content.get("epochs", {}).items()}
        history._n_epochs = content.get("n_epochs", max(map(len, history._epochs.values()), default=0))
        wrong = [c for c in (*history._batch_arrays(), *history._b_metrics.values()) if len(c) != steps]
        wrong += [c for c in history._epochs.values() if len(c) != history._n_epochs]
        if wrong or content.get("n_batches", steps) != steps:
            raise HistoryFileError(
                f"the columns of this history differ in length (expected {history._n_epochs} epochs and "
                f"{content.get('n_batches', steps)} batches); the file was cut short or changed by hand"
            )
        return history

    def to_json(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write everything as JSON, exactly; `from_json` gives an equal history back.

        Parameters
        ----------
        path : path, optional
            Where to write it too, replacing a file that is there in one go.

        Returns
        -------
        str
            The text: valid JSON, with NaN as ``null`` and infinities as strings.
        """
        text = as_json(self._content())
        if path is not None:
            write_atomically(path, text.encode())
        return text

    @classmethod
    def from_json(cls, source: str | os.PathLike[str]) -> History:
        """Read what `to_json` wrote: a path, or the text itself.

        Raises
        ------
        HistoryFileError
            If it is cut short, is something else, or comes from a newer version.
        """
        return cls._from_content(content_of_json(source))

    def to_csv(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write everything as CSV, exactly; `from_csv` gives an equal history back.

        One row a record, its first column ``record`` saying ``batch`` or ``epoch``. Lines that begin
        with ``#`` hold the rest, so that ``pandas.read_csv(path, comment="#")`` reads the file too.

        Parameters
        ----------
        path : path, optional
            Where to write it too, replacing a file that is there in one go.

        Returns
        -------
        str
            The text.
        """
        text = as_csv(self._content())
        if path is not None:
            write_atomically(path, text.encode())
        return text

    @classmethod
    def from_csv(cls, source: str | os.PathLike[str]) -> History:
        """Read what `to_csv` wrote: a path, or the text itself.

        Raises
        ------
        HistoryFileError
            If it is cut short, is something else, or comes from a newer version.
        """
        return cls._from_content(content_of_csv(source))

    @classmethod
    def from_keras(cls, history: Any, validation_freq: int | Iterable[int] | None = None) -> History:
        """Take over what Keras's own ``model.fit`` returned.

        Parameters
        ----------
        history : keras.callbacks.History or dict
            ``loss`` becomes ``train_loss``, ``accuracy`` becomes ``train_accuracy``; names that begin
            with ``val_`` keep them. Keras does not keep batches, so there are no batch records.
        validation_freq : int or iterable of int, optional
            What ``fit`` was given, where not every epoch was validated: Keras keeps the values, but not to
            which epochs they belong. An epoch that was not validated has NaN. Without it the only whole
            number that gives so many values is taken, with a warning.

        Raises
        ------
        ValueError
            If the columns differ in length and it is not known which epochs their values belong to.

        Examples
        --------
        >>> History.from_keras({"loss": [2.0, 1.0], "val_loss": [1.8, 1.9]}).best_epoch
        1
        """
        columns: Mapping[str, Iterable[float]] = getattr(history, "history", history)
        if not isinstance(columns, Mapping):
            raise TypeError(
                f"from_keras got {type(history).__name__}; expected what `model.fit` returns, or its "
                "dictionary `history.history`"
            )
        result = cls("keras")
        for name, values in by_epoch(columns, getattr(history, "epoch", None), validation_freq).items():
            name = "lr" if name in ("learning_rate", "lr") else name
            ours = name if name == "lr" or name.startswith("val_") else f"train_{name}"
            result._epochs[ours] = array("d", values.tolist())
        result._n_epochs = max(map(len, result._epochs.values()), default=0)
        return result


def _is_nan_lr(name: str, value: float) -> bool:
    return name == "lr" and math.isnan(value)
