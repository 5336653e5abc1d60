"""Lesson 05: one epoch of training as it was seen, and the two losses that belong to it.

In PyTorch the batches are those of the loader, so the losses follow from the inputs; Keras may shuffle the rows, so
there they follow from the updates that were seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from course_lib.checks import linear
from course_lib.checks.linear import GAIN, LR, START
from course_lib.checks.mistakes.training import Loop
from course_lib.checks.reading import Event
from course_lib.checks.updates import Updates

__all__ = ["InKeras", "InPyTorch", "Truth", "truth_of"]


@dataclass(frozen=True)
class Truth:
    """One epoch as it was trained: the weights around it, each batch's loss before and after its update."""

    before: np.ndarray
    after: np.ndarray
    losses: list[float]
    batches: list[linear.Batch]
    losses_after: list[float]
    #: The batches in which the rows were measured again.
    measured: list[linear.Batch]
    momentum: float = 0.0

    @property
    def sizes(self) -> list[int]:
        """Samples in each batch."""
        return [len(y) for _, y in self.batches]

    @property
    def pair(self) -> tuple[float, float]:
        """The loss along the way, and at the weights after the epoch."""
        return linear.averaged((self.losses, self.sizes)), linear.mean_loss(self.after, self.batches)

    def losses_in_eval(self, updated: bool = False) -> list[float]:
        """Return the batch losses before each update, or after it where ``updated``, in evaluation mode."""
        return linear.losses_in_eval(self.before, self.batches, self.momentum, updated=updated)


def truth_of(start: Any, train: Any, how: dict[str, Any]) -> Truth:
    """Return the epoch that follows from a case's inputs in PyTorch."""
    batches, momentum = linear.batches_of(train[0], train[1], how["batch_size"]), how.get("momentum", 0.0)
    run = linear.train(start, batches, LR, GAIN, momentum)
    return Truth(np.array(START), run.weights, run.losses, batches, run.after, batches, momentum)


class InPyTorch(Loop):
    """One call in PyTorch."""

    @cached_property
    def truth(self) -> Truth:
        """The epoch as the inputs say."""
        return truth_of(*self.inputs)

    @cached_property
    def later(self) -> list[Event]:
        """The passes after the last step; of several over the rows, the last."""
        found: list[Event] = []
        for event in self.of("forward", "step"):
            found = [] if event["what"] == "step" else [*found, event]
        rows = sum(len(event["rows"]) for event in found)
        while found and rows - len(found[0]["rows"]) >= len(self.inputs[1][1]):
            rows -= len(found[0]["rows"])
            found = found[1:]
        return found

    @property
    def along_the_way(self) -> bool:
        """Whether rows were measured in evaluation mode after an update and before the last one."""
        found = self.of("forward", "step")
        steps = [i for i, event in enumerate(found) if event["what"] == "step"]
        between = found[steps[0] : steps[-1]] if steps else []
        return any(event["what"] == "forward" and not event["training"] and not event["grad"] for event in between)


class InKeras(Updates):
    """One call in Keras."""

    @cached_property
    def truth(self) -> Truth:
        """The epoch as its updates were seen."""
        updates = self.updates[: -(-len(self.train[1]) // self.batch_size)]
        batches = [self.batch(update.event) for update in updates]
        after = [linear.mean_loss(update.after, [batch], GAIN) for update, batch in zip(updates, batches, strict=True)]
        losses = [loss for loss, _ in self.losses[: len(updates)]]
        measured = [self.batch(event) for event in self.later]  # `fit` shuffles the rows, `evaluate` does not
        return Truth(self.start, updates[-1].after, losses, batches, after, measured or batches)

    @cached_property
    def later(self) -> list[Event]:
        """The passes after the first epoch's last update."""
        changed = [id(update.event) for update in self.updates]
        # A single one if the batches were too large.
        wanted = min(-(-len(self.train[1]) // self.batch_size), len(changed))
        places = [i for i, event in enumerate(self.events) if id(event) in changed]
        return self.events[places[wanted - 1] + 1 :] if places else []

    @property
    def along_the_way(self) -> bool:
        """Whether rows were measured in inference mode after an update and before the last one."""
        modes = [bool(event["training"]) for event in self.events]
        return any(modes) and not all(modes[modes.index(True) : len(modes) - modes[::-1].index(True)])
