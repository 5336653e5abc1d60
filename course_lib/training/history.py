"""The record of a training run: every batch and every epoch, whichever framework trained.

A `History` keeps two tables. A **batch record** holds the loss of one batch at the moment it was
used for an update. An **epoch record** holds what one pass over the training rows amounted to:

* ``train_loss``: the mean over samples of the losses *reported while training*, so of a model that
  changed during the epoch;
* ``train_loss_remeasured``: the loss of the training rows at the epoch's *final* weights, when asked for;
* ``val_loss``: the loss of the validation rows, also at the epoch's final weights;
* metrics under their names, as ``train_accuracy`` and ``val_accuracy``; ``lr``, the learning rate of
  its last batch (``lr_2``, … those of an optimizer's further groups of parameters); ``seconds``; ``samples``.

Epochs and batches (steps) are counted from 1. The columns themselves are kept by `course_lib.training.record_columns`.
"""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from course_lib.atomic import write_atomically
from course_lib.plots.foreign_history import by_epoch
from course_lib.training.columns import NAN
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
from course_lib.training.records import Records

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["FORMAT_VERSION", "History", "HistoryFileError"]


class History(Records):
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
        super().__init__()
        self.framework = framework
        self.stop_reason: str | None = None
        self.stop_message = ""
        self.steps_per_epoch: int | None = None
        self._best_epoch: int | None = None
        self._lowest: int | None = None  # among the first so many epochs, see `best_epoch`
        self._looked_at = 0

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
            for name, column in (self._b_rates | self._b_metrics).items():
                frame[name] = np.array(column)
            frame.index = pd.RangeIndex(1, self.steps + 1, name="step")
        else:
            raise ValueError(f"records is '{records}'; expected 'epochs' or 'batches'")
        return frame

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
            "batch_rates": {name: list(column) for name, column in self._b_rates.items()},
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
        history._b_rates = {name: array("d", col) for name, col in content.get("batch_rates", {}).items()}
        history._epochs = {name: array("d", column) for name, column in content.get("epochs", {}).items()}
        history._n_epochs = content.get("n_epochs", max(map(len, history._epochs.values()), default=0))
        further = (*history._b_metrics.values(), *history._b_rates.values())
        wrong = [c for c in (*history._batch_arrays(), *further) if len(c) != steps]
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
            ours = name if name.startswith("val_") else f"train_{name}"
            result._epochs["lr" if name in ("learning_rate", "lr") else ours] = array("d", values.tolist())
        result._n_epochs = max(map(len, result._epochs.values()), default=0)
        return result
