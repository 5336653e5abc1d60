"""The live plot: training and validation loss while the model trains, and a picture that stays.

Three ways in, one picture::

    fit(model, train, val, ..., callbacks=[LivePlot()])        # course_lib.pytorch or course_lib.keras
    model.fit(x, y, ..., callbacks=[LivePlot()])               # Keras's own fit
    with LivePlot(epochs=20) as plot:                          # a loop of your own
        plot.batch(loss=...)
        plot.epoch(train_loss=..., val_loss=...)

What it costs: a batch is one look at the clock. About ten times a second the batches that came since are
read from the history and sent to the browser, as four bytes each, and the browser draws them; nothing that
was sent before is sent again, so an update costs the same after 100 batches and after 100,000. Every batch
is in ``plot.history``; frames are dropped, never points.

Keras's own ``fit`` with ``steps_per_execution`` tells of several batches at once: shown is their mean.

What stays: when training ends, by itself, by an interrupt or by an error, a picture with alternative text and
a line of words is put into the output. The live view goes on in its place while the page is open, and can show
the run again; nothing in the saved notebook needs a kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from types import TracebackType
from typing import Any

from course_lib.live.keras_fit import KerasFit
from course_lib.live.panels import learning_rate_of, metric_columns
from course_lib.training.callbacks import Logs
from course_lib.training.history import History

__all__ = ["LivePlot"]


class LivePlot(KerasFit):
    """Show losses while a model trains; leave a picture behind.

    Parameters
    ----------
    epochs : int, optional
        How many epochs are planned, for the remaining time. Trainers say it themselves.
    steps : int, optional
        Batches in an epoch, where known; trainers say it themselves.
    every : float
        Seconds between updates.
    title : str, optional
        Title of the picture.
    lr : float, optional
        The learning rate of a loop of your own. A slider then changes `lr`, which the loop reads.
    history : History, optional
        The record of an earlier run of your own loop, or of Keras's ``fit``, to go on with. The course's
        trainers go on from a file, ``fit(…, resume=…)``.
    metrics : bool
        Whether the epochs of a loop of your own will bring metrics: there is room for them from the start.
    where : {"auto", "widget", "picture", "text"}
        Where to draw: live in the browser, a picture at the end only, or text. By default the front end
        decides.

    Attributes
    ----------
    history : History
        Every batch and every epoch.
    stopped : bool
        Whether the Stop button was pressed. Trainers stop by themselves; a loop of your own reads this.
    lr : float or None
        The learning rate as the slider has it.

    Examples
    --------
    >>> with LivePlot(where="text") as plot:
    ...     for loss in (1.0, 0.5):
    ...         plot.batch(loss=loss)
    ...         plot.epoch(train_loss=loss, val_loss=loss + 0.1)
    2 epochs  training 0.5  validation 0.6 █▁  best epoch 2: 0.6
    """

    grouped = True
    order = 2  # after early stopping, so that its counter is this epoch's

    def __init__(
        self,
        epochs: int | None = None,
        *,
        steps: int | None = None,
        every: float = 0.1,
        title: str | None = None,
        lr: float | None = None,
        history: History | None = None,
        metrics: bool = False,
        where: str = "auto",
    ) -> None:
        if where not in ("auto", "widget", "picture", "text"):
            raise ValueError(f"where={where!r} is not known; expected 'auto', 'widget', 'picture' or 'text'")
        if every <= 0:
            raise ValueError(f"every={every} seconds between updates was given; expected more than 0")
        if history is not None and not isinstance(history, History):
            raise TypeError(f"history is a {type(history).__name__}; expected a History, such as plot.history")
        self.title, self.where, self.every = title, where, every
        self._given = epochs, steps, lr, history, metrics
        self.epochs, self.steps, self.lr, self.metrics = epochs, steps, lr, metrics
        self._history = History() if history is None else history
        self._owns_history = True
        self._before = self._history.steps, self._history.epochs  # what was there before this run began
        self.stopped = False
        self._trouble: str | None = None
        self._open = False
        self._set_lr: Callable[[float], None] | None = None
        self._keras: Any = None
        self._began_epochs = False

    # ------------------------------------------------------------------ a loop of your own

    def __enter__(self) -> LivePlot:
        self._leave()
        self.epochs, self.steps, self.lr, _, self.metrics = self._given
        self._set_lr = None
        self.history = self._own_history()
        self.history.steps_per_epoch = self.steps
        self._begin()
        return self

    def _own_history(self, framework: str = "") -> History:
        """Return the history to go on with, or a new one."""
        history = self._given[3]
        if history is None:
            return History(framework)
        history.stop_reason, history.stop_message = None, ""
        return history

    def _leave(self, error: BaseException | None = None) -> None:
        """Close the view of a loop or a ``fit`` that never came to its end."""
        if self._open:
            self._note_error(error)
            self._end()

    def _note_error(self, error: BaseException | None) -> None:
        if self.history.stop_reason is not None:
            return
        if error is None or isinstance(error, KeyboardInterrupt):
            how = "interrupted by hand" if error is not None else "left before its end"
            self.history.stop_reason, self.history.stop_message = "interrupted", how
        else:
            self.history.stop_reason, self.history.stop_message = "error", f"{type(error).__name__}: {error}"

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._note_error(error if error is not None else kind())
        elif self.stopped:
            self._note_stop()
        self._end()

    def batch(self, loss: float, size: int = 1, *, lr: float | None = None, **metrics: float) -> None:
        """Record and show the loss of one batch.

        Parameters
        ----------
        loss : float
            The batch's own mean loss, as a number rather than a tensor with a graph.
        size : int
            Samples in the batch, for the mean over the epoch.
        lr : float, optional
            The learning rate that the batch was used with; a panel shows it once it changes.
        **metrics : float
            Means over the batch, by name.
        """
        loss, rate = float(loss), math.nan if lr is None else float(lr)
        self.history.batch(loss, size, lr=rate, metrics=metrics or None)
        self._look()

    def epoch(self, train_loss: float | None = None, val_loss: float | None = None, **metrics: float) -> None:
        """Record and show the end of an epoch.

        Parameters
        ----------
        train_loss : float, optional
            By default the sample-weighted mean of the epoch's batches.
        val_loss : float, optional
            Of the validation rows, at the weights the epoch ended with.
        **metrics : float
            By full name, such as ``val_accuracy=0.9``.
        """
        values: dict[str, Any] = {name: float(value) for name, value in metrics.items()}
        self.history.epoch(
            None if train_loss is None else float(train_loss), None if val_loss is None else float(val_loss), **values
        )
        self._look()

    # ------------------------------------------------------------------ callback of the course's trainers and of Keras

    def on_train_begin(self, logs: Logs = None) -> None:
        """Open the view."""
        self._leave()
        if self._keras is not None:
            self._begin_keras()
            return
        if self._given[3] is not None:
            raise ValueError(
                "LivePlot(history=…) goes with a loop of your own; to go on with a run of fit, give fit the file of "
                "a Checkpoint, as in fit(…, resume=checkpoint.last)"
            )
        run = self.run
        self._owns_history = False
        self.epochs, self.steps = run.epochs, run.steps
        optimizer = getattr(run, "optimizer", None) or getattr(run.model, "optimizer", None)
        self.lr, self._set_lr = (None, None) if getattr(run, "schedule", None) else learning_rate_of(optimizer)
        self.metrics = bool(metric_columns(run.names))
        self._before = run.history.steps, run.history.epochs
        self._begin(next((c for c in run.callbacks if hasattr(c, "patience") and hasattr(c, "wait")), None))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Learn, before the first batch, what a resumed run has done already."""
        if not self._began_epochs:
            self._began_epochs = True
            if self._keras is not None and self.epochs is not None:
                # Keras counts from `initial_epoch`, the history from what it holds.
                self.epochs = self.history.epochs + self.epochs - epoch
            self._before = self.history.steps, self.history.epochs
        self._seen = (0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Show what was recorded since."""
        if self._keras is not None:
            self._add_keras_batch(logs or {})
        self._look()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Show the epoch."""
        if self._keras is not None:
            self._add_keras_epoch(logs)
        self._look()

    def on_train_end(self, logs: Logs = None) -> None:
        """Replace the view by a picture."""
        if self._keras is not None and self.history.stop_reason is None:
            self._note_keras_end()
        self._end()
