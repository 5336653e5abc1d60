"""Callbacks: what may be hung onto a training run, in both frameworks, under Keras's names.

The protocol
------------
A callback is an object with these methods; derive from `Callback`, which does nothing in each:

==============================================  =====================================================
``on_train_begin(logs)``                        before the first step; ``self.run`` is set by then
``on_epoch_begin(epoch, logs)``                 epochs count from **1**, as in `History`
``on_train_batch_end(batch, logs)``             batches count from 1 in each epoch; ``logs`` holds the
                                                batch's own ``loss``, its ``size``, its ``weight`` in
                                                the mean, ``lr`` and metrics
``on_epoch_end(epoch, logs)``                   ``logs`` is the epoch record: ``train_loss``,
                                                ``val_loss``, ``val_accuracy``, ``seconds``, …
``on_train_end(logs)``                          always called, also after an interrupt and an error
==============================================  =====================================================

A batch in which no label counts has weight 0 and the loss NaN.

When a method is called, ``self.run.history`` already contains what it is about, and for a callback that is
told in groups also the later batches of the group. ``self.run`` is a
`course_lib.training.run.Run`: ``run.model``, ``run.history``, ``run.epochs`` (how many were asked for),
``run.steps`` (batches an epoch, or `None` when unknown), ``run.framework``, ``run.names`` (the names
``on_epoch_end`` will find in its logs) and ``run.stop(reason, message)``, which ends training after
the batch or epoch under way. In ``on_train_end``, ``history.stop_reason`` says why training ended.

``grouped``: reading a loss makes a GPU wait, and returning to Python after every batch slows Keras
down. A callback whose class says ``grouped = True`` is told of batches in groups, about ten times a
second, each batch still with its own call and its own loss. Otherwise each call comes before the
next batch begins, which a callback needs that changes the learning rate or the weights.

Keras's own callbacks can be given to `course_lib.keras.fit` as they are.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_lib.atomic import write_atomically
from course_lib.training.direction import better_mode

if TYPE_CHECKING:
    from course_lib.training.run import Run

__all__ = ["GROUP_SECONDS", "CSVLog", "Callback", "Checkpoint", "Logs", "check_callback"]

Logs = Mapping[str, float] | None

#: Where batches may be told in groups, numbers are read at least this often: a live plot moves ten times a second.
GROUP_SECONDS = 0.1


class Callback:
    """Something that is told how training goes. Override what you need; see the module's text.

    Attributes
    ----------
    run : Run
        The run under way; set before ``on_train_begin``.
    grouped : bool
        Whether batches may be told in groups, which is faster.

    Examples
    --------
    >>> class Shout(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(f"epoch {epoch}: {logs['val_loss']:.2f}")
    """

    grouped: bool = False
    order: int = 0  # callbacks of a higher order are called after the others
    run: Run

    def on_train_begin(self, logs: Logs = None) -> None:
        """Before the first step."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Before the first batch of an epoch."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """After a batch was used for an update."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """After validation."""

    def on_train_end(self, logs: Logs = None) -> None:
        """After training, however it ended."""

    def state(self) -> dict[str, Any]:
        """What a checkpoint must keep so that a resumed run goes on as if undisturbed."""
        return {}

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what `state` returned; called after ``on_train_begin``."""


METHODS = ("on_train_begin", "on_epoch_begin", "on_train_batch_end", "on_epoch_end", "on_train_end")


def check_callback(callback: Any) -> None:
    """Raise unless it is an object that a trainer can call; say what was probably meant."""
    if isinstance(callback, type):
        raise TypeError(f"callbacks holds the class {callback.__name__}; write {callback.__name__}() with brackets")
    if any(base.__module__.startswith("keras.") for base in type(callback).__mro__):
        raise TypeError(
            f"{type(callback).__name__} is a callback of Keras, which this trainer cannot call; "
            "course_lib.training.callbacks has those that both trainers take"
        )
    if hasattr(callback, "get_last_lr"):
        raise TypeError(
            f"callbacks holds a {type(callback).__name__}, which is a schedule; give it as schedule=…, and when it "
            "is stepped as schedule_unit=…"
        )
    missing = [name for name in METHODS if not callable(getattr(callback, name, None))]
    if missing:
        raise TypeError(
            f"callbacks holds a {type(callback).__name__} without {missing[0]}; derive its class from "
            "course_lib.training.callbacks.Callback"
        )


class CSVLog(Callback):
    """Write each epoch's record as a line of a CSV file, at once, so that nothing is lost in a crash.

    Parameters
    ----------
    path : path
        The file. A new run replaces it, a resumed one too, with the epochs that were done before.

    Examples
    --------
    >>> log = CSVLog("run.csv")   # then: fit(..., callbacks=[log]); pandas.read_csv("run.csv")
    """

    grouped = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file: Any = None

    def on_train_begin(self, logs: Logs = None) -> None:
        """Wait: a run that does not come about, such as one resumed from a wrong file, leaves an old file alone."""
        self._file = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Start the file anew, with its header, and the epochs that a resumed run has done before."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("w", newline="", encoding="utf-8")
            self._write = csv.DictWriter(self._file, ["epoch", *self.run.names], extrasaction="ignore")
            self._write.writeheader()
            self._rows(range(1, epoch))

    def _rows(self, epochs: Iterable[int]) -> None:
        for epoch in epochs:
            self._write.writerow({"epoch": epoch, **self.run.history.row(epoch)})
        self._file.flush()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Append the epoch's line, and hand it to the operating system."""
        self._rows([epoch])

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


class Checkpoint(Callback):
    """Keep the whole state of a run in files: the best epoch's and the last epoch's.

    A file holds weights, optimizer, history, random states and the states of the other callbacks, so
    that ``fit(…, resume=checkpoint.last)`` goes on to the same numbers as an undisturbed run. A file
    is replaced in one go: a crash while writing leaves the one before.

    Parameters
    ----------
    folder : path
        Where ``best.ckpt`` and ``last.ckpt`` go; made if it is missing.
    monitor : str
        The column of the epoch record that says which epoch is best; without validation the best
        file is not written.
    mode : {"auto", "min", "max"}
        Whether lower or higher is better. By default the name of `monitor` tells: an accuracy should be
        high, a loss or an error low. A name that does not tell is refused.
    every : int
        Write ``last.ckpt`` after every so many epochs, and after the last one.

    Attributes
    ----------
    best, last : pathlib.Path
        The two files.
    best_epoch : int or None
        The epoch that ``best.ckpt`` holds.
    """

    grouped = True
    order = 1  # after the others, so that their states are those of this epoch

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        monitor: str = "val_loss",
        mode: str = "auto",
        every: int = 1,
    ) -> None:
        if not isinstance(every, int) or every < 1:
            raise ValueError(f"every is {every!r}; expected a whole number of epochs, at least 1")
        self.folder = Path(folder)
        self.best, self.last = self.folder / "best.ckpt", self.folder / "last.ckpt"
        self.monitor, self.mode, self.every = monitor, better_mode(monitor, mode), every
        self.best_epoch: int | None = None
        self._best_value = float("inf")

    def on_train_begin(self, logs: Logs = None) -> None:
        """Make the folder; complain about an unknown column before the first step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.best_epoch, self._best_value = None, float("inf")
        if self.monitor not in self.run.names and self.monitor != "val_loss":
            raise ValueError(
                f"Checkpoint watches '{self.monitor}', which this run does not measure; "
                f"it measures: {', '.join(self.run.names)}"
            )

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the files that are due."""
        value = (logs or {}).get(self.monitor, float("nan"))
        value = -value if self.mode == "max" else value
        better = value < self._best_value  # NaN is never better
        if better:
            self._best_value, self.best_epoch = value, epoch
        due = epoch % self.every == 0 or epoch == self.run.epochs or self.run.should_stop
        if better or due:
            content = self.run.dump()
            for wanted, path in ((better, self.best), (due, self.last)):
                if wanted:
                    write_atomically(path, content)

    def state(self) -> dict[str, Any]:
        """Return which epoch was best, and by what."""
        return {
            "best_epoch": self.best_epoch,
            "best_value": self._best_value,
            "monitor": self.monitor,
            "mode": self.mode,
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take it over; a best file by another column, or in another folder, begins with the next epoch."""
        same = all(state.get(name, now) == now for name, now in (("monitor", self.monitor), ("mode", self.mode)))
        if same and self.best.exists():
            self.best_epoch, self._best_value = state["best_epoch"], state["best_value"]
