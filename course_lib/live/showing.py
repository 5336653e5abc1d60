"""What every live plot does while it gathers: keeps time, feeds its view, obeys its controls, ends with a picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from course_lib.live.browser_view import BrowserView
from course_lib.live.feed import finite
from course_lib.live.panels import last_picture, metric_columns, summary
from course_lib.live.views import TerminalView, View
from course_lib.notebook.host import has_widgets, in_notebook
from course_lib.training.callbacks import Callback
from course_lib.training.history import History

__all__ = ["Showing"]


class Showing(Callback):
    """A callback with a view: the part of the live plot that does not care where batches come from."""

    title: str | None
    where: str
    every: float
    epochs: int | None
    steps: int | None
    lr: float | None
    metrics: bool
    stopped: bool
    _before: tuple[int, int]
    _set_lr: Callable[[float], None] | None
    _owns_history: bool
    _history: History
    _open = False
    _trouble: str | None = None

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
        if self._has_metrics():
            status["M"] = True
        if self._has_rates():
            status["R"] = True
        if self._stopper is not None:
            status["w"] = [self._stopper.wait, self._stopper.patience]
        return status

    def _has_metrics(self) -> bool:
        """Tell whether epochs have metrics, or will have some, so that there is room for them from the start."""
        return self.metrics or bool(metric_columns(self.history.names))

    def _has_rates(self) -> bool:
        """Tell whether a schedule is at work, so that there is room for its rates from the start."""
        return not self._owns_history and bool(getattr(self.run, "schedule", None))

    def _best(self) -> tuple[int, float] | None:
        """Return the best epoch as the history has it, and its validation loss."""
        history = self.history
        best = history.best_epoch
        if best is None or not 1 <= best <= history.epochs:
            return None
        value = finite(history.row(best).get("val_loss"))
        return None if value is None else (best, value)

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
        return summary(self.history, self._best())

    def picture(self) -> tuple[str, str]:
        """Return what stays in the notebook: an HTML figure with alternative text, and the same in words."""
        return last_picture(self.history, self.title, self.summary(), rates=self._has_rates())
