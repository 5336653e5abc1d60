"""Lesson 05: one call of ``run_epochs``, how it is watched and how it is read.

The model is the linear one of `course_lib.checks.linear`, multiplied by ``GAIN`` in training mode.
"""

from __future__ import annotations

from typing import Any

from course_lib.checks import linear
from course_lib.checks.histories import EpochsRun
from course_lib.checks.linear import GAIN, LR, REL

__all__ = ["OBSERVE", "Epochs"]


class Epochs(EpochsRun):
    """One call of ``run_epochs``: its passes, and the numbers that belong to the modes they were made in."""

    tolerance = (REL, 1e-5)

    def gain(self, key: str, epoch: int) -> float:
        """Return the factor that was in force in the passes behind an epoch's number."""
        passes = self.train_passes if key == "loss" else self.val_passes
        each = max(1, len(passes) // self.epochs)
        return GAIN if any(event["training"] for event in passes[epoch * each : epoch * each + 1]) else 1.0

    @property
    def rows_trained(self) -> int:
        """How many rows were trained on, each counted as often as it passed."""
        return sum(len(event["rows"]) for event in self.trained)


def _observe_pytorch(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: Any) -> Any:
    from course_lib.checks.watch import spies_pytorch as spies
    from course_lib.checks.watch.pytorch import counting_graphs

    events, counts = record.setdefault("events", []), record.setdefault("graphs_held", [])
    loss = counting_graphs(spies.tilted_loss, counts)
    model, loss, optimizer = spies.spied(start, events, how["training"], how.get("momentum", 0.0), loss=loss)
    train = spies.loaders(train[0], train[1], how["batch_size"])
    val = spies.loaders(val[0], val[1], how["val_batch_size"])
    try:
        return answer(model, train, val, loss, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = spies.weights_of(model)


def _observe_keras(answer: Any, record: dict[str, Any], start: Any, train: Any, val: Any, how: Any) -> Any:
    from course_lib.checks.watch import spies_keras as spies
    from course_lib.checks.watch.keras import eagerly, tensors

    events = record.setdefault("events", [])
    model, optimizer = spies.TapeSpy(start, GAIN, events), spies.noting_steps(LR, how.get("momentum", 0.0), events)
    train = tensors(linear.batches_of(train[0], train[1], how["batch_size"]))
    val = tensors(linear.batches_of(val[0], val[1], how["val_batch_size"]))
    try:
        with eagerly():
            return answer(model, train, val, spies.tilted_loss, optimizer, how["epochs"])
    finally:
        record["weights_after_the_run"] = spies.weights_of(model)


OBSERVE = {"pytorch": _observe_pytorch, "keras": _observe_keras}
