"""What a loop over epochs must report, epoch by epoch, beside what came back of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.case import Evidence
from course_lib.checks.linear import GAIN, LR
from course_lib.checks.mistakes.averaging import Batches
from course_lib.checks.mistakes.training import Loop
from course_lib.checks.plain import dict_of, list_of, show, show_apart
from course_lib.checks.reading import Event, Reading, alike, rows_of

__all__ = ["EpochsRun", "History"]


class History(Reading):
    """What came back of a run, lists under "loss" and "val_loss", beside what must."""

    #: Relative and absolute tolerance of a loss.
    tolerance = (1e-4, 1e-6)
    epochs: int
    #: By key, the rows in batches.
    rows_in: dict[str, list[linear.Batch]]

    @property
    def weights(self) -> list[np.ndarray]:
        """The weights at the start, and those after each epoch."""
        raise NotImplementedError

    @property
    def parts(self) -> dict[str, list[Batches]]:
        """By key, for each epoch, the losses and sizes of the batches behind its number."""
        raise NotImplementedError

    def right(self, key: str) -> list[float]:
        """Return what must stand under a key."""
        return [linear.averaged(epoch) for epoch in self.parts[key]]

    def measured(self, key: str, weights: list[np.ndarray], gain: float = 1.0) -> list[float]:
        """Return the mean loss of the rows behind a key at each of these weights."""
        return [linear.mean_loss(w, self.rows_in[key], gain) for w in weights]

    def gives(self, key: str, faulty: list[float]) -> bool:
        """Whether these numbers stand under a key, and are not what must."""
        return alike(self.numbers(key), faulty, *self.tolerance) and not alike(faulty, self.right(key), *self.tolerance)

    @property
    def lengths(self) -> dict[str, int]:
        """How many entries the lists have, by key."""
        found = dict_of(self.e.result) or {}
        return {key: len(v) for key in ("loss", "val_loss") if (v := list_of(found.get(key))) is not None}

    def problem(self, key: str) -> str | None:
        """Return what is wrong with the numbers under a key, or ``None``."""
        found, right = dict_of(self.e.result), self.right(key)
        if found is None:
            return f"it should return a dictionary with the keys 'loss' and 'val_loss'; yours is {show(self.e.result)}"
        if key not in found:
            return f"the key {key!r} is missing; the dictionary has {', '.join(found) or 'no keys'}"
        if self.lengths.get(key) != len(right):
            return f"{key!r} must be a list of {len(right)} numbers, one for each epoch; yours is {show(found[key])}"
        yours, truth = show_apart(found[key], right)
        return None if alike(self.numbers(key), right, *self.tolerance) else f"{key!r}: yours {yours}, right {truth}"


class EpochsRun(Loop, History):
    """One call of a loop of a learner's own, on a spied model and batches for training and for validation.

    Its inputs are the weights at the start, training and validation rows, and how the answer was called.
    """

    def __init__(self, e: Evidence):
        super().__init__(e)
        _, train, val, how = e.inputs
        self.epochs = how["epochs"]
        self.rows_in = {
            "loss": linear.batches_of(train[0], train[1], how["batch_size"]),
            "val_loss": linear.batches_of(val[0], val[1], how["val_batch_size"]),
        }

    def gain(self, key: str, epoch: int) -> float:
        """Return the factor on the outputs in the passes behind an epoch's number."""
        return GAIN if key == "loss" else 1.0

    def batches(self, epoch: int) -> list[linear.Batch]:
        """Return an epoch's training batches."""
        return self.rows_in["loss"]

    @cached_property
    def runs(self) -> list[linear.Run]:
        """The epochs as they must come out."""
        momentum, velocity = self.how.get("momentum", 0.0), np.zeros(3)
        weights, found = np.array(self.inputs[0], dtype=np.float64), []
        for epoch in range(self.epochs):
            batches = self.batches(epoch)
            found.append(linear.train(weights, batches, LR, self.gain("loss", epoch), momentum, velocity))
            weights = found[-1].weights
        return found

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """The weights at the start, and those after each epoch."""
        return [np.array(self.inputs[0], dtype=np.float64), *(run.weights for run in self.runs)]

    @cached_property
    def parts(self) -> dict[str, list[Batches]]:
        """By key, for each epoch, the losses and sizes of the batches behind its number."""
        sizes = {key: linear.sizes_of(batches) for key, batches in self.rows_in.items()}

        def measured(epoch: int, weights: np.ndarray) -> Batches:
            gain = self.gain("val_loss", epoch)
            return [linear.mean_loss(weights, [batch], gain) for batch in self.rows_in["val_loss"]], sizes["val_loss"]

        return {
            "loss": [(run.losses, sizes["loss"]) for run in self.runs],
            "val_loss": [measured(epoch, weights) for epoch, weights in enumerate(self.weights[1:])],
        }

    def is_val(self, event: Event) -> bool:
        """Whether validation rows were in a pass."""
        return bool(rows_of(event) & rows_of(self.inputs[2][0]))

    @cached_property
    def val_passes(self) -> list[Event]:
        """The passes of validation rows."""
        return [event for event in self.passes if self.is_val(event)]

    @cached_property
    def train_passes(self) -> list[Event]:
        """The passes of training rows alone."""
        return [event for event in self.passes if not self.is_val(event)]

    @cached_property
    def trained(self) -> list[Event]:
        """Those of them in which gradients were recorded."""
        return [event for event in self.train_passes if event["grad"]]

    def any_val(self, note: str) -> Any:
        """Whether some pass of validation rows has a note, such as "training" or "grad"."""
        return any(event[note] for event in self.val_passes)
