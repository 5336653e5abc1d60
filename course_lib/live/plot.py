"""The live plot: training and validation loss while the model trains, and a static picture afterwards.

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

What stays: when training ends, by itself, by an interrupt or by an error, the live view is replaced by a
picture with alternative text and a line of words. Nothing in the saved notebook needs a kernel.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from course_lib.live.feed import finite
from course_lib.live.panels import learning_rate_of, metric_panel
from course_lib.live.views import BrowserView, TerminalView, View, sparkline
from course_lib.notebook.host import has_widgets, in_notebook
from course_lib.training.callbacks import Callback, Logs
from course_lib.training.history import History

__all__ = ["LivePlot"]


class LivePlot(Callback):
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
        where: str = "auto",
    ) -> None:
        if where not in ("auto", "widget", "picture", "text"):
            raise ValueError(f"where={where!r} is not known; expected 'auto', 'widget', 'picture' or 'text'")
        if every <= 0:
            raise ValueError(f"every={every} seconds between updates was given; expected more than 0")
        if history is not None and not isinstance(history, History):
            raise TypeError(f"history is a {type(history).__name__}; expected a History, such as plot.history")
        self.title, self.where, self.every = title, where, every
        self._given = epochs, steps, lr, history
        self.epochs, self.steps, self.lr = epochs, steps, lr
        self._history = History() if history is None else history
        self._owns_history = True
        self._before = self._history.steps, self._history.epochs  # what was there before this run began
        self.stopped = False
        self._trouble: str | None = None
        self._open = False
        self._set_lr: Callable[[float], None] | None = None
        self._keras: Any = None
        self._began_epochs = False

    @property
    def history(self) -> History:
        """Every batch and every epoch; that of the run, in a trainer of the course."""
        return self._history if self._owns_history else self.run.history  # a resumed run brings another one

    @history.setter
    def history(self, history: History) -> None:
        if self._open and not self._owns_history:
            raise AttributeError("this plot shows a run of fit, which keeps the history; resume it with fit(resume=…)")
        self._history, self._owns_history = history, True
        self._before = history.steps, history.epochs

    # ------------------------------------------------------------------ a loop of your own

    def __enter__(self) -> LivePlot:
        self._leave()
        self.epochs, self.steps, self.lr, _ = self._given
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

    def batch(self, loss: float, size: int = 1, **metrics: float) -> None:
        """Record and show the loss of one batch.

        Parameters
        ----------
        loss : float
            The batch's own mean loss, as a number rather than a tensor with a graph.
        size : int
            Samples in the batch, for the mean over the epoch.
        **metrics : float
            Means over the batch, by name.
        """
        loss = float(loss)
        self.history.batch(loss, size, metrics=metrics or None)
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
        self.lr, self._set_lr = learning_rate_of(optimizer)
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
            named: dict[str, Any] = {
                ("" if k.startswith("val_") else "train_") + k: float(v) for k, v in (logs or {}).items()
            }
            lr = named.pop("train_learning_rate", None)
            self.history.epoch(lr=lr, **named)
        self._look()

    def on_train_end(self, logs: Logs = None) -> None:
        """Replace the view by a picture."""
        if self._keras is not None and self.history.stop_reason is None:
            if self.stopped:
                self._note_stop()
            elif self.epochs and self.history.epochs < self.epochs:
                self.history.stop_reason, self.history.stop_message = "callback", "a callback asked to stop"
            else:
                self.history.stop_reason = "finished"
                self.history.stop_message = f"all {self.history.epochs} epochs ran"
        self._end()

    # What Keras's own fit expects of a callback beyond the names above.

    def set_model(self, model: Any) -> None:
        """Take the model from Keras's own ``fit``."""
        self._leave()
        self._keras = model

    def _begin_keras(self) -> None:
        """Open the view for Keras's own ``fit``."""
        together = getattr(self._keras, "steps_per_execution", None) or 1
        if self.steps and isinstance(together, int):  # Keras tells of so many batches at once, by their mean
            self.steps = -(-self.steps // together)
        self.lr, self._set_lr = None, None
        self.history = self._own_history("keras")
        self.history.steps_per_epoch = self.steps
        self._begin()
        _at_end_of_cell(self)

    @property
    def model(self) -> Any:
        """The model in training."""
        return self._keras if self._keras is not None else self.run.model

    def set_params(self, params: dict[str, Any] | None) -> None:
        """Take the numbers of epochs and steps from Keras's own ``fit``."""
        self.epochs, self.steps = (params or {}).get("epochs"), (params or {}).get("steps")

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Nothing to do."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Nothing to do."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Nothing to do."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Nothing to do."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Nothing to do."""

    def _add_keras_batch(self, logs: Any) -> None:
        """Undo Keras's running mean: the metric behind it knows its total and how many rows it has seen."""
        if self.stopped:
            self._keras.stop_training = True
        tracker = next((m for m in self._keras.metrics if m.name == "loss"), None)
        if tracker is None or not hasattr(tracker, "total"):
            loss, size = float(logs["loss"]), 1.0
        else:
            total, count = float(tracker.total), float(tracker.count)
            before = self._seen if count > self._seen[1] else (0.0, 0.0)
            loss, size = (total - before[0]) / (count - before[1]), count - before[1]
            self._seen = (total, count)
        self.history.batch(loss, round(size))

    # ------------------------------------------------------------------ gathering

    def _begin(self, stopper: Any = None) -> None:
        self._stopper = stopper
        self._began_epochs = False
        self._seen = (0.0, 0.0)
        self.stopped, self._trouble = False, None
        self._wanted_lr: float | None = None
        self._heard = self._wants_all = False
        self._began = time.perf_counter()
        self._next = self._began
        self._view: View | None = None
        self._open = True
        self._try(self._open_view)

    def _look(self) -> None:
        """Update the view when it is time."""
        now = time.perf_counter()
        if now >= self._next:
            self._update(now)

    def _update(self, now: float) -> None:
        """Send what is new, and act on what the controls asked for."""
        self._next = now + self.every
        if self._wanted_lr is not None and self._set_lr is not None:
            self._try(lambda: self._set_lr(self._wanted_lr))  # type: ignore[misc, arg-type]
            self.lr, self._wanted_lr = self._wanted_lr, None
        if self.stopped and not self._owns_history and not self.run.should_stop:
            self.run.stop("callback", "stopped with the Stop button")
        if self._view is not None:
            self._try(self._view.update)
        # Drawing that takes long is done less often, so that training never waits for it much.
        after = time.perf_counter()
        self._next = max(self._next, after + 10 * (after - now))

    def _note_stop(self) -> None:
        self.history.stop_reason, self.history.stop_message = "callback", "stopped with the Stop button"

    def _status(self) -> dict[str, Any]:
        """Return the numbers of the status line, of the same size however long training has gone on."""
        status: dict[str, Any] = {"t": round(time.perf_counter() - self._began, 2), "E": self.epochs, "S": self.steps}
        if self._before != (0, 0):  # the remaining time is told from what this run has done itself
            status["before"] = self._before
        best = self._best()
        if best is not None:
            status["b"] = best
        if self._stopper is not None:
            status["w"] = [self._stopper.wait, self._stopper.patience]
        return status

    def _best(self) -> tuple[int, float] | None:
        """Return the best epoch as the history has it, and its validation loss."""
        history = self.history
        best = history.best_epoch
        if best is None or not 1 <= best <= history.epochs:
            return None
        value = finite(history.row(best).get("val_loss"))
        return None if value is None else (best, value)

    # ------------------------------------------------------------------ showing

    def _open_view(self) -> None:
        where = self.where
        if where == "auto":
            where = "widget" if has_widgets() else "picture" if in_notebook() else "text"
        if where == "widget":
            self._view = BrowserView(self)
        elif where == "picture":
            self._view = View(self)
        else:
            self._view = TerminalView(self)

    def _end(self) -> None:
        if not self._open:
            return
        self._open = False
        self._update(time.perf_counter())
        if self._view is not None:
            self._try(self._view.close)
        self._view = None
        self._keras = None

    def _try(self, action: Callable[[], None]) -> None:
        """Draw; a failure is told once and never ends training."""
        try:
            action()
        except Exception as error:
            if self._trouble is None:
                self._trouble = f"{type(error).__name__}: {error}"
                print(f"The live plot could not be drawn ({self._trouble}). Training goes on, and is recorded.")
            self._view = None

    def summary(self) -> str:
        """Tell in one line the best epoch, the last losses and why training ended.

        Returns
        -------
        str
        """
        history, parts = self.history, []
        last = history.last()
        parts.append(f"{history.epochs} epochs" if history.epochs != 1 else "1 epoch")
        if not history.epochs:
            parts.append(f"{history.steps} batch{'es' * (history.steps != 1)}")
        train, val = last.get("train_loss", math.nan), last.get("val_loss", math.nan)
        parts += [f"{name} {value:.4g}" for name, value in (("training", train), ("validation", val)) if value == value]
        if (best := self._best()) is not None:
            parts.append("best epoch {}: {:.4g}".format(*best))
        if history.stop_message:
            parts.append(history.stop_message)
        return "; ".join(parts) + "."

    def picture(self) -> tuple[str, str]:
        """Return what stays in the notebook: an HTML figure with alternative text, and the same in words."""
        from matplotlib.figure import Figure

        from course_lib.plots import curves, describe, figure_html, set_story, style

        metrics = [n for n in self.history.names if n.startswith(("train_", "val_")) and "loss" not in n]
        with style():
            figure = Figure(figsize=(7.2, 5.2 if metrics else 3.4))
            axes = figure.subplots(
                2 if metrics else 1, 1, sharex=True, squeeze=False, height_ratios=[3, 2][: 1 + bool(metrics)]
            )
            figure.subplots_adjust(left=0.09, right=0.98, top=0.93 if self.title else 0.97, hspace=0.12)
            figure.subplots_adjust(bottom=0.09 if metrics else 0.14)
            curves(self.history, axes[0, 0], title=self.title)
            if metrics:
                axes[0, 0].set_xlabel("")
                metric_panel(axes[1, 0], self.history, metrics)
        words, alt = self.summary(), describe(self.history)
        set_story(figure, alt)
        return figure_html(figure, alt, caption=words), f"{sparkline(self.history.val_loss)}\n{words}\n{alt}".strip()


def _at_end_of_cell(plot: LivePlot) -> None:
    """Close the view with the cell: Keras's own ``fit`` calls nobody when it is interrupted or fails."""
    if not in_notebook():
        return
    from IPython.core.getipython import get_ipython

    events: Any = get_ipython().events  # type: ignore[no-untyped-call, union-attr]
    opened = plot._began

    def cell_has_ended(result: Any = None) -> None:
        events.unregister("post_run_cell", cell_has_ended)
        if plot._open and plot._began == opened:
            plot._leave(getattr(result, "error_in_exec", None))

    events.register("post_run_cell", cell_has_ended)
