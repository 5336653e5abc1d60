"""Lesson 03, `fit_and_track`: a run as it was seen, in both tracks, and what must be reported of it."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.histories import EpochsRun, History
from course_lib.checks.linear import GAIN, LR, TILT
from course_lib.checks.mistakes.averaging import Batches
from course_lib.checks.mistakes.training import same
from course_lib.checks.plain import dict_of
from course_lib.checks.reading import Reading, alike, rows_of
from course_lib.checks.updates import Updates

__all__ = ["Fit", "KerasFit", "order_of"]


def order_of(epoch: int, rows: int) -> list[int]:
    """Return the order in which a loader gives its rows in an epoch, another one in each."""
    return [(7 * epoch + (1 if epoch % 2 == 0 else -1) * i) % rows for i in range(rows)]


class Fit(EpochsRun):
    """A run of ``fit_and_track`` in PyTorch, on a spied model."""

    def batches(self, epoch: int) -> list[linear.Batch]:
        """Return an epoch's training batches."""
        x, y = self.inputs[1]
        order = order_of(epoch, len(y)) if self.how.get("reordered") else slice(None)
        return linear.batches_of(x[order], y[order], self.how["batch_size"])

    def on_val(self, what: str) -> bool:
        """Whether a "step" or a "backward" followed on a pass of validation rows."""
        return self.updated_on(self.inputs[2][0], what)

    @property
    def modes(self) -> list[bool]:
        """For each training pass whether the model was in training mode."""
        return [event["training"] for event in self.trained]

    @property
    def epochs_run(self) -> float:
        """How often the training rows were trained on."""
        return sum(self.modes) / len(self.rows_in["loss"])

    @property
    def val_between_updates(self) -> bool:
        """Whether validation rows were measured before all batches of an epoch had been trained on."""
        batches, steps = len(self.rows_in["loss"]), 0
        for event in self.of("forward", "step"):
            steps += event["what"] == "step"
            if event["what"] == "forward" and self.is_val(event) and steps % batches:
                return self.e.error is None and len(self.of("step")) == batches * self.epochs
        return False

    @property
    def val_loss_not_called(self) -> bool:
        """Whether validation rows were measured without the loss function handed over."""
        pairs = pairwise(self.of("forward", "loss"))
        called = any(b["what"] == "loss" and a["what"] == "forward" and self.is_val(a) for a, b in pairs)
        return self.e.error is None and bool(self.val_passes) and not called

    @property
    def one_val_batch(self) -> bool:
        """Whether in each epoch only the first validation batch went through the model."""
        first, *others = self.rows_in["val_loss"]
        passed = [rows_of(event) for event in self.val_passes]
        return self.e.error is None and bool(others and passed) and all(rows == rows_of(first[0]) for rows in passed)

    @property
    def put_back(self) -> bool:
        """Whether the run ended with the weights of an earlier epoch, though all epochs were trained."""
        final, (*earlier, last) = self.noted("weights_after_the_run"), self.weights[1:]
        if len(self.of("step")) != self.epochs * len(self.rows_in["loss"]):
            return False
        return not same(final, last) and any(same(final, weights) for weights in earlier)

    @property
    def restarted(self) -> np.ndarray:
        """The weights after a run whose optimizer forgets its state after each epoch."""
        weights = self.weights[0]
        for epoch in range(self.epochs):
            weights = linear.train(weights, self.batches(epoch), LR, GAIN, self.how["momentum"]).weights
        return weights

    @property
    def optimizer_replaced(self) -> bool:
        """Whether the optimizer handed over took the steps of the first epochs, and something else those after them."""
        final, batches = self.noted("weights_after_the_run"), len(self.rows_in["loss"])
        if self.how.get("momentum") and same(final, self.restarted):
            return True
        epochs, rest = divmod(len(self.of("step")), batches)
        if rest or not 0 < epochs < self.epochs or len(self.of("backward")) != self.epochs * batches:
            return False
        return not same(final, self.weights[epochs])

    @property
    def batches_kept(self) -> bool:
        """Whether a loader that gives another order in each epoch was read once, and its batches used for all."""
        rows, n = [v for event in self.trained for v in event["rows"]], len(self.inputs[1][1])
        return bool(self.how.get("reordered")) and len(rows) == 2 * n and rows[:n] == rows[n:]


class KerasFit(Updates, History):
    """A run of ``fit_and_track`` in Keras: what must be reported follows from the updates that were made."""

    tolerance = (1e-3, 1e-5)

    def __init__(self, e: Evidence):
        super().__init__(e)
        self.rows_in = {
            "loss": linear.batches_of(self.train[0], self.train[1], self.batch_size),
            "val_loss": linear.batches_of(self.val[0], self.val[1], self.batch_size),
        }
        #: How many updates all epochs make.
        self.batches_due = len(self.rows_in["loss"]) * self.epochs

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """The weights at the start, and those after each epoch."""
        return [self.start, *self.weights_by_epoch]

    @cached_property
    def parts(self) -> dict[str, list[Batches]]:
        """By key, for each epoch, the losses and sizes of the batches behind its number."""
        batches = self.rows_in["val_loss"]
        sizes = linear.sizes_of(batches)
        return {
            "loss": [([v for v, _ in epoch], [n for _, n in epoch]) for epoch in self.by_epoch if epoch],
            "val_loss": [([linear.mean_loss(w, [batch]) for batch in batches], sizes) for w in self.weights[1:]],
        }

    @cached_property
    def sets_seen(self) -> set[str]:
        """From which sets rows went through the model."""
        return {name for event in self.events for name in self.sets(event)}

    @property
    def remembers(self) -> bool:
        """Whether the same call, with all rows in one batch, gave another history the second time."""
        first = dict_of(self.noted("earlier_result"))
        if first is None or dict_of(self.e.result) is None or self.batch_size < len(self.train[1]):
            return False
        before = Evidence(self.inputs, {"result": self.noted("earlier_result")})
        return not all(
            alike(Reading(before).numbers(key), [np.nan if v is None else v for v in self.numbers(key)], 1e-3)
            for key in ("loss", "val_loss")
        )

    @property
    def epochs_run(self) -> float:
        """How often the training rows were trained on."""
        return self.rows_trained / len(self.train[1])

    @property
    def swapped(self) -> bool:
        """Whether the first update followed the gradient of a loss that got its two arguments the other way round."""
        if not self.updates:
            return False
        update = self.updates[0]
        x, _ = batch = self.batch(update.event)
        # Outputs in the place of targets are what the loss's tilt would be on, and targets have no gradient.
        tilt = GAIN * TILT * np.append(x.mean(axis=0), 1.0)
        gradient = linear.loss_and_gradient(update.before, batch, GAIN)[1] - tilt
        return bool(np.allclose(update.before - self.how["lr"] * gradient, update.after, rtol=1e-4, atol=2e-5))

    @property
    def split_off(self) -> bool:
        """Whether some training rows were trained on, and others measured."""
        trained = {i for u in self.updates for name, i in self.rows(u.event) if name == "train"}
        measured = {i for ev in self.events if not ev["training"] for name, i in self.rows(ev) if name == "train"}
        return bool(trained and measured) and trained.isdisjoint(measured) and len(trained) < len(self.train[1])
