"""Keras's own callbacks in a run of this course."""

from __future__ import annotations

from typing import Any

import keras

from course_lib.training.callbacks import Callback, Logs

__all__ = ["KerasAdapter"]

_WAITING = ("best", "wait", "cooldown_counter")


class KerasAdapter(Callback):
    """Calls a Keras callback as ``model.fit`` would: epochs from 0, the running mean, ``loss`` and ``val_loss``."""

    def __init__(self, callback: keras.callbacks.Callback) -> None:
        self.callback = callback
        theirs = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
        base = keras.callbacks.Callback
        self._per_batch = any(  # LambdaCallback sets its functions on the object
            name in vars(callback) or getattr(type(callback), name) is not getattr(base, name) for name in theirs
        )
        self.grouped = not self._per_batch
        self._last: dict[str, float] = {}

    def on_train_begin(self, logs: Logs = None) -> None:
        """Hand over the model."""
        run = self.run
        self.callback.set_model(run.model)
        self.callback.set_params({"epochs": run.epochs, "steps": run.steps, "verbose": 0})
        run.model.stop_training = False
        self.callback.on_train_begin({})

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Pass it on, and start the running mean anew."""
        self._sums: dict[str, tuple[float, float]] = {}
        self.callback.on_epoch_begin(epoch - 1, {})
        self._batch_begins(0)

    def _batch_begins(self, batch: int) -> None:
        if self._per_batch and batch != self.run.steps:
            self.callback.on_train_batch_begin(batch, {})

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Pass on the running means, as Keras does."""
        if not self._per_batch or logs is None:
            return
        values = {name: value for name, value in logs.items() if name not in ("size", "weight", "lr")}
        for name, value in values.items():
            total, count = self._sums.get(name, (0.0, 0))
            counted = logs["size"] if logs["weight"] else 0  # without labels that count there is no loss
            self._sums[name] = total + (value * counted if counted else 0.0), count + counted
        means = {name: total / count if count else 0.0 for name, (total, count) in self._sums.items()}
        self.callback.on_train_batch_end(batch - 1, means)
        self._follow()
        if not self.run.should_stop:
            self._batch_begins(batch)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Pass on the epoch's record under Keras's names."""
        left_out = ("lr", "seconds", "samples", "train_loss_remeasured")
        self._last = {n.removeprefix("train_"): v for n, v in (logs or {}).items() if n not in left_out}
        self.callback.on_epoch_end(epoch - 1, dict(self._last))
        self._follow()

    def state(self) -> dict[str, Any]:
        """Return whose state it is, and how far a rate that waits for a plateau has waited."""
        names = _WAITING if isinstance(self.callback, keras.callbacks.ReduceLROnPlateau) else ()
        return {"callback": type(self.callback).__name__} | {
            name: float(getattr(self.callback, name)) for name in names
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Take it over, where it is of a callback of the same class."""
        if state["callback"] == type(self.callback).__name__:
            for name in _WAITING:
                if name in state:
                    setattr(self.callback, name, state[name])

    def _follow(self) -> None:
        if getattr(self.run.model, "stop_training", False):
            self.run.stop("callback", f"the Keras callback {type(self.callback).__name__} asked to stop")

    def on_train_end(self, logs: Logs = None) -> None:
        """Pass it on, with the last epoch's numbers."""
        self.callback.on_train_end(dict(self._last))
