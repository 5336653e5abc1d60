"""The live plot as a callback of Keras's own ``fit``."""

from __future__ import annotations

from typing import Any

from course_lib.live.showing import Showing
from course_lib.notebook.host import in_notebook
from course_lib.training.callbacks import Logs
from course_lib.training.history import History

__all__ = ["KerasFit"]


class KerasFit(Showing):
    """What Keras's own ``fit`` expects of a callback beyond the names that the course's trainers use."""

    _keras: Any = None
    _seen: tuple[float, float]

    def _own_history(self, framework: str = "") -> History:
        raise NotImplementedError

    def _leave(self, error: BaseException | None = None) -> None:
        raise NotImplementedError

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
        self.metrics = len(self._keras.metrics) > 1  # the first one is the loss
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

    def _add_keras_epoch(self, logs: Logs) -> None:
        """Record the epoch under the course's names."""
        named: dict[str, Any] = {
            ("" if k.startswith("val_") else "train_") + k: float(v) for k, v in (logs or {}).items()
        }
        lr = named.pop("train_learning_rate", None)
        self.history.epoch(lr=lr, **named)

    def _note_keras_end(self) -> None:
        """Say why training ended, which Keras does not."""
        history = self.history
        if self.stopped:
            self._note_stop()
        elif self.epochs and history.epochs < self.epochs:
            history.stop_reason, history.stop_message = "callback", "a callback asked to stop"
        else:
            history.stop_reason, history.stop_message = "finished", f"all {history.epochs} epochs ran"


def _at_end_of_cell(plot: KerasFit) -> None:
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
